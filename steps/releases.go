package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/checkout"
)

// ReleaseOption is a release that a run can be about.
type ReleaseOption struct {
	Tag       string
	Shown     clean.Text // the tag, for the screen
	Published time.Time
	Draft     bool // not published yet, so it can't be chosen
	// Prerelease says that GitHub's label of a pre-release is on it.
	Prerelease bool
	Latest     bool // GitHub names it as the latest release
	// Deployed says how it is known that this release is what is deployed now; empty if it
	// isn't, or that isn't known. Newer marks a draft of a later release than that.
	Deployed clean.Text
	Newer    bool
	URL      string
}

// wellFormedTag reports whether tag is a valid image tag by the OCI distribution
// specification.
func wellFormedTag(tag string) bool { return imageTag().MatchString(tag) }

var imageTag = pattern.Lazy(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// WellFormedRelease reports whether tag may be a release's: a name that git takes for a tag
// (git-check-ref-format) of characters that neither a shell nor an address reads in its own
// way. Where one repository releases several parts, tags are such as catalog/v1.2.0 or
// @openverse/catalog@1.2.0, which no image can have.
func WellFormedRelease(tag string) bool {
	return len(tag) <= 128 && releaseTag().MatchString(tag) && !strings.Contains(tag, "..") && !strings.HasSuffix(tag, ".") &&
		!strings.Contains(tag+"/", ".lock/") && !strings.Contains(tag, "./")
}

var releaseTag = pattern.Lazy(`^@?[a-zA-Z0-9_][a-zA-Z0-9._@-]*(?:/[a-zA-Z0-9_][a-zA-Z0-9._@-]*)*$`)

// Choose sets the release that the run deploys.
func (e *Engine) Choose(tag string) error {
	if !WellFormedRelease(tag) {
		return fmt.Errorf("choosing the release: %q is not a tag", clean.Line(tag))
	}
	if err := e.record(runbook.ReleaseChosen{Head: e.head(), Tag: tag}); err != nil {
		return err
	}
	e.counting.Lock()
	defer e.counting.Unlock()
	clear(e.checks)
	return nil
}

// MapTag returns the tag of a release's image. A mapping says how it is formed, such as
// "catalog-{x} -> rel-{x}", where {x} is the same in both; "" leaves the tag as it is. The
// error says that the mapping is malformed, that the release's tag isn't of its form, or that
// no image can have the tag.
func MapTag(mapping, tag string) (string, error) {
	if mapping == "" {
		if part := strings.LastIndexAny(tag, "/@") + 1; part > 0 && WellFormedRelease(tag) {
			return "", fmt.Errorf("no image can have the tag %s; hint: say how the image's tag is formed, such as tag = \"%s{x} -> {x}\" under [image]", clean.Line(tag), clean.Line(tag[:part]))
		}
		return tag, nil
	}
	from, to, ok := strings.Cut(mapping, "->")
	if !ok || strings.Count(from, "{x}") != 1 || strings.Count(to, "{x}") != 1 {
		return "", fmt.Errorf("%q doesn't say how an image's tag is formed; hint: write tag = \"catalog-{x} -> rel-{x}\" under [image]", clean.Line(mapping))
	}
	before, after, _ := strings.Cut(strings.TrimSpace(from), "{x}")
	x, begins := strings.CutPrefix(tag, before)
	x, ends := strings.CutSuffix(x, after)
	if !begins || !ends || x == "" {
		return "", fmt.Errorf("the tag %s isn't of the form %s, with which [image] tag begins", clean.Line(tag), clean.Line(strings.TrimSpace(from)))
	}
	formed := strings.ReplaceAll(strings.TrimSpace(to), "{x}", x)
	if !wellFormedTag(formed) {
		return "", fmt.Errorf("[image] tag makes %s of the tag %s, which no image can have", clean.Line(formed), clean.Line(tag))
	}
	return formed, nil
}

// CheckMapping returns an error if text isn't a mapping of tags.
func CheckMapping(text string) error {
	from, _, _ := strings.Cut(text, "->")
	_, err := MapTag(text, strings.ReplaceAll(strings.TrimSpace(from), "{x}", "1"))
	return err
}

// Releases returns the newest releases of the runbook's repository, newest first,
// with the drafts that the token may see.
func (e *Engine) Releases(ctx context.Context) ([]ReleaseOption, error) {
	b := e.Bound().ReleaseStep()
	if b == nil {
		return nil, errors.New("the runbook has no release step, so there is nothing to choose from")
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	all, err := b.Kind.Releases(ctx, e.input(b))
	if err != nil {
		return nil, err
	}
	for i := range all {
		if !all[i].Draft && !all[i].Prerelease {
			e.markDeployed(ctx, b, all, all[i].Tag)
			break
		}
	}
	return all, nil
}

// markDeployed marks the release that is deployed now, and the drafts that are newer. like
// is a release.
func (e *Engine) markDeployed(ctx context.Context, b *Binding, all []ReleaseOption, like string) {
	now, _ := e.deployed(ctx, b, like)
	at := -1
	for i := range all {
		if now.Version != "" && SameTag(e.Bound().imageOf(all[i].Tag), now.Version) {
			all[i].Deployed, at = clean.Linef("%s names it in %s", now.Branch, now.File), i
		}
	}
	for i := range max(at, 0) {
		all[i].Newer = all[i].Draft
	}
}

// Back finds out from which release to which one a rollback goes, and how that is known.
// runs yields the events of earlier runs on the same environment, the newest first. What
// they deployed counts unless the checkout's main branch shows that others have deployed
// since. If to is known already, only from is looked for.
func (e *Engine) Back(ctx context.Context, runs iter.Seq[[]runbook.Event], to string) (from, back string, why clean.Text, err error) {
	const hint = "name the release to go back to with --release"
	options, err := e.Releases(ctx)
	if err != nil && to == "" {
		return "", "", clean.Text{}, say.Hint(fmt.Errorf("looking for the release to go back to: %w", err), hint)
	}
	release := func(version string) string {
		i := slices.IndexFunc(options, func(o ReleaseOption) bool { return version != "" && SameTag(e.Bound().imageOf(o.Tag), version) })
		if i < 0 {
			return ""
		}
		return options[i].Tag
	}
	var now checkout.Deployed
	if i := slices.IndexFunc(options, func(o ReleaseOption) bool { return !o.Draft && !o.Prerelease }); i >= 0 {
		now, _ = e.deployed(ctx, e.Bound().ReleaseStep(), options[i].Tag)
	}
	from, back = release(now.Version), to
	for events := range runs {
		last, version, ok := lastDeployment(e.Bound().Specs(), events)
		if !ok {
			continue
		}
		if named := release(now.Version); named == "" || named == last || named == release(version) {
			from = last
			if back == "" {
				back, why = release(version), clean.Linef("the last deployment replaced it")
			}
		}
		break
	}
	if back == "" && from != "" && from == release(now.Version) {
		version, err := now.Previous(ctx)
		if err == nil {
			back, why = release(version), clean.Linef("%s named it before", now.Branch)
		}
	}
	if back == "" {
		return "", "", clean.Text{}, say.Hint(errors.New("it isn't known which release was deployed before"), hint)
	}
	return from, back, why, nil
}

// lastDeployment returns the release that a run began to deploy, and the version that was
// named before. It returns false if it began none.
func lastDeployment(specs []runbook.Spec, events []runbook.Event) (release, previous string, deployed bool) {
	for _, event := range events {
		switch ev := event.(type) {
		case runbook.ReleaseChosen:
			release = ev.Tag
		case runbook.Checked:
			previous = cmp.Or(ev.Result.Facts[FactPrevious], previous)
		case runbook.EffectFinished:
			previous = cmp.Or(ev.Result.Facts[FactPrevious], previous)
		case runbook.EffectStarted:
			deployed = deployed || slices.ContainsFunc(specs, func(s runbook.Spec) bool {
				return s.Deploys && s.ID == ev.Step && s.Effects[s.Course()-1].Name == ev.Effect
			})
		}
	}
	return release, previous, deployed
}

// SameTag reports whether two tags are the same, with or without a "v".
func SameTag(a, b string) bool { return strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v") }

// deployed returns what is deployed now, as the kind tells that knows it, and the tag of a
// release's image. A step of the same procedure as b is asked before others.
func (e *Engine) deployed(ctx context.Context, b *Binding, release string) (checkout.Deployed, string) {
	image := e.Bound().imageOf(release)
	var asked *Binding
	for i := range e.Bound().Steps {
		other := &e.Bound().Steps[i]
		if other.Kind.Deployed != nil && (asked == nil || asked.procedure != b.procedure && other.procedure == b.procedure) {
			asked = other
		}
	}
	if asked == nil {
		return checkout.Deployed{}, image
	}
	now, err := asked.Kind.Deployed(ctx, Input{Params: asked.Params, Facts: e.Run().Facts(asked.Step.ID), World: e.world}, image)
	if err != nil {
		return checkout.Deployed{}, image // it is of use, and not needed
	}
	return now, image
}

// imageOf returns the tag of a release's image, as the settings form it.
func (b *Bound) imageOf(release string) string {
	for i := range b.Steps {
		for _, p := range b.Steps[i].Kind.Params {
			if p.Setting != "[image] tag" {
				continue
			}
			if tag, err := MapTag(b.Steps[i].Params[p.Name], release); err == nil {
				return tag
			}
		}
	}
	return release
}

// Newest returns the tag of the release that GitHub names as the latest, or if it names
// none of the newest published one that isn't a pre-release. It is the default of commands
// that can't ask a person to choose.
func (e *Engine) Newest(ctx context.Context) (string, error) {
	all, err := e.Releases(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if r.Latest {
			return r.Tag, nil
		}
	}
	for _, r := range all {
		if !r.Draft && !r.Prerelease {
			return r.Tag, nil
		}
	}
	return "", errors.New("no release has been published yet")
}

// choosesRelease reports whether the run's release is chosen at this step.
func (b *Binding) choosesRelease() bool { return b.Kind.Releases != nil }

// ReleaseStep returns the first step at which the run's release is chosen, nil if
// there is none.
func (b *Bound) ReleaseStep() *Binding {
	for i := range b.Steps {
		if b.Steps[i].choosesRelease() {
			return &b.Steps[i]
		}
	}
	return nil
}

// Sections returns the progress of each section that has steps of its own, in the
// order of the document.
func Sections(b *Bound, run *runbook.Run, now time.Time) []Progress {
	var all []Progress
	for i := range b.Steps {
		step := b.Steps[i].Step
		if b.Steps[i].Kind.Question {
			continue
		}
		if n := len(all); n == 0 || all[n-1].Section != step.Section {
			all = append(all, Progress{Section: step.Section})
		}
		all[len(all)-1].Add(false, run.HeldBy(step.ID, now))
	}
	return all
}

// Progress counts the steps of a section.
type Progress struct {
	Section *document.Section
	runbook.Tally
}

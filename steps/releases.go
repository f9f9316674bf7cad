package steps

import (
	"context"
	"errors"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
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
	URL        string
}

// WellFormedTag reports whether tag is a valid image tag by the OCI distribution
// specification.
func WellFormedTag(tag string) bool { return imageTag().MatchString(tag) }

var imageTag = pattern.Lazy(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// Releases returns the newest releases of the runbook's repository, newest first,
// with the drafts that the token may see.
func (e *Engine) Releases(ctx context.Context) ([]ReleaseOption, error) {
	b := e.bound.ReleaseStep()
	if b == nil {
		return nil, errors.New("the runbook has no release step, so there is nothing to choose from")
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	return b.Kind.Releases(ctx, e.input(b))
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
		if n := len(all); n == 0 || all[n-1].Section != step.Section {
			all = append(all, Progress{Section: step.Section})
		}
		p := &all[len(all)-1]
		p.Steps++
		switch status := run.Status(step.ID, now); {
		case run.Holds(step.ID, now), status == runbook.Stale:
			p.Done++
		}
	}
	return all
}

// Progress counts the steps of a section.
type Progress struct {
	Section *document.Section
	Steps   int
	Done    int // steps that hold, or held when they were last checked
}

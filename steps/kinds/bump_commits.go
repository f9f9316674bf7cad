package kinds

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
)

// bumping is a look at the checkout before, during or after the bump. A recipe may leave
// the bump in the work tree, commit it, push it, or put it on a branch of its own.
type bumping struct {
	*steps.Report
	in        steps.Input
	tree      checkout.Checkout
	status    checkout.Status
	diff      checkout.Diff // from the last commit
	main, tag string
	base      string // the commit at which the checkout was ready; "" if that was never seen
}

// requestLink matches the address of a pull request of GitHub or a merge request of GitLab.
var requestLink = pattern.Lazy(`https://[A-Za-z0-9._~:/-]+/(?:pull|merge_requests)/[0-9]+`)

// remember keeps what earlier checks of this step have found, or what the command was
// begun with.
func (b *bumping) remember() {
	for _, fact := range []runbook.Fact{factBumpBase, steps.FactPrevious, factBumpRequest} {
		if value := cmp.Or(b.in.Facts[fact], b.in.Before[fact]); value != "" {
			b.Facts[fact] = value
		}
	}
	b.base = b.Facts[factBumpBase]
	if link := b.Facts[factBumpRequest]; link != "" {
		b.Saw("pull request", link, "just bump")
	}
}

// ahead judges a main branch that has commits which its upstream doesn't have. The bump
// may be one of them, but nothing else.
func (b *bumping) ahead(ctx context.Context) runbook.Result {
	ahead := fmt.Sprintf("The infrastructure checkout has %s that %s doesn't have", say.Count(b.status.Ahead, "commit"), b.status.Upstream)
	if b.tag == "" {
		return b.Failed("%s: push them, or drop them.", ahead)
	}
	diff, where, err := b.compared(ctx, checkout.Upstream)
	if err != nil {
		return b.Problem("Reading the commits of the infrastructure checkout", err)
	}
	if _, err := b.change(ctx, diff); err != nil {
		return b.Failed("%s, and they are not the bump to %s alone: %s. Push them, or drop them.", ahead, b.tag, err)
	}
	return b.judge(ctx, diff, where)
}

// unpushed returns what is left to do about a bump that is committed and nowhere else.
func (b *bumping) unpushed() string {
	if b.status.Ahead == 0 {
		return ""
	}
	return fmt.Sprintf(" %s doesn't have it yet: push it, or open its pull request.", b.status.Upstream)
}

// compared returns what has changed since a commit, and a clause that names the commits.
func (b *bumping) compared(ctx context.Context, since string) (diff checkout.Diff, where string, err error) {
	diff, err = b.tree.Since(ctx, since)
	if err != nil {
		return diff, "", err
	}
	diff = withoutPlan(diff, b.in.Facts[factPlanFile], func() (string, error) { return b.in.Facts[factPlanHash], nil })
	newest, n, err := b.tree.Commits(ctx, since)
	if err != nil {
		return diff, "", err
	}
	for _, c := range newest {
		b.Saw("commit", fmt.Sprintf("%s %s (%s)", say.Shorten(c.ID, 12), c.Subject, c.Author), "git log")
	}
	switch {
	case n == 1:
		return diff, " in the commit " + newest[0].ID[:12], nil
	case n > 1:
		return diff, fmt.Sprintf(" in %s up to %s", say.Count(n, "commit"), newest[0].ID[:12]), nil
	}
	return diff, "", nil
}

// since judges a main branch that has moved since the checkout was ready: the recipe may
// have committed and pushed the bump, or its pull request was merged. It returns false if
// the branch hasn't moved, or not by a bump.
func (b *bumping) since(ctx context.Context) (runbook.Result, bool) {
	moved, err := b.tree.Has(ctx, b.status.Commit, b.base)
	if err != nil {
		return b.Problem("Reading the commits of the infrastructure checkout", err), true
	}
	if !moved {
		return runbook.Result{}, false
	}
	diff, where, err := b.compared(ctx, b.base)
	if err != nil {
		return b.Problem("Reading the commits of the infrastructure checkout", err), true
	}
	if _, err = b.change(ctx, diff); err == nil {
		return b.judge(ctx, diff, where), true
	}
	if b.in.Before == nil || !diff.Adds(b.tag) {
		return runbook.Result{}, false // others have changed it
	}
	showDiff(b.Report, diff)
	return b.Unknown("%s is bumped to %s%s, but more has changed since %s: %s. If you know what came with it, skip this step and say so.", b.main, b.tag, where, say.Shorten(b.base, 12), err), true
}

// elsewhere is the result for a checkout that is not on its main branch.
func (b *bumping) elsewhere(ctx context.Context) runbook.Result {
	if b.status.Branch != "" && b.tag != "" && b.status.Clean {
		if diff, err := b.tree.OwnChanges(ctx, b.main); err == nil && b.isBump(ctx, diff) {
			return b.Failed("The bump is committed on the branch %q, not on %q: %s, then switch to %q and pull.", b.status.Branch, b.main, b.merge(), b.main)
		}
	}
	return b.Failed("The infrastructure checkout is on %q, not on its main branch %q: switch to it.", b.status.Branch, b.main)
}

// branched looks for a branch with the bump, which a recipe has made that opens a pull
// request. It returns false if there is none.
func (b *bumping) branched(ctx context.Context) (runbook.Result, bool) {
	branches, err := b.tree.Branches(ctx)
	if err != nil {
		return runbook.Result{}, false // such as a branch of which a partial clone has only the name
	}
	for _, branch := range branches {
		if b.isBump(ctx, branch.Diff) {
			showDiff(b.Report, branch.Diff)
			return b.Failed("The bump is on the branch %q, and %q doesn't have it: %s, then pull.", branch.Name, b.main, b.merge()), true
		}
	}
	return runbook.Result{}, false
}

func (b *bumping) merge() string {
	if link := b.Facts[factBumpRequest]; link != "" {
		return "have " + link + " merged"
	}
	return "have its pull request merged"
}

// change returns the change of a version to the tag of the release's image.
func (b *bumping) change(ctx context.Context, diff checkout.Diff) (checkout.Change, error) {
	tag := cmp.Or(b.in.Await(ctx, factImageTag), b.tag)
	change, err := checkout.VersionChange(diff, tag)
	if err != nil && tag != b.tag {
		err = fmt.Errorf("%w; the image of %s has the tag %s", err, b.tag, tag)
	}
	return change, err
}

func (b *bumping) isBump(ctx context.Context, diff checkout.Diff) bool {
	_, err := b.change(ctx, diff)
	return err == nil && checkout.PlaceOf(diff, b.in.Params["environment"], b.in.Params["service"]) == checkout.Place{}
}

// digests compares the digests that a version was changed to with those of the image. It
// returns false and the result if they aren't known to be the same.
func (b *bumping) digests(ctx context.Context, change checkout.Change) (runbook.Result, bool) {
	if len(change.Digests) == 0 && change.Kept == "" {
		return runbook.Result{}, true
	}
	image := b.in.Await(ctx, factImageDigest)
	manifests := strings.Split(strings.TrimSpace(b.in.Await(ctx, factImageManifests)), "\n")
	if kept := change.Kept; kept != "" && (image == "" || !strings.Contains(kept, image)) {
		return b.Unknown("The tag is changed, and a digest near it is not: %s. If that is the image's, it wins over the tag.", kept), false
	}
	for _, digest := range change.Digests {
		b.Saw("digest", digest, "git diff")
		platform := ""
		for _, line := range manifests {
			if of, words, _ := strings.Cut(line, " "); of == digest {
				platform = words
			}
		}
		switch {
		case image == "":
			return b.Unknown("The version is changed to the digest %s, and that of %s is unknown: verify the image first.", short(digest), b.tag), false
		case digest == image:
		case platform != "" && len(manifests) == 1:
			b.Saw("digest of", platform+", the only platform of "+short(image), "registry")
		case platform != "":
			return b.Unknown("The digest %s is that of %s for %s alone, one of its %d platforms: skip this step if that is what it runs on, and say so.", short(digest), b.tag, platform, len(manifests)), false
		default:
			return b.Failed("The version is changed to the digest %s, but %s is %s in the registry.", short(digest), b.tag, short(image)), false
		}
	}
	return runbook.Result{}, true
}

// short returns the beginning of a digest, which is enough to tell it from others, and a
// tag as it is.
func short(version string) string {
	if digest, ok := strings.CutPrefix(version, "sha256:"); ok {
		return "sha256:" + digest[:min(len(digest), 12)]
	}
	return version
}

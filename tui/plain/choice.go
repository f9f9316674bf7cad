package plain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/steps/questions"
)

// pick prints numbered options and returns the index of the one that is chosen.
func (w *walk) pick(options []string) (int, bool) {
	for i, o := range options {
		w.out.line("  %d. %s", i+1, o)
	}
	ask := fmt.Sprintf("type a number from 1 to %d", len(options))
	if len(options) == 1 {
		ask = "type 1 to do it"
	}
	answer, ok := w.question("Choose", say.Capital(ask)+".", func(line string) string {
		if n, err := strconv.Atoi(line); err != nil || n < 1 || n > len(options) {
			return ask
		}
		return ""
	})
	if !ok {
		return 0, false
	}
	n, _ := strconv.Atoi(answer)
	return n - 1, true
}

// choose chooses the release: the one named, or one of a list.
func (w *walk) choose(named string) {
	if !w.may(runbook.Choose, "") {
		return
	}
	tag, ok := w.chooseListed(named)
	if !ok {
		return
	}
	if err := w.Engine.Choose(tag); err != nil {
		w.fail(err)
		return
	}
	w.out.line("Release: %s.", clean.Line(tag))
	if b := w.Engine.Bound().ReleaseStep(); b != nil {
		w.at = b
		w.check(b)
	}
}

// chooseListed returns the tag of the release that is chosen: the one that is named by its tag,
// if it is listed, else one of the list, by its tag or number.
func (w *walk) chooseListed(named string) (tag string, ok bool) {
	var listed []steps.ReleaseOption
	var err error
	if !w.during("asking for the newest releases", func(ctx context.Context) { listed, err = w.Engine.Releases(ctx) }) {
		return "", false
	}
	if err != nil {
		w.out.line("The releases can't be listed: %s", clean.Line(err.Error()))
		if named != "" {
			return w.unlisted(named, "Can't check whether it exists.")
		}
		return w.question("Release", "Type the tag of the release.", func(string) string { return "" })
	}
	var tags, drafts []string
	for _, option := range listed {
		if option.Draft {
			drafts = append(drafts, option.Tag)
		} else {
			tags = append(tags, option.Tag)
		}
	}
	switch {
	case slices.Contains(tags, named):
		return named, true
	case slices.Contains(drafts, named):
		w.out.line("Not done: %s is a draft: publish it first.", clean.Line(named))
		return "", false
	case len(tags) == 0 && named == "":
		w.out.line("Not done: no release is published yet.")
		return "", false
	case named != "":
		meant := ""
		if i := slices.IndexFunc(tags, func(tag string) bool { return bareTag(tag) == bareTag(named) }); i >= 0 {
			meant = " Did you mean " + clean.Line(tags[i]).String() + "?"
		}
		return w.unlisted(named, "GitHub lists "+cmp.Or(strings.Join(tags, ", "), "no published release")+"."+meant)
	}
	n := 0
	for _, option := range listed {
		hint, deployed := questions.Release(w.run(), option)
		if deployed != "" {
			hint = strings.TrimPrefix(hint, "deployed now, ") + ". " + deployed
		}
		if option.Draft {
			w.out.line("Draft: %s, %s.", option.Shown, hint)
			continue
		}
		if n++; n == 1 {
			w.out.line("Choose: %s", questions.Which(w.run()))
		}
		w.out.line("  %d. %s, %s", n, option.Shown, hint)
	}
	at := func(answer string) int {
		if i := slices.Index(tags, answer); i >= 0 {
			return i
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(tags) {
			return n - 1
		}
		return -1
	}
	answer, ok := w.question("Choose", fmt.Sprintf("Type a tag, or a number from 1 to %d.", len(tags)), func(line string) string {
		if at(line) < 0 {
			return fmt.Sprintf("type one of these tags, or a number from 1 to %d; for a release that isn't listed, type choose and its tag later", len(tags))
		}
		return ""
	})
	if !ok {
		return "", false
	}
	return tags[at(answer)], true
}

// bareTag returns a tag without the v that people leave out.
func bareTag(tag string) string { return strings.TrimPrefix(tag, "v") }

// unlisted asks whether a tag that isn't listed is meant all the same: the list ends somewhere.
func (w *walk) unlisted(tag, why string) (string, bool) {
	shown := clean.Line(tag)
	w.out.line("Note: %s isn't among the newest releases. %s", shown, why)
	return w.question("Choose", "Type "+shown.String()+" again if that is what you mean.", func(line string) string {
		if line != tag {
			return "that is not " + shown.String()
		}
		return ""
	})
}

// world does what people do elsewhere, in practice.
func (w *walk) world(rest string) {
	if w.World == nil {
		w.out.line("Not done: this is not practice. Do it where it is done, then type verify.")
		return
	}
	var can []elsewhere.Act
	var options []string
	for _, a := range w.World.Acts() {
		if !a.Enabled && rest != "" {
			continue
		}
		if !a.Enabled {
			if done, ok := strings.CutPrefix(a.Hint, "done: "); ok {
				w.out.line("Done already: %s.", clean.Line(done))
			} else {
				w.out.line("Not now: %s, %s.", clean.Line(a.Label), clean.Line(a.Hint))
			}
			continue
		}
		can = append(can, a)
		options = append(options, clean.Linef("%s: %s", a.Label, a.Hint).String())
	}
	if len(can) == 0 {
		w.out.line("World: nothing is left to do elsewhere.")
		return
	}
	i, err := strconv.Atoi(rest)
	if rest == "" {
		w.out.line("World: what people do elsewhere.")
		var ok bool
		if i, ok = w.pick(options); !ok {
			return
		}
		i++
	} else if err != nil || i < 1 || i > len(can) {
		w.out.line("Not done: type world and a number from 1 to %d.", len(can))
		return
	}
	if err := w.World.Do(can[i-1].ID); err != nil {
		w.fail(err)
		return
	}
	w.acted = w.Now()
	w.tellNews()
	w.tellNext()
}

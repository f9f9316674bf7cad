package plain

import (
	"context"
	"fmt"
	"strconv"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/steps/questions"
)

// pick prints numbered options and returns the index of the one that is chosen.
func (w *walk) pick(options []string) (int, bool) {
	for i, o := range options {
		w.out.line("  %d. %s", i+1, o)
	}
	answer, ok := w.question("Choose", fmt.Sprintf("Type a number from 1 to %d.", len(options)), func(line string) string {
		if n, err := strconv.Atoi(line); err != nil || n < 1 || n > len(options) {
			return fmt.Sprintf("type a number from 1 to %d", len(options))
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
func (w *walk) choose(tag string) {
	if !w.may(runbook.Choose, "") {
		return
	}
	if tag == "" {
		var ok bool
		if tag, ok = w.chooseListed(); !ok {
			return
		}
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

// chooseListed lists the releases and returns the tag of the one that is chosen.
func (w *walk) chooseListed() (tag string, ok bool) {
	var tags, options []string
	var err error
	if !w.during("asking for the newest releases", func(ctx context.Context) {
		listed, problem := w.Engine.Releases(ctx)
		err = problem
		for _, option := range listed {
			hint, deployed := questions.Release(w.run(), option)
			if deployed != "" {
				hint += ". " + deployed
			}
			if option.Draft {
				w.out.line("Draft: %s, %s.", option.Shown, hint)
				continue
			}
			tags, options = append(tags, option.Tag), append(options, option.Shown.String()+", "+hint)
		}
	}) {
		return "", false
	}
	if err != nil {
		w.out.line("The releases can't be listed: %s", clean.Line(err.Error()))
		return w.question("Release", "Type the tag of the release.", func(string) string { return "" })
	}
	if len(options) == 0 {
		w.out.line("Not done: no release is published yet.")
		return "", false
	}
	w.out.line("Choose: %s", questions.Which(w.run()))
	i, ok := w.pick(options)
	if !ok {
		return "", false
	}
	return tags[i], true
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
		if !a.Enabled {
			w.out.line("Not now: %s, %s.", clean.Line(a.Label), clean.Line(a.Hint))
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
	w.tellNews()
	w.tellNext()
}

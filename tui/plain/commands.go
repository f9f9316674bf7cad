package plain

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/pick"
)

// command is a word that a person types, and what it does.
type command struct {
	name    string
	also    []string
	takes   string // what may follow it, for the help
	does    string
	more    string // what help about this command alone adds
	changes bool   // the run must be written for it
	do      func(w *walk, rest string)
}

// onStep is a command about a step: the one named after it, or the present one.
func onStep(do func(*walk, *steps.Binding)) func(*walk, string) {
	return func(w *walk, rest string) {
		if b, ok := w.named(rest); ok {
			w.at = b
			do(w, b)
		}
	}
}

// bare is a command that nothing follows.
func bare(do func(*walk)) func(*walk, string) { return func(w *walk, _ string) { do(w) } }

// commands returns the commands in the order of the help.
func commands() []command {
	return []command{
		{name: "next", also: []string{"n"}, does: "go to the next open step", do: bare((*walk).next)},
		{name: "show", also: []string{"step", "go"}, takes: "[STEP]", does: "go to a step and read it: its text, what was said and seen, what its command waits for", do: onStep((*walk).show)},
		{name: "why", also: []string{"explain"}, takes: "[STEP]", does: "read why such a step is there, what can go wrong, and how it looks where it is done", do: onStep((*walk).explain)},
		{name: "steps", also: []string{"list", "ls"}, does: "list the steps", do: bare((*walk).list)},
		{name: "status", does: "say how many steps are done, and where you are", more: "While a command runs, status says for how long, and how many lines it has printed.", do: bare((*walk).status)},
		{name: "verify", also: []string{"v", "check"}, takes: "[STEP|all]", does: "verify a step, or all of them", changes: true, do: (*walk).verify},
		{name: "wait", also: []string{"w"}, takes: "[STEP]", does: "verify a step again and again until it passes", more: "It prints what is waited for, and each change of that. stop or ctrl+c ends the wait.", changes: true, do: onStep((*walk).wait)},
		{name: "choose", also: []string{"c", "release"}, takes: "[TAG]", does: "choose the release to deploy", more: "Without a tag it lists the releases, and takes a tag or a number of the list. A tag that isn't listed is typed twice.", changes: true, do: (*walk).choose},
		{name: "fill", also: []string{"f"}, takes: "[STEP]", does: "say what a placeholder of the step stands for, such as ENVIRONMENT", more: "It is kept for the run, for all steps that have it. It can be changed until a command has been run with it.", changes: true, do: onStep((*walk).fill)},
		{name: "run", also: []string{"r"}, takes: "[STEP]", does: "run the step's command, after you confirm it", more: "While it runs, you can type: output to read what it has printed, type and a text to answer it, status, leave to let it run without you, interrupt.", changes: true, do: onStep((*walk).prepare)},
		{name: "plan", also: []string{"p"}, takes: "[all]", does: "read the plan page by page; all unfolds every resource", do: (*walk).readPlan},
		{name: "output", also: []string{"o"}, takes: "[STEP]", does: "read what the last command printed", do: (*walk).readOutput},
		{name: "tick", also: []string{"t", "correct"}, takes: "[STEP]", does: "state that a manual step is done, or that the plan you read looks correct", changes: true, do: onStep((*walk).tick)},
		{name: "skip", also: []string{"s"}, takes: "[STEP]", does: "skip a step with a reason, or say who did it elsewhere", changes: true, do: onStep((*walk).skip)},
		{name: "accept", also: []string{"a"}, takes: "[STEP]", does: "accept with a reason", more: "It lists what is accepted, one thing a line. What is too old by then is verified again.", changes: true, do: onStep((*walk).accept)},
		{name: "undo", also: []string{"u", "untick"}, takes: "[STEP]", does: "undo a tick, a skip, an acceptance, or that the plan looks correct", more: "Without a step it lists what can be undone.", changes: true, do: (*walk).undo},
		{name: "pause", also: []string{"on"}, takes: "[STEP]", does: "pause DAGs that are due, or turn one on, after you confirm it", changes: true, do: onStep((*walk).pause)},
		{name: "unpause", does: "undo what pause did, after you confirm it", changes: true, do: bare((*walk).unpause)},
		{name: "resolve", also: []string{"x"}, takes: "[STEP]", does: "resolve an unknown outcome: say how the command ended", changes: true, do: onStep((*walk).settle)},
		{name: "links", also: []string{"l"}, takes: "[STEP]", does: "print the step's links and commands", do: onStep((*walk).links)},
		{name: "document", also: []string{"d", "doc"}, does: "read the whole document page by page", do: bare((*walk).document)},
		{name: "world", also: []string{"W"}, takes: "[NUMBER]", does: "practice only: do what people do elsewhere", changes: true, do: (*walk).world},
		{name: "help", also: []string{"?", "h"}, takes: "[COMMAND]", does: "list the commands, or say more about one", do: (*walk).help},
		{name: "quit", also: []string{"q", "exit"}, does: "leave; catalog-runbook resume continues later", do: bare((*walk).leave)},
	}
}

// do carries out a typed command.
func (w *walk) do(line string) {
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if word == "" {
		w.tellStep()
		return
	}
	if c, ok := w.command(word); ok && !(c.changes && w.locked()) {
		c.do(w, strings.TrimSpace(rest))
	}
}

// command returns the command that a word means. If there is none, it says so.
func (w *walk) command(word string) (command, bool) {
	all := commands()
	if i := slices.IndexFunc(all, func(c command) bool { return c.name == word || slices.Contains(c.also, word) }); i >= 0 {
		return all[i], true
	}
	var names []string
	for _, c := range all {
		names = append(names, c.name)
	}
	near := ""
	if n := say.Near(word, names); n != "" {
		near = fmt.Sprintf(" Did you mean %s?", n)
	}
	w.out.line("Unknown command: %s.%s Type help for the commands.", clean.Line(word), near)
	return command{}, false
}

// locked reports whether the run can't be changed, and says why.
func (w *walk) locked() bool {
	why := w.Engine.ReadOnly()
	if err := w.Engine.Unwritable(); err != nil && why.Empty() {
		why = clean.Linef("the journal can't be written: %s. Leave, fix that, and resume.", err)
	}
	if !why.Empty() {
		w.out.line("Not done: this run is read-only: %s", why)
	}
	return !why.Empty()
}

// named returns the step that a person names; the present one if they name none.
func (w *walk) named(name string) (*steps.Binding, bool) {
	if name == "" {
		return w.at, true
	}
	b, err := pick.Step(w.Engine.Bound(), name)
	if err != nil {
		text, _ := say.HintOf(err)
		w.out.line("Not done: %s", clean.Line(text))
		w.out.line("Hint: type steps for the list.")
	}
	return b, err == nil
}

// usage says how a command is typed, and what it does.
func (c command) usage() string {
	name := strings.TrimSpace(c.name + " " + c.takes)
	if len(c.also) > 0 {
		name += ", or " + strings.Join(c.also, ", ")
	}
	return name + ": " + c.does + "."
}

// help lists the commands, or says more about the one that is named.
func (w *walk) help(word string) {
	if word != "" {
		if c, ok := w.command(word); ok {
			w.out.line("%s", strings.TrimSpace(c.usage()+" "+c.more))
		}
		return
	}
	w.out.line("Commands. STEP is a number, a kind such as image-tag, or an ID; without one, it is the current step.")
	for _, c := range commands() {
		if c.name == "world" && w.World == nil {
			continue
		}
		w.out.line("%s", c.usage())
	}
	w.out.line("An empty line repeats where you are. While a command runs: output, type, status, leave, interrupt. help and a command says more about it.")
}

// next goes to the next open step.
func (w *walk) next() {
	if b := steps.NextStep(w.run(), w.Engine.Bound(), w.at, w.Now()); b != nil {
		w.at = b
	}
	w.tellStep()
}

// onward goes to the next open step if the present one holds, and says where the walk is.
func (w *walk) onward() {
	if w.left {
		return
	}
	id := w.at.Step.ID
	if w.run().Holds(id, w.Now()) && steps.Next(w.run(), w.at, w.Now()).Do == steps.TodoNothing {
		if b := steps.NextStep(w.run(), w.Engine.Bound(), w.at, w.Now()); b != nil && b.Step.ID != id {
			w.at = b
			w.tellStep()
			return
		}
	}
	w.tellNext()
}

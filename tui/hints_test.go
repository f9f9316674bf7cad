package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/text"
)

// hintStates are places in the checklist where a person reads which keys there are.
var hintStates = map[string]struct {
	scenario string
	mode     runbook.Mode
	walk     func(d *desk)
	long     bool // only with -long
}{
	"first":     {walk: func(*desk) {}},
	"question":  {walk: func(d *desk) { d.do("g") }},
	"detail":    {walk: func(d *desk) { d.do("enter") }, long: true},
	"map":       {walk: func(d *desk) { d.do("m") }},
	"zoomed":    {walk: func(d *desk) { d.do("enter", "z") }, long: true},
	"filtered":  {walk: func(d *desk) { d.do("/"); d.write("dag") }, long: true},
	"empty":     {walk: func(d *desk) { d.do("/"); d.write("nothing") }, long: true},
	"end":       {walk: func(d *desk) { d.do("G") }, long: true},
	"document":  {walk: func(d *desk) { d.do("d") }, long: true},
	"help":      {walk: func(d *desk) { d.do("?") }, long: true},
	"published": {walk: func(d *desk) { d.do("W", "enter") }},
	"building":  {walk: func(d *desk) { d.publish() }, long: true},
	"busy":      {scenario: "busy-dags", walk: func(d *desk) { d.goTo("3"); d.do("v") }},
	"waiting":   {scenario: "busy-dags", walk: func(d *desk) { d.goTo("3"); d.do("v", "w") }, long: true},
	"due":       {scenario: "runs-due", walk: func(d *desk) { d.publish(); d.pass(10 * time.Second); d.do("V"); d.goTo("3") }, long: true},
	"locked":    {walk: func(d *desk) { d.goTo("5") }, long: true},
	"bump":      {walk: func(d *desk) { d.publish(); d.pass(10 * time.Second); d.do("V"); d.goTo("4") }, long: true},
	"bumped":    {walk: atBumped, long: true},
	"output":    {walk: func(d *desk) { atBumped(d); d.do("tab") }, long: true},
	"plan":      {walk: atPlan},
	"resource":  {walk: func(d *desk) { atPlan(d); d.do("j", "j", "j", "j") }, long: true},
	"read":      {walk: func(d *desk) { atPlan(d); d.readPlan() }, long: true},
	"judged":    {walk: func(d *desk) { atPlan(d); d.readPlan(); d.do("t") }},
	"applied":   {walk: func(d *desk) { atPlan(d); d.readPlan(); d.do("t"); d.confirm() }, long: true},
	"destroy":   {scenario: "database-destroy", walk: atPlan, long: true},
	"dry run":   {mode: runbook.DryRun, walk: func(d *desk) { d.goTo("4") }},
}

func atBumped(d *desk) {
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.confirm()
}

func atPlan(d *desk) {
	atBumped(d)
	d.goTo("5")
	d.confirm()
}

// TestEveryHintDoesSomething presses every key that the key bar and the line of what to do
// next name, and holds that each does something there.
func TestEveryHintDoesSomething(t *testing.T) {
	for name, state := range hintStates {
		if state.long && !*long {
			continue
		}
		t.Run(name, func(t *testing.T) {
			scenario, mode := state.scenario, state.mode
			if scenario == "" {
				scenario = "calm"
			}
			if mode == "" {
				mode = runbook.Practice
			}
			var left []string
			for begun := false; !begun || len(left) > 0; begun = true {
				t.Run("from the beginning", func(t *testing.T) {
					// What is a key can be told by its colour.
					d := practiseWith(t, scenario, mode, 80, 30, setting{theme: text.Theme{Background: text.BackgroundDark}})
					state.walk(d)
					d.clear()
					base := d.screen()
					if !begun {
						left = d.hints()
						t.Log(left)
					}
					for len(left) > 0 && d.screen() == base {
						d.tries(left[0])
						left = left[1:]
						d.do("esc")
						d.clear()
					}
				})
			}
		})
	}
}

// clear removes the message.
func (d *desk) clear() {
	d.m.message = message{}
	d.m.resize()
}

// hints returns the names of the keys that are shown.
func (d *desk) hints() []string {
	p := d.m.places
	lines := strings.Split(d.m.View(), "\n")
	shown := slices.Concat(lines[p.Footer.Y:], lines[p.Detail.Y:][:min(d.m.detail.Head(p.Detail.W), p.Detail.H)])
	if p.Strip {
		shown = append(shown, lines[p.Outline.Y])
	}
	before, after, _ := strings.Cut(d.m.styles.Key.Render("key"), "key")
	var names []string
	for _, found := range regexp.MustCompile(regexp.QuoteMeta(before)+"(.*?)"+regexp.QuoteMeta(after)).FindAllStringSubmatch(strings.Join(shown, "\n"), -1) {
		name := found[1]
		if !slices.Contains(names, name) && !slices.Contains([]string{"Next", "›", "Steps"}, name) && !strings.ContainsAny(name, "═ ") {
			names = append(names, name)
		}
	}
	return names
}

// tries presses a key by the name that is shown, and fails if that does nothing.
func (d *desk) tries(name string) {
	d.t.Helper()
	pressed := ""
	for _, b := range bindings(d.m.keys) {
		if b.Help().Key == name || b.Keys()[0] == name {
			pressed = b.Keys()[0]
		}
	}
	if pressed == "" {
		d.t.Errorf("%q is shown, but no key; the screen:\n%s", name, d.m.View())
		return
	}
	before, events, taken := d.screen(), len(d.kept.since(0)), len(d.opened)+len(d.copied)
	d.do(pressed)
	said := d.m.message
	d.clear()
	if d.screen() == before && len(d.kept.since(0)) == events && len(d.opened)+len(d.copied) == taken && !d.quit && (said.bad || said.text.Empty()) {
		d.t.Errorf("%s is shown, but does nothing: %q; the screen:\n%s", name, said.text, before)
	}
}

// TestMouse clicks on steps and panes, and turns the wheel over them.
func TestMouse(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.Practice, w, h)
		atPlan(d)
		click := func(x, y int, b tea.MouseButton) {
			d.give(tea.MouseMsg{X: x, Y: y, Action: tea.MouseActionPress, Button: b})
			d.rest()
		}
		p := d.m.places
		top := d.m.plan.At()
		if click(p.Below.X+5, p.Below.Y+1, tea.MouseButtonWheelDown); d.m.plan.At() == top {
			t.Error("the wheel does not move in the plan")
		}
		if click(p.Detail.X+5, p.Detail.Y, tea.MouseButtonLeft); d.m.focus != paneDetail {
			t.Errorf("a click leaves the focus in pane %d", d.m.focus)
		}
		d.do("esc", "esc", "g", "n")
		x, y, _ := d.m.Cursor()
		selected := d.m.outline.Selected()
		d.do("k")
		if click(x, y, tea.MouseButtonLeft); !d.m.places.Strip && d.m.outline.Selected() != selected || d.m.focus != paneOutline {
			t.Errorf("a click selects %s", d.m.outline.Selected())
		}
		before := d.screen()
		d.give(tea.MouseMsg{X: 1, Y: 1, Action: tea.MouseActionMotion, Button: tea.MouseButtonNone})
		d.give(tea.MouseMsg{X: 1, Y: h, Action: tea.MouseActionRelease, Button: tea.MouseButtonLeft})
		d.do("W")
		click(d.m.places.Dialog.X+1, d.m.places.Dialog.Y+1, tea.MouseButtonWheelDown)
		d.do("esc")
		if d.screen() != before {
			t.Errorf("motion, a release or the wheel over a picker has changed\n%s\nto\n%s", before, d.screen())
		}
	})
}

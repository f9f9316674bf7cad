package tui

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/frametest"
)

// oddKeys are messages that no key of the key map makes.
var oddKeys = []tea.KeyMsg{
	{Type: tea.KeyRunes, Runes: []rune("jjv")},                                    // several in one read
	{Type: tea.KeyRunes, Runes: []rune("pasted\x1b[31m\u202e text"), Paste: true}, // of more than one line
	{Type: tea.KeyRunes, Runes: []rune("v"), Alt: true},
	{Type: tea.KeyRunes, Runes: []rune("\u202e\u200b\ufe0f🔒é")},
	{Type: tea.KeyRunes}, // no rune at all
	{Type: tea.KeyRunes, Runes: []rune{0}},
	{Type: tea.KeyF12}, {Type: tea.KeyCtrlAt}, {Type: tea.KeyShiftTab}, {Type: tea.KeyCtrlV}, {Type: tea.KeyCtrlZ}, {Type: tea.KeyDelete},
	{Type: tea.KeyType(-9999)}, {Type: tea.KeyBackspace}, {Type: tea.KeyEnter, Alt: true},
}

// everyKey is all that a person can press: the key map, and odd keys.
func everyKey() []tea.KeyMsg {
	var all []tea.KeyMsg
	for _, b := range bindings(newKeyMap()) {
		for _, name := range b.Keys() {
			all = append(all, keyMsg(name))
		}
	}
	return append(all, oddKeys...)
}

// bindings returns the bindings of the key map by the names of their fields.
func bindings(k keyMap) map[string]key.Binding {
	all := map[string]key.Binding{}
	v := reflect.ValueOf(k)
	for i := range v.NumField() {
		all[v.Type().Field(i).Name] = v.Field(i).Interface().(key.Binding)
	}
	return all
}

// stride returns how many sizes a sweep advances at a time. It tries all sizes only
// with -long, and few with the race detector.
func stride() int {
	switch {
	case frametest.RaceDetector:
		return 12
	case *long:
		return 1
	}
	return 5
}

// TestSweep draws the checklist at all sizes while someone presses keys at
// random: each frame fills its screen exactly, and says which mode it is in.
func TestSweep(t *testing.T) {
	heights := []int{1, 2, 3, 4, 5, 9, 10, 12, 17, 24, 40, 50}
	widths := []int{1, 2, 3, 7, 12, 20, 29, 40, 59, 60, 75, 80, 99, 100, 113, 120, 140}
	for _, mode := range []runbook.Mode{runbook.Practice, runbook.DryRun} {
		t.Run(string(mode), func(t *testing.T) {
			d := practise(t, "busy-dags", mode, 80, 24)
			random := rand.New(rand.NewPCG(7, uint64(len(mode))))
			keys := everyKey()
			slices.SortStableFunc(keys, func(a, b tea.KeyMsg) int { return strings.Compare(a.String(), b.String()) })
			var pressed []string
			frame := func(w, h int) {
				t.Helper()
				d.give(tea.WindowSizeMsg{Width: w, Height: h})
				for range 3 {
					k := keys[random.IntN(len(keys))]
					pressed = append(pressed, k.String())
					d.give(k)
					d.m.quit, d.quit = false, false // nobody leaves
					view := d.m.View()
					checkFrame(t, view, w, h, func() string { return "after " + strings.Join(pressed[max(len(pressed)-20, 0):], " ") })
					if word := modeName(mode); w >= 20 && h >= 2 && !strings.Contains(view, word) {
						t.Fatalf("at %dx%d after %v: no word of the mode in\n%s", w, h, pressed[max(len(pressed)-20, 0):], view)
					}
				}
				if random.IntN(12) == 0 {
					d.pass(openGuard)
				}
			}
			for _, h := range heights {
				for w := 1; w <= 140; w += (1 + h/12) * stride() {
					frame(w, h)
				}
			}
			for _, w := range widths {
				for h := 1; h <= 50; h += (1 + w/60) * stride() {
					frame(w, h)
				}
			}
		})
	}
}

// TestSweepOutput does the same beside the output of a command.
func TestSweepOutput(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.confirm()
	d.goTo("5")
	d.confirm()
	for h := 1; h <= 50; h += stride() {
		for _, w := range []int{1, 2, 9, 20, 40, 61, 80, 99, 100, 140} {
			for _, keys := range [][]string{{}, {"tab"}, {"G"}, {"right"}, {"tab", "g"}, {"?"}, {"pgdown"}, {"esc"}, {"d"}, {"G"}, {"esc"}, {"r"}, {"esc"}} {
				d.give(tea.WindowSizeMsg{Width: w, Height: h})
				d.press(keys...)
				checkFrame(t, d.m.View(), w, h, func() string { return fmt.Sprintf("after %v", keys) })
			}
			d.settle()
			d.press("esc", "esc")
		}
	}
}

// inOutputToo are the keys that mean another thing while the output or the plan has
// them.
var inOutputToo = map[string][]string{"/": {"Filter", "Search"}, "n": {"Match", "Next"}, "enter": {"Fold", "Open"}}

// TestKeyMap holds what the help promises: every binding is in it once, and no
// two bindings that are heard in one place share a key.
func TestKeyMap(t *testing.T) {
	k := newKeyMap()
	listed := map[string]int{}
	for _, g := range k.groups() {
		for _, b := range g.Keys {
			listed[b.Help().Desc]++
		}
	}
	owners := map[string][]string{}
	for name, b := range bindings(k) {
		if listed[b.Help().Desc] != 1 {
			t.Errorf("%s (%s) is %d times in the help", name, b.Help().Desc, listed[b.Help().Desc])
		}
		if len(b.Keys()) == 0 || b.Help().Key == "" {
			t.Errorf("%s has no key", name)
		}
		for _, pressed := range b.Keys() {
			owners[pressed] = append(owners[pressed], name)
		}
	}
	for pressed, names := range owners {
		if slices.Sort(names); len(names) > 1 && !slices.Equal(names, inOutputToo[pressed]) {
			t.Errorf("%v share the key %q", names, pressed)
		}
	}
	if n := len(bindings(k)); len(listed) != n {
		t.Errorf("the help lists %d keys, the key map has %d", len(listed), n)
	}
	d := practise(t, "calm", runbook.Practice, 60, 100)
	d.do("?")
	for _, b := range bindings(k) {
		d.sees(b.Help().Key, b.Help().Desc)
	}
}

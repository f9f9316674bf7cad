package main

import (
	"strings"
	"testing"
)

// TestWalk walks the whole deployment as a person does: keys in, screens out.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := onTerminal(t, size[0], size[1], nil, []string{"practice", "calm"}, nil)
			walkToPlan(term)
			term.insist("t", "to its end first") // it is not ticked, and what t said when the plan was still coming has gone
			term.insist(pageDown, "if the plan looks correct to you, t says so")
			term.typeIn("t")
			term.waitFor("r runs `just apply prod catalog-airflow`")
			term.confirm("prod 1")
			term.waitFor("5 of 5 done", "v1.5.4 is applied: the state is what the reviewed plan said.")
			term.typeIn("q")
			if code := term.end(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			summary := term.bytes()[strings.LastIndex(term.bytes(), leaveAltScreen):]
			if !strings.Contains(summary, "release v1.5.4") || strings.Count(summary, "passed") != 5 {
				t.Errorf("the summary is %q", summary)
			}
		})
	}
}

// A plan that would destroy the database goes no further, whatever is typed.
func TestWalkStopsAtTheDatabase(t *testing.T) {
	t.Parallel()
	term := onTerminal(t, 100, 30, nil, []string{"practice", "database-destroy"}, nil)
	walkToPlan(term)
	term.waitFor("✗ failed")
	term.typeIn("t")
	term.waitFor("The plan cannot be called correct")
	term.typeIn("G")
	term.typeIn("r")
	term.waitFor("Run `just plan prod catalog-airflow`", "4 of 5 done") // again, and nothing else
}

// publishAndChoose publishes the release, chooses it, and waits until it is built.
func publishAndChoose(term *emulator) {
	term.t.Helper()
	term.waitFor("PRACTICE", "0 of 5 done")
	term.typeIn("W")
	term.waitFor("publish the draft release v1.5.4")
	term.typeIn("\r")
	term.waitFor("done: v1.5.4 is published")
	term.typeIn("\x1b")
	term.waitGone("esc closes")
	term.typeIn("c")
	term.waitFor("Which release is this deployment about?", "› v1.5.4")
	term.insist("\r", "release v1.5.4 ·")
	term.typeIn("w") // until the build has ended
	term.waitFor("✓ passed", "1 of 5 done")
}

// walkToPlan publishes and chooses the release, verifies the steps, bumps the
// version and runs the plan.
func walkToPlan(term *emulator) {
	term.t.Helper()
	publishAndChoose(term)
	term.insist("V", "3 of 5 done") // the image comes a moment after the build
	term.typeIn("jjj")
	term.waitFor("Step 4")
	term.confirm("prod")
	term.waitFor("4 of 5 done")
	term.typeIn("j")
	term.waitFor("Step 5")
	term.confirm("prod")
	term.waitFor("plan of just plan prod catalog-airflow")
}

// confirm runs the command of the selected step and types the word that the
// dialogue asks for.
func (t *emulator) confirm(word string) {
	t.t.Helper()
	t.typeIn("r")
	t.waitFor("Type " + word + " to run it")
	t.insist("\x15"+word, "› "+word+" ") // ctrl+u drops the half that came before the dialogue
	// What is answered within a second was not read.
	asks := "Type " + word + " to run it"
	t.wait("\r", func(screen string) bool { return !strings.Contains(screen, asks) }, []string{"no " + asks})
}

package plain_test

import (
	"testing"
	"time"

	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/tui/plain"
)

// dark is a world in which the lamps can be turned off elsewhere.
type dark struct{ *walked }

func (d dark) Acts() []elsewhere.Act {
	return []elsewhere.Act{{ID: "off", Label: "turn the stairs off", Hint: "one lamp is left", Enabled: true},
		{ID: "all", Label: "turn all off", Hint: "none is left", Enabled: true},
		{ID: "street", Label: "turn the street lamp on", Hint: "it can be seen", Enabled: true},
		{ID: "hall", Label: "turn the hall off", Hint: "done: the hall is dark"}, {ID: "moon", Label: "turn the moon off", Hint: "after the deployment"}}
}

func (d dark) Do(id string) error {
	d.clock.Pass(time.Second)
	d.set(map[string][]string{"off": {"kitchen"}, "street": {"kitchen", "street"}}[id]...)
	return nil
}

func (d dark) News() []string { return nil }

// What was found before something was done elsewhere may have ended by that, so nobody is asked
// to accept it.
func TestAcceptAfterTheWorldHasChanged(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.set("kitchen", "stairs")
	in := script{{line: "verify 1"}, {line: "world"}, {line: ""}, {line: "world 1"}, {line: "accept 1"}, {line: "nobody sees the kitchen"},
		{line: "world 3"}, {line: "verify 1"}, {line: "undo 1"}, {line: "world 2"}, {line: "accept 1"}}
	says(t, plain.Config{Engine: w.Engine, World: dark{w}, In: &in, Now: w.clock.Now},
		"Step 1: waiting. 2 lamps", "Done already: the hall is dark.\nNot now: turn the moon off, after the deployment.\n", "so it is verified again.\n", "Step 1: waiting. 1 lamp", "Accept what step 1 found.\n  kitchen\n  Why is that", "Step 1: accepted.",
		"No longer accepted: street came after that. It was accepted because: nobody sees the kitchen\n", "Not done: There is nothing to undo: step 1 is not ticked",
		"so it is verified again.\n", "Not done: it holds now, so there is nothing to accept.")
}

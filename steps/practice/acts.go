package practice

import (
	"fmt"
	"slices"

	"catalog-runbook/steps/practice/elsewhere"
)

// act is something that a person can do elsewhere.
type act = elsewhere.Act

func (w *World) possibilities() []possibility {
	if w.Document() != nil { // the release has nothing to do with it
		return append(slices.Clone(w.scenario.elsewhere), publishRelease{})
	}
	return append(append([]possibility{publishRelease{}}, w.scenario.elsewhere...), landVersion{})
}

// Acts lists the acts of this world in a fixed order. None is enabled if the world
// cannot be read.
func (w *World) Acts() []act {
	err := w.state.Refresh()
	var acts []act
	for _, p := range w.possibilities() {
		a := p.act(w)
		if err != nil {
			a.Enabled, a.Hint = false, err.Error()
		}
		acts = append(acts, a)
	}
	return acts
}

// Do performs an act. It fails, and changes nothing, if there is no such act or it
// is not enabled.
func (w *World) Do(id string) error {
	w.acting.Lock() // an act that is enabled stays enabled until it is done
	defer w.acting.Unlock()
	acts := w.Acts()
	i := slices.IndexFunc(acts, func(a act) bool { return a.ID == id })
	var err error
	switch {
	case i < 0:
		err = fmt.Errorf("there is no act %q", id)
	case !acts[i].Enabled:
		err = fmt.Errorf("cannot %s: %s", acts[i].Label, acts[i].Hint)
	default:
		err = w.possibilities()[i].do(w)
	}
	if err != nil {
		return fmt.Errorf("acting in the practice world: %w", err)
	}
	return nil
}

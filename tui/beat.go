package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
)

// The beat moves what moves by itself: the spinner, count-downs and the age of
// verdicts. It is quick while something is asked or run, slow while a verdict
// grows old, and still otherwise.
const (
	quickBeat = 120 * time.Millisecond
	slowBeat  = time.Second
)

// frames are plain ASCII: a screen reader reads them, and every font has them.
var frames = [...]string{"|", "/", "-", "\\"}

type beat struct {
	generation int  // of the beat that is awaited
	awaited    bool // a beat is on its way
	frame      int
	questions  int // numbers the questions, see question
}

type beatMsg struct{ generation int }

// start sends for the next beat if one is needed and none is on its way.
func (b *beat) start(m *Model) tea.Cmd {
	if b.awaited {
		return nil
	}
	every := quickBeat
	if !m.busy() {
		if every = slowBeat; !m.ages() {
			return nil
		}
	}
	b.awaited = true
	b.generation++
	generation := b.generation
	return m.cfg.Tick(every, func(time.Time) tea.Msg { return beatMsg{generation} })
}

func (b *beat) tick(m *Model, msg beatMsg) tea.Cmd {
	if msg.generation != b.generation {
		return nil
	}
	b.awaited = false
	b.frame = (b.frame + 1) % len(frames)
	if len(m.asking) > 0 || m.running != nil {
		m.refresh()
		m.settle()
	} else {
		m.detail.Invalidate()
	}
	return nil
}

// settle drops the questions of "verify all" that have been answered already,
// so that each step shows its answer as it comes.
func (m *Model) settle() {
	for id, q := range m.asking {
		if !q.waiting && !m.run.Step(id).CheckedAt.Before(q.since) {
			m.took[id] = m.run.Step(id).CheckedAt.Sub(q.since)
			delete(m.asking, id)
		}
	}
}

// ages reports whether the selected step has a verdict that grows old.
func (m *Model) ages() bool {
	id := m.outline.Selected()
	spec, ok := m.run.Spec(id)
	if !ok {
		return false
	}
	s := m.run.Step(id)
	if spec.Fresh > 0 && s.Result.Verdict == runbook.Passed {
		return true
	}
	for i, e := range spec.Effects {
		if e.MaxAge > 0 && s.Effects[i].Finished == nil && m.run.Effect(id, e.After).Finished != nil {
			return true
		}
	}
	return false
}

func (b *beat) spinner() string { return frames[b.frame] }

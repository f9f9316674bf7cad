// Package plan is the part of the checklist that shows what a plan would do, and tracks
// how much of it a person has read.
package plan

import (
	"context"
	"errors"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Keys are the keys of the plan. Left and Right close and open a resource.
type Keys struct {
	pager.KeyMap
	Fold, FoldAll, UnfoldAll key.Binding
}

// Config is the configuration of a Plan.
type Config struct {
	Styles  *text.Styles
	Keys    Keys
	Context context.Context // for everything that is read
}

// Identity identifies a plan.
type Identity struct {
	Step    document.StepID
	Attempt string // the execution of the command that made the plan
	Label   string // the command
}

// Standing is what became of a plan after it was made. The title shows it.
type Standing string

// The standings.
const (
	Current    Standing = ""
	Superseded Standing = "an older one"
	Lapsed     Standing = "lapsed"
	Correct    Standing = "called correct"
)

// Plan shows one plan. It reads the body of a resource when that comes near the screen,
// so that neither memory nor the time for a key depends on the size of the plan. Its
// methods must be called from one goroutine.
type Plan struct {
	*pager.Pager
	Shown bool // set by the root

	cfg      Config
	w, h     int
	identity Identity
	standing Standing
	doc      *Doc  // nil until it is read
	failed   error // why it cannot be shown
	reading  bool
	cancel   context.CancelFunc // cancels the reading

	bodies   map[int]*body // by resource
	held     int           // the number of their lines
	fetching bool
	deep     deepSearch
}

// Msg is the result of a command of a Plan. It is for Update.
type Msg interface{ of() *Plan }

// readMsg carries the plan.
type readMsg struct {
	plan *Plan
	doc  *Doc
	err  error
}

func (m readMsg) of() *Plan { return m.plan }

// SayMsg asks the root to show a message.
type SayMsg struct{ Text clean.Text }

// tell returns a command that sends a SayMsg.
func tell(text string) tea.Cmd {
	return func() tea.Msg { return SayMsg{clean.Line(text)} }
}

// ErrNone reports that a step has no plan to show.
var ErrNone = errors.New("there is no plan of this step")

// New returns a Plan. It is empty until Load has read the plan.
func New(cfg Config, id Identity) *Plan {
	p := &Plan{cfg: cfg, identity: id, cancel: func() {}, bodies: map[int]*body{}}
	p.Pager = pager.New(p, cfg.Styles, pager.Options{Wrap: pager.Words, Cursor: true, Overlap: 1, ReadWidth: pager.Narrow})
	return p
}

// Load returns a command that reads the plan from a source. The source returns nil if
// there is no plan.
func (p *Plan) Load(source func(context.Context) (*Doc, error)) tea.Cmd {
	ctx, cancel := context.WithCancel(p.cfg.Context)
	p.reading, p.cancel = true, cancel
	return func() tea.Msg {
		defer cancel()
		doc, err := source(ctx)
		if err == nil && doc == nil {
			err = ErrNone
		}
		return readMsg{p, doc, err}
	}
}

// Close cancels all reading. Results that arrive later are dropped.
func (p *Plan) Close() { p.cancel() }

// Update handles a key or a Msg. It drops a Msg of another plan.
func (p *Plan) Update(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyMsg); ok {
		if p.doc == nil {
			return nil
		}
		return p.key(key)
	}
	if m, ok := msg.(Msg); !ok || m.of() != p {
		return nil
	}
	switch msg := msg.(type) {
	case readMsg:
		if p.reading {
			p.reading, p.doc, p.failed = false, msg.doc, msg.err
		}
	case bodiesMsg:
		p.fetched(msg)
	case foundMsg:
		return p.found(msg)
	}
	return nil
}

// Keys returns the keys that Update handles. There are none until the plan is read.
func (p *Plan) Keys() []key.Binding {
	if p.doc == nil {
		return nil
	}
	k := p.cfg.Keys
	return append(k.Bindings(), k.Fold, k.FoldAll, k.UnfoldAll)
}

// SetSize sets the size of the part, in cells and rows.
func (p *Plan) SetSize(w, h int) {
	p.w, p.h = w, h
	p.Pager.SetSize(w, h-1)
}

// SetStanding sets what has become of the plan.
func (p *Plan) SetStanding(s Standing) { p.standing = s }

// Of reports whether this is the plan that an execution of a step's command made.
func (p *Plan) Of(id document.StepID, attempt string) bool {
	return p.identity.Step == id && p.identity.Attempt == attempt && (p.doc != nil || p.reading || p.failed != nil)
}

// Identity returns the identity of the plan.
func (p *Plan) Identity() Identity { return p.identity }

// Doc returns the plan, or nil if it has not been read.
func (p *Plan) Doc() *Doc { return p.doc }

// Reading reports whether Load is in progress.
func (p *Plan) Reading() bool { return p.reading }

// Failed returns why the plan cannot be shown.
func (p *Plan) Failed() error { return p.failed }

// Wanted returns the number of rows that the plan needs to be shown in full.
func (p *Plan) Wanted() int {
	if p.doc == nil {
		return 2
	}
	for _, e := range p.doc.entries[:min(len(p.doc.entries), pager.Tallest)] {
		if p.missing(&e) {
			return pager.Tallest // its length is unknown
		}
	}
	return min(1+p.Pager.Wanted(), pager.Tallest)
}

// missing reports whether the body of an open resource is not in memory.
func (p *Plan) missing(e *entry) bool { return e.change >= 0 && e.open && p.bodies[e.change] == nil }

// Package plan is the part of the checklist that shows what a plan would do, and
// notes how much of it was read.
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

// Config is what a Plan needs.
type Config struct {
	Styles  text.Styles
	Keys    Keys
	Context context.Context // of everything that is read
}

// Identity says which plan is shown.
type Identity struct {
	Step    document.StepID
	Attempt string // the execution that made the plan
	Label   string // the command
}

// Standing is what became of a plan after it was made. It stands in the title.
type Standing string

// The standings.
const (
	Current    Standing = ""
	Superseded Standing = "an older one"
	Lapsed     Standing = "lapsed"
	Correct    Standing = "called correct"
)

// Plan shows one plan. What a plan says of a resource is fetched when it comes near
// the screen, so that neither memory nor the keys depend on the size of the plan.
type Plan struct {
	*pager.Pager
	Shown bool // by the root

	cfg      Config
	w, h     int
	identity Identity
	standing Standing
	doc      *Doc  // nil until it has been read
	failed   error // why it cannot be shown
	reading  bool
	cancel   context.CancelFunc // of the reading

	bodies   map[int]*body // by resource
	held     int           // lines of them
	fetching bool
	deep     deepSearch
}

// Msg brings something that a Plan has asked for. It is for Update.
type Msg interface{ of() *Plan }

// readMsg brings the plan.
type readMsg struct {
	plan *Plan
	doc  *Doc
	err  error
}

func (m readMsg) of() *Plan { return m.plan }

// SayMsg is something to tell the person.
type SayMsg struct{ Text clean.Text }

// tell tells the person something.
func tell(text string) tea.Cmd {
	return func() tea.Msg { return SayMsg{clean.Line(text)} }
}

// ErrNone says that a step has no plan to show.
var ErrNone = errors.New("there is no plan of this step")

// New returns a part without a plan; Load reads it.
func New(cfg Config, id Identity) *Plan {
	p := &Plan{cfg: cfg, identity: id, cancel: func() {}, bodies: map[int]*body{}}
	p.Pager = pager.New(p, cfg.Styles, pager.Options{Wrap: pager.Words, Cursor: true, Overlap: 1, ReadWidth: pager.Narrow})
	return p
}

// Load reads the plan from a source, which returns nil if there is none.
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

// Close ends the reading. Nothing that comes of it is shown any more.
func (p *Plan) Close() { p.cancel() }

// Update takes a key or a Msg. What was meant for another plan is dropped.
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

// Keys returns the bindings that Update takes, none as long as there is no plan.
func (p *Plan) Keys() []key.Binding {
	if p.doc == nil {
		return nil
	}
	k := p.cfg.Keys
	return append(k.Bindings(), k.Fold, k.FoldAll, k.UnfoldAll)
}

// SetSize gives the plan its place on the screen, in cells and rows.
func (p *Plan) SetSize(w, h int) {
	p.w, p.h = w, h
	p.Pager.SetSize(w, h-1)
}

// SetStanding says what became of the plan.
func (p *Plan) SetStanding(s Standing) { p.standing = s }

// Of reports whether this is the plan that an execution of a step's command has
// made.
func (p *Plan) Of(id document.StepID, attempt string) bool {
	return p.identity.Step == id && p.identity.Attempt == attempt && (p.doc != nil || p.reading || p.failed != nil)
}

// Identity returns which plan is shown.
func (p *Plan) Identity() Identity { return p.identity }

// Doc returns the plan that was read, nil if it was not.
func (p *Plan) Doc() *Doc { return p.doc }

// Reading reports whether the plan is being read from its files.
func (p *Plan) Reading() bool { return p.reading }

// Failed returns why the plan cannot be shown.
func (p *Plan) Failed() error { return p.failed }

// Wanted returns the number of rows that the plan would like to have.
func (p *Plan) Wanted() int {
	if p.doc == nil {
		return 2
	}
	for _, e := range p.doc.entries[:min(len(p.doc.entries), pager.Tallest)] {
		if p.missing(&e) {
			return pager.Tallest // its length is not known yet
		}
	}
	return min(1+p.Pager.Wanted(), pager.Tallest)
}

// missing reports whether the lines of an open resource are not there.
func (p *Plan) missing(e *entry) bool { return e.change >= 0 && e.open && p.bodies[e.change] == nil }

// Package detail shows one step: what to do next, its text, what people have said of
// it and what checks have found.
package detail

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// renderPause is how long a step must be shown before its Markdown is drawn: nobody
// reads it while passing by.
const renderPause = 40 * time.Millisecond

// renderedKept is how many drawn steps are kept.
const renderedKept = 64

// Config is what the part needs.
type Config struct {
	Keys   pager.KeyMap // those that scroll the text
	Styles text.Styles
	Theme  text.Theme
	Tick   func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
}

// Content is what is shown beside the step's text.
type Content struct {
	Binding *steps.Binding
	Run     *runbook.Run
	Now     time.Time
	State   string // the status in words
	Next    string // what to do next
	Dir     string // where the next command is run, "" where that is not known
	Focused bool
}

// Detail shows a step.
type Detail struct {
	Config
	w, h       int
	pager      *pager.Pager
	step       *document.Step // nil for none
	content    func() Content
	generation int
	markdown   map[rendering][]string
	lines      pager.Lines // without rows where they must be made again
}

// rendering is what a step's drawn text depends on.
type rendering struct {
	id    document.StepID
	width int
}

// restedMsg says that a step has been shown for a while.
type restedMsg struct{ generation int }

// renderedMsg brings a step's drawn Markdown.
type renderedMsg struct {
	of    rendering
	lines []string
}

// New returns the part, with no step.
func New(c Config) *Detail {
	d := &Detail{Config: c, markdown: map[rendering][]string{}}
	d.pager = pager.New(&d.lines, c.Styles, pager.Options{Overlap: 2})
	return d
}

// SetContent sets what makes the content. It is called when the step is drawn and
// something may have changed.
func (d *Detail) SetContent(content func() Content) { d.content = content }

// Invalidate says that the content may have changed.
func (d *Detail) Invalidate() { d.lines.Rows = nil }

// SetSize gives the part its room in cells.
func (d *Detail) SetSize(w, h int) {
	d.w, d.h = w, h
	d.pager.SetSize(w, h)
	d.Invalidate()
}

// SetStep turns to a step, nil for none.
func (d *Detail) SetStep(step *document.Step) tea.Cmd {
	if step != d.step {
		d.step = step
		d.Invalidate()
		d.Top()
	}
	return d.render()
}

// Keys returns the keys that Update takes.
func (d *Detail) Keys() []key.Binding {
	k := d.Config.Keys
	return []key.Binding{k.Down, k.Up, k.First, k.Last, k.PageDown, k.PageUp}
}

// Update takes the keys that scroll, what the part has asked for itself, and a change
// of the size, after SetSize.
func (d *Detail) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return d.render()
	case tea.KeyMsg:
		d.fill()
		d.pager.Update(msg, d.Config.Keys)
	case restedMsg:
		if d.step != nil && msg.generation == d.generation {
			of, source, theme := d.rendering(), d.step.Markdown(), d.Theme
			return func() tea.Msg { return renderedMsg{of, text.Markdown(source, of.width, theme)} }
		}
	case renderedMsg:
		if len(d.markdown) >= renderedKept {
			clear(d.markdown)
		}
		d.markdown[msg.of] = msg.lines
		d.Invalidate()
	}
	return nil
}

func (d *Detail) rendering() rendering { return rendering{d.step.ID, d.w} }

// render has the step's Markdown drawn, once it has been shown for a while.
func (d *Detail) render() tea.Cmd {
	if d.step == nil || d.w < 1 {
		return nil
	}
	if _, ok := d.markdown[d.rendering()]; ok {
		return nil
	}
	d.generation++
	generation := d.generation
	return d.Tick(renderPause, func(time.Time) tea.Msg { return restedMsg{generation} })
}

// Top goes to the beginning of the text.
func (d *Detail) Top() { d.pager.SetTop(pager.Position{}) }

// View draws what is on the screen.
func (d *Detail) View() []string {
	d.fill()
	shown := d.pager.View()
	if d.pager.Below() > 0 && len(shown) > 2 && d.w > 24 {
		shown[len(shown)-1] = d.Styles.Dim.Render("… more below: pgdn")
	}
	return shown
}

// fill makes the lines of the step where they are not made yet.
func (d *Detail) fill() {
	if d.lines.Rows != nil || d.step == nil || d.w < 1 {
		return
	}
	c := d.content()
	p := &page{styles: d.Styles, width: d.w}
	p.head(c)
	if c.Next != "" {
		p.field(p.styles.Key.Render("Next"), c.Next)
	}
	p.blank()
	if lines, ok := d.markdown[d.rendering()]; ok {
		p.lines = append(p.lines, lines...)
	} else {
		p.lines = append(p.lines, text.PlainMarkdown(d.step.Markdown(), d.w)...)
	}
	p.said(c)
	p.found(c)
	p.gate(c)
	d.lines.Rows = p.lines
}

// Package detail is the part of the checklist that shows one step: what to do next, its
// text, what people have stated and what checks have found.
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

// renderPause is how long a step must be shown before its Markdown is rendered. A cursor
// that passes by renders nothing.
const renderPause = 40 * time.Millisecond

// renderedKept is the number of rendered steps in the cache.
const renderedKept = 64

// Config is the configuration of a Detail.
type Config struct {
	Keys   pager.KeyMap // scroll the text
	Styles text.Styles
	Theme  text.Theme
	Tick   func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
}

// Content is what Detail shows besides the text of the step.
type Content struct {
	Binding *steps.Binding
	Run     *runbook.Run
	Now     time.Time
	State   string // the status in words
	Next    string // what to do next
	Dir     string // where the next command runs; "" if unknown
	Focused bool
}

// Detail shows a step.
type Detail struct {
	Config
	w, h       int
	pager      *pager.Pager
	step       *document.Step // or nil
	content    func() Content
	generation int
	markdown   map[rendering][]string
	lines      pager.Lines // empty if they must be made again
}

// rendering is the key of the cache: what the rendered text depends on.
type rendering struct {
	id    document.StepID
	width int
}

// restedMsg reports that a step has been shown for renderPause.
type restedMsg struct{ generation int }

// renderedMsg carries the rendered Markdown of a step.
type renderedMsg struct {
	of    rendering
	lines []string
}

// New returns a Detail without a step.
func New(c Config) *Detail {
	d := &Detail{Config: c, markdown: map[rendering][]string{}}
	d.pager = pager.New(&d.lines, c.Styles, pager.Options{Overlap: 2})
	return d
}

// SetContent sets the function that returns the content. View calls it if the content
// may have changed.
func (d *Detail) SetContent(content func() Content) { d.content = content }

// Invalidate marks the content as changed.
func (d *Detail) Invalidate() { d.lines.Rows = nil }

// SetSize sets the size of the part, in cells.
func (d *Detail) SetSize(w, h int) {
	d.w, d.h = w, h
	d.pager.SetSize(w, h)
	d.Invalidate()
}

// SetStep shows a step, or nothing if it is nil.
func (d *Detail) SetStep(step *document.Step) tea.Cmd {
	if step != d.step {
		d.step = step
		d.Invalidate()
		d.Top()
	}
	return d.render()
}

// Keys returns the keys that Update handles.
func (d *Detail) Keys() []key.Binding {
	k := d.Config.Keys
	return []key.Binding{k.Down, k.Up, k.First, k.Last, k.PageDown, k.PageUp}
}

// Update handles the keys that scroll, the messages of its own commands, and a new
// window size, which must come after SetSize.
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

// render returns a command that renders the step's Markdown after renderPause.
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

// Top scrolls to the beginning of the text.
func (d *Detail) Top() { d.pager.SetTop(pager.Position{}) }

// View draws the rows on the screen.
func (d *Detail) View() []string {
	d.fill()
	shown := d.pager.View()
	if d.pager.Below() > 0 && len(shown) > 2 && d.w > 24 {
		shown[len(shown)-1] = d.Styles.Dim.Render("… more below: pgdn")
	}
	return shown
}

// fill makes the lines of the step if they are missing.
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

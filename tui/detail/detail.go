// Package detail is the part of the checklist that shows one step: what to do next, its
// text, what people have stated and what checks have found.
package detail

import (
	"maps"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// renderPause is how long a step must be shown before its Markdown, and then that of its
// neighbours, is rendered. A cursor that passes by renders nothing.
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
	neighbours []*document.Step
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

// renderedMsg carries the rendered Markdown of one or more steps.
type renderedMsg struct {
	generation int
	all        []rendered
}

type rendered struct {
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

// SetStep shows a step, or nothing if it is nil. The neighbours are the steps that may be
// shown next: their Markdown is rendered ahead, so that it is there when they are.
func (d *Detail) SetStep(step *document.Step, neighbours ...*document.Step) tea.Cmd {
	if step != d.step {
		d.step = step
		d.Invalidate()
		d.Top()
	}
	d.neighbours = neighbours
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
		if msg.generation == d.generation {
			return d.renderMissing()
		}
	case renderedMsg:
		for _, r := range msg.all {
			d.keep(r)
		}
		if msg.generation == d.generation {
			return d.renderMissing() // the neighbours, after the step
		}
	}
	return nil
}

func (d *Detail) rendering(step *document.Step) rendering { return rendering{step.ID, d.w} }

// render returns a command that waits for renderPause if there is something to render.
func (d *Detail) render() tea.Cmd {
	d.generation++
	if len(d.missing()) == 0 {
		return nil
	}
	generation := d.generation
	return d.Tick(renderPause, func(time.Time) tea.Msg { return restedMsg{generation} })
}

// missing returns the steps to render next: the step shown, or else its neighbours.
func (d *Detail) missing() []*document.Step {
	if d.step == nil || d.w < 1 {
		return nil
	}
	if _, ok := d.markdown[d.rendering(d.step)]; !ok {
		return []*document.Step{d.step}
	}
	var steps []*document.Step
	for _, step := range d.neighbours {
		if _, ok := d.markdown[d.rendering(step)]; !ok {
			steps = append(steps, step)
		}
	}
	return steps
}

// renderMissing returns a command that renders what is missing, or nil.
func (d *Detail) renderMissing() tea.Cmd {
	steps, generation, width, theme := d.missing(), d.generation, d.w, d.Theme
	if len(steps) == 0 {
		return nil
	}
	return func() tea.Msg {
		msg := renderedMsg{generation: generation}
		for _, step := range steps {
			msg.all = append(msg.all, rendered{rendering{step.ID, width}, text.Markdown(step.Markdown(), width, theme)})
		}
		return msg
	}
}

// keep puts a rendered step in the cache. A full cache is emptied first, except for the
// step shown.
func (d *Detail) keep(r rendered) {
	shown := rendering{width: -1} // no step has it
	if d.step != nil {
		shown = d.rendering(d.step)
	}
	if len(d.markdown) >= renderedKept {
		maps.DeleteFunc(d.markdown, func(of rendering, _ []string) bool { return of != shown })
	}
	d.markdown[r.of] = r.lines
	if r.of == shown {
		d.Invalidate()
	}
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
	if lines, ok := d.markdown[d.rendering(d.step)]; ok {
		p.lines = append(p.lines, lines...)
	} else {
		p.lines = append(p.lines, text.PlainMarkdown(d.step.Markdown(), d.w)...)
	}
	p.said(c)
	p.found(c)
	p.gate(c)
	d.lines.Rows = p.lines
}

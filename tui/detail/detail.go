// Package detail is the part of the checklist that shows one step: what to do next, its
// text, what people have stated and what checks have found.
package detail

import (
	"maps"
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
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
	Styles *text.Styles
	Tick   func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
}

// Content is what Detail shows besides the text of the step.
type Content struct {
	Binding *steps.Binding
	Run     *runbook.Run
	Now     time.Time
	Acted   time.Time // when the person last did something in the practice world
	Status  runbook.Status
	State   string // the status in words
	Next    string // what to do next
	Dir     string // where the next command runs; "" if unknown
	Focused bool
	// TimeOfDay says that moments are written as times of day, else as how long ago they
	// were.
	TimeOfDay bool
}

// Ago says how long before now something was found, as say.Ago. What was found just now, but
// before the person did something in the practice world, may have changed by that.
func Ago(now, then, acted time.Time) string {
	ago := say.Ago(now, then)
	if ago == say.JustNow && !then.After(acted) {
		return "before your last act"
	}
	return ago
}

// Detail shows a step.
type Detail struct {
	Config
	w, h       int
	pager      *pager.Pager
	step       *document.Step // or nil
	neighbours []*document.Step
	content    func() Content
	open       bool // all evidence is shown
	generation int
	markdown   map[rendering][]string
	lines      pager.Lines // empty if they must be made again
	head       []string    // the title and what to do next, which do not scroll
}

// rendering is the key of the cache: what the rendered text depends on.
type rendering struct {
	id    document.StepID
	width int
	theme text.Theme
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
	if d.w, d.h = w, h; w > 0 {
		d.pager.SetSize(w, max(h-len(d.head), 0))
	}
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

func (d *Detail) rendering(step *document.Step) rendering {
	return rendering{step.ID, d.w, d.Styles.Theme()}
}

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
	steps, generation, width, theme := d.missing(), d.generation, d.w, d.Styles.Theme()
	if len(steps) == 0 {
		return nil
	}
	return func() tea.Msg {
		msg := renderedMsg{generation: generation}
		for _, step := range steps {
			msg.all = append(msg.all, rendered{rendering{step.ID, width, theme}, text.Markdown(step.Markdown(), width, theme)})
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

// SetOpen shows all evidence, or folds it again.
func (d *Detail) SetOpen(open bool) {
	d.open = open
	d.Invalidate()
}

// Top scrolls to the beginning of the text.
func (d *Detail) Top() { d.pager.SetTop(pager.Position{}) }

// View draws the title, what to do next, and the rows on the screen.
func (d *Detail) View() []string {
	d.fill()
	shown := d.pager.View()
	if d.step == nil || d.h < 1 || d.w < 1 {
		return shown
	}
	return append(slices.Clone(d.head), shown...)
}

// Head returns the number of rows that the title and what to do next need at a width.
func (d *Detail) Head(w int) int {
	if d.step == nil {
		return 1
	}
	return 1 + len(next(d.content(), d.Styles, w))
}

// More reports whether there are rows below the screen, and above it.
func (d *Detail) More() (below, above bool) {
	d.fill()
	return d.pager.Below() > 0, d.pager.Top() != pager.Position{}
}

// fill makes the lines of the step if they are missing. Evidence is folded only if it
// wouldn't fit.
func (d *Detail) fill() {
	if d.lines.Rows != nil || d.step == nil || d.w < 1 {
		return
	}
	c := d.content()
	todo := next(c, d.Styles, d.w)
	d.lines.Rows = d.page(c, true, 0)
	if room := d.h - len(todo) - 2; !d.open && len(d.lines.Rows) > room { // less a title and a blank row
		d.lines.Rows = d.page(c, false, 0)
		if spare := room - len(d.lines.Rows); spare > 0 {
			d.lines.Rows = d.page(c, false, spare)
		}
	}
	d.top(c, todo)
}

// page returns the lines of the step, with all of its evidence if it is open. If not, spare
// lines more than usual are shown of it.
func (d *Detail) page(c Content, open bool, spare int) []string {
	p := &page{styles: d.Styles, width: d.w, open: open, spare: spare, at: func(t time.Time) string { return say.Ago(c.Now, t) }}
	p.checked = func(t time.Time) string { return Ago(c.Now, t, c.Acted) }
	command, runs := ahead(c)
	if runs {
		p.dir = c.Dir
	}
	if c.TimeOfDay {
		p.at = func(t time.Time) string { return t.Format("15:04:05") }
		p.checked = p.at
	}
	if lines, ok := d.markdown[d.rendering(d.step)]; ok {
		p.lines = append(p.lines, lines...)
	} else {
		p.lines = append(p.lines, text.PlainMarkdown(d.step.Markdown(), d.w)...)
	}
	if p.alarming(c) {
		p.section()
		p.seen(c)
	}
	p.said(c)
	p.found(c)
	if runs {
		p.gate(command)
	}
	return p.lines
}

// top makes the rows that do not scroll. If there is no room for all, it leaves out the title
// first.
func (d *Detail) top(c Content, todo []string) {
	d.head = todo
	if d.h > len(todo) {
		d.pager.SetSize(d.w, d.h-len(todo)-1)
		more := ""
		if below := d.pager.Below(); below > 0 {
			more = d.Styles.Dim.Render(say.Count(below, "more line"))
		}
		d.head = append([]string{title(c, d.Styles, d.w, more)}, todo...)
	}
	if d.head = d.head[:min(len(d.head), d.h)]; d.h > 8 {
		d.head = append(d.head, "")
	}
	d.pager.SetSize(d.w, d.h-len(d.head))
}

package tui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/text"
)

// renderPause is how long the cursor must rest before a step's Markdown is
// drawn: nobody reads it while passing by.
const renderPause = 40 * time.Millisecond

// renderedKept is how many drawn steps are kept.
const renderedKept = 64

// detail shows the selected step: what to do next, its text, what was seen.
type detail struct {
	m    *Model
	size rect
	top  int

	id         document.StepID
	generation int
	markdown   map[drawn][]string
	lines      []string // nil where they must be made again
}

// drawn is what the look of a step's text depends on.
type drawn struct {
	id    document.StepID
	width int
	theme text.Theme
}

// renderDueMsg says that the cursor has rested on a step.
type renderDueMsg struct{ generation int }

// renderedMsg brings a step's drawn Markdown.
type renderedMsg struct {
	key   drawn
	lines []string
}

func newDetail(m *Model) *detail { return &detail{m: m, markdown: map[drawn][]string{}} }

func (d *detail) setSize(r rect) {
	d.size = r
	d.stale()
}

// stale makes the lines be made again when they are next shown.
func (d *detail) stale() { d.lines = nil }

// show turns to another step.
func (d *detail) show(id document.StepID) tea.Cmd {
	if id != d.id {
		d.id, d.top = id, 0
		d.stale()
	}
	return d.render()
}

func (d *detail) key() drawn {
	t := text.Dark
	switch {
	case d.m.cfg.Plain:
		t = text.Plain
	case !d.m.cfg.Dark:
		t = text.Light
	}
	return drawn{d.id, d.size.w, t}
}

// render has the step's Markdown drawn, once the cursor has rested.
func (d *detail) render() tea.Cmd {
	if d.id == "" {
		d.id = d.m.outline.selected()
	}
	if _, ok := d.markdown[d.key()]; ok || d.size.w < 1 {
		return nil
	}
	d.generation++
	generation := d.generation
	return d.m.cfg.Tick(renderPause, func(time.Time) tea.Msg { return renderDueMsg{generation} })
}

func (d *detail) due(msg renderDueMsg) tea.Cmd {
	b, ok := d.m.engine.Bound().Step(d.id)
	if !ok || msg.generation != d.generation {
		return nil
	}
	key, source := d.key(), b.Step.Markdown()
	return func() tea.Msg { return renderedMsg{key, text.Markdown(source, key.width, key.theme)} }
}

func (d *detail) take(msg renderedMsg) {
	if len(d.markdown) >= renderedKept {
		clear(d.markdown)
	}
	d.markdown[msg.key] = msg.lines
	d.stale()
}

// scroll moves the text by n lines.
func (d *detail) scroll(n int) {
	d.top = max(min(d.top+n, len(d.content())-d.size.h), 0)
}

func (d *detail) view() []string {
	lines := d.content()
	d.top = max(min(d.top, len(lines)-d.size.h), 0)
	shown := lines[d.top:min(d.top+max(d.size.h, 0), len(lines))]
	if more := len(lines) - d.top - len(shown); more > 0 && len(shown) > 2 && d.size.w > 24 {
		shown = append(shown[:len(shown)-1:len(shown)-1], d.m.styles.Dim.Render("… more below: pgdn"))
	}
	return shown
}

// content makes the lines of the selected step.
func (d *detail) content() []string {
	if d.lines != nil {
		return d.lines
	}
	b, ok := d.m.engine.Bound().Step(d.id)
	if !ok || d.size.w < 1 {
		return nil
	}
	p := &page{styles: d.m.styles, width: d.size.w}
	d.head(p, b)
	d.next(p, b)
	p.blank()
	if lines, ok := d.markdown[d.key()]; ok {
		p.lines = append(p.lines, lines...)
	} else {
		p.lines = append(p.lines, text.PlainMarkdown(b.Step.Markdown(), d.size.w)...)
	}
	d.said(p, b)
	d.saw(p, b)
	d.gate(p, b)
	d.lines = p.lines
	return d.lines
}

// head is the line that names the step, its state and its kind.
func (d *detail) head(p *page, b *steps.Binding) {
	m := d.m
	status := m.run.Status(b.Step.ID, m.cfg.Now())
	text := say.Capital(b.Label().String()) + "  " + m.styles.Status(status).Render(text.Sign(status)+" "+m.statusWords(b.Step.ID, status))
	text += m.styles.Dim.Render("  " + b.Kind.Name())
	if b.Step.Locked {
		text += "  🔒 " + m.styles.Dim.Render("maintainers only")
	}
	if m.focus == paneDetail && !m.places.single {
		text = m.styles.Key.Render("›") + " " + text
	}
	p.line(m.styles.Strong, text)
}

func (d *detail) next(p *page, b *steps.Binding) {
	if s := d.m.hint(b).text; s != "" {
		p.field(p.styles.Key.Render("Next"), s)
	}
}

// said is what people have stated, with who and when.
func (d *detail) said(p *page, b *steps.Binding) {
	s := d.m.run.Step(b.Step.ID)
	at := func(h runbook.Head) string { return " (" + h.Actor.String() + ", " + h.At.Format("15:04:05") + ")" }
	p.section()
	if s.Tick != nil {
		p.field("Ticked", "done"+at(s.Tick.Head))
	}
	if s.Skip != nil {
		p.field("Skipped", s.Skip.Reason.String()+at(s.Skip.Head))
	}
	if s.Override != nil {
		p.field("Accepted", s.Override.Reason.String()+at(s.Override.Head))
	}
	if s.Judgement != nil {
		p.field("Judged", "the "+s.Judgement.Effect+" looks correct"+at(s.Judgement.Head))
	}
	spec, _ := d.m.run.Spec(b.Step.ID)
	for i, e := range s.Effects {
		label := "`" + spec.Effects[i].Label.String() + "`"
		switch {
		case e.Voided != nil:
			p.field(p.styles.Warn.Render("Lapsed"), label+" counts no more ("+e.Voided.At.Format("15:04:05")+"): "+e.Voided.Text.String())
		case e.InDoubt():
			p.field(p.styles.Bad.Render("In doubt"), e.Doubted.Text.String())
		case e.Settled != nil && e.Settled.Done:
			p.field("Decided", label+" was carried out: "+e.Settled.Reason.String()+at(e.Settled.Head))
		case e.Settled != nil:
			p.field("Decided", label+" was not carried out, or not to its end: "+e.Settled.Reason.String()+at(e.Settled.Head))
		}
	}
	if s.Changed {
		p.field(p.styles.Warn.Render("Changed"), "the text of this step is another one than before; what was said of it counts no more")
	}
	if b.Step.Marked {
		p.field("Author", "marked as done in the document; that says nothing about this run")
	}
}

// saw is what the program sensed: the verdict, and the evidence for it.
func (d *detail) saw(p *page, b *steps.Binding) {
	m, s := d.m, d.m.run.Step(b.Step.ID)
	p.section()
	spec, _ := m.run.Spec(b.Step.ID)
	for i, e := range s.Effects {
		if e.Finished != nil && i < len(s.Effects)-1 {
			d.result(p, say.Capital(spec.Effects[i].Name), e.Finished.Result, e.Finished.At)
		}
	}
	doubt := steps.FindDoubt(m.run, b.Step.ID)
	if s.Result.Verdict != runbook.NotAsked && (doubt == nil || doubt.Event.Text != s.Result.Summary) {
		if m.run.Status(b.Step.ID, m.cfg.Now()) == runbook.Ready {
			p.field("Seen", "not done yet, "+s.CheckedAt.Format("15:04:05")+". "+s.Result.Summary.String())
			for _, e := range s.Result.Evidence {
				p.evidence(e)
			}
		} else {
			d.result(p, "Seen", s.Result, s.CheckedAt)
		}
	}
	for _, problem := range b.Problems {
		p.field(p.styles.Warn.Render("Missing"), problem.String())
	}
}

func (d *detail) result(p *page, name string, r runbook.Result, at time.Time) {
	style := p.styles.Status(map[runbook.Verdict]runbook.Status{
		runbook.Passed: runbook.Done, runbook.Failed: runbook.Rejected, runbook.Unknown: runbook.Unsure,
	}[r.Verdict])
	p.field(style.Render(name), string(r.Verdict)+", "+at.Format("15:04:05")+". "+r.Summary.String())
	for _, e := range r.Evidence {
		p.evidence(e)
	}
}

// gate is what stands between the person and the next command.
func (d *detail) gate(p *page, b *steps.Binding) {
	a := d.m.advice(b)
	if a.Effect == nil || a.Doubt != nil && a.Doubt.Effect.Name == a.Effect.Name {
		return // what became of it is decided first
	}
	p.section()
	p.field("Command", a.Effect.Label.String())
	if _, dir, err := d.m.engine.Command(b.Step.ID, a.Effect.Name); err == nil && dir != "" {
		p.field("in", dir)
	}
	for i, r := range a.Reasons {
		name := ""
		if i == 0 {
			name = p.styles.Warn.Render("Before it")
		}
		p.field(name, r.Text.String())
	}
}

// page gathers lines that fit a width.
type page struct {
	styles  text.Styles
	width   int
	lines   []string
	pending bool
}

// fieldWidth is the column of the names before their values.
const fieldWidth = 10

func (p *page) blank() { p.lines = append(p.lines, "") }

// section puts a blank line before the next field, if one follows.
func (p *page) section() { p.pending = true }

func (p *page) line(style interface{ Render(...string) string }, text string) {
	for line := range strings.SplitSeq(ansi.Wrap(text, p.width, ""), "\n") {
		p.lines = append(p.lines, style.Render(line))
	}
}

// field adds "Name      value", the value wrapped beside its name, or below it
// where the screen is narrow.
func (p *page) field(name, value string) {
	if p.pending {
		p.blank()
		p.pending = false
	}
	if p.width < 3*fieldWidth {
		p.lines = append(p.lines, ansi.Truncate(name, p.width, "…"))
		p.lines = append(p.lines, strings.Split(ansi.Wrap(value, p.width, ""), "\n")...)
		return
	}
	for i, line := range strings.Split(ansi.Wrap(value, p.width-fieldWidth, ""), "\n") {
		label := ""
		if i == 0 {
			label = ansi.Truncate(name, fieldWidth-1, "…")
		}
		p.lines = append(p.lines, label+strings.Repeat(" ", fieldWidth-ansi.StringWidth(label))+line)
	}
}

// evidence adds one thing that was seen, with its source below where it is a link.
func (p *page) evidence(e runbook.Evidence) {
	text := e.Name.String() + ": " + e.Value.String()
	switch e.Name.String() {
	case "-":
		text = p.styles.Bad.Render("- " + e.Value.String())
	case "+":
		text = p.styles.Good.Render("+ " + e.Value.String())
	}
	p.field("", text)
	if src := e.Source.String(); webLink(src) && src != e.Value.String() {
		indent, room := fieldWidth, p.width-fieldWidth
		if p.width < 3*fieldWidth {
			indent, room = 0, p.width
		}
		p.lines = append(p.lines, strings.Repeat(" ", indent)+p.styles.Dim.Render(ansi.Truncate(src, room, "…")))
	}
}

package report

import (
	"fmt"
	"io"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// How much of a text or a list is shown in Markdown. JSON has all of it.
const (
	mostRunes    = 300
	mostEvidence = 20 // of a step
	mostSteps    = 60 // that nothing happened to
)

// Markdown writes the report as Markdown. Text from outside is shown as plain
// words: it can't create headings, links, tables, HTML or mentions. The only links
// are those of evidence. A short report ends before the evidence.
func (r *Report) Markdown(w io.Writer, short bool) error {
	m := &markdown{clock: clockOf(r.BegunAt)}
	m.head(r)
	m.steps(r)
	m.commands(r)
	m.decisions(r)
	if !short {
		m.evidence(r)
		m.timeline(r)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

type markdown struct {
	b     strings.Builder
	clock clock
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdown) head(r *Report) {
	m.line("## %s\n", title(r))
	switch r.Mode {
	case runbook.Practice:
		m.line("> This was practice. Nothing real was asked, and nothing real was changed.\n")
	case runbook.DryRun:
		m.line("> This was a dry run. The real services were asked, and nothing was run.\n")
	}
	for _, p := range r.Problems {
		m.line("> **Note**: %s\n", brief(p))
	}
	m.line("**%s** %s\n", states[r.State], r.summary.markdown())
	m.about(r)
}

// title returns the title, which begins with the mode unless that is live.
func title(r *Report) string {
	t := inline(r.Title.String())
	if r.Rollback {
		t = "ROLLBACK: " + t
	}
	switch r.Mode {
	case runbook.Practice:
		t = "PRACTICE: " + t
	case runbook.DryRun:
		t = "DRY RUN: " + t
	}
	if !r.Release.Empty() {
		t += ", " + inline(r.Release.String())
	}
	if !r.typed.Empty() {
		t += " to " + inline(r.typed.String())
	}
	return t
}

var states = map[State]string{
	State(runbook.AllDone): "Done.", State(runbook.Excepting): "Done, with exceptions.", State(runbook.ByOthers): "Done elsewhere.",
	State(runbook.Undeployed): "Nothing was deployed.", State(runbook.NothingDone): "Nothing was done.", State(runbook.StillOpen): "Not done.",
	Running: "Running.", Doubtful: "Outcome unknown.", NotKnown: "Unknown.",
}

// modes are the modes as shown.
var modes = map[runbook.Mode]string{runbook.Live: "LIVE", runbook.DryRun: "DRY RUN", runbook.Practice: "PRACTICE"}

func (m *markdown) about(r *Report) {
	if mode := modes[r.Mode]; mode != "" {
		environment := ""
		if r.Mode == runbook.Practice && !r.Environment.Empty() {
			environment = ", scenario " + codeSpan(r.Environment.String())
		}
		if !r.typed.Empty() {
			environment += ", environment " + codeSpan(r.typed.String())
		}
		m.line("- Mode: %s%s", mode, environment)
	}
	if !r.Release.Empty() {
		what := "release " + codeSpan(r.Release.String())
		if !r.From.Empty() {
			what += ", back from " + codeSpan(r.From.String())
		}
		for _, f := range r.mentions {
			if v := r.Facts[f.Fact]; !v.Empty() {
				what += ", " + f.Name + " " + codeSpan(shorten(v, mostRunes))
			}
		}
		m.line("- What: %s", what)
	}
	for _, f := range r.Filled {
		m.line("- Filled in: %s is %s, said by %s at %s", codeSpan(f.Name.String()), codeSpan(f.Value.String()), person(f.By, clean.Text{}), m.clock.at(f.At))
	}
	if len(r.People) > 0 {
		who := make([]string, len(r.People))
		for i, p := range r.People {
			who[i] = person(p.Actor, p.Host)
		}
		m.line("- Who: %s", strings.Join(who, ", "))
	}
	if !r.BegunAt.IsZero() {
		done := "nothing has been done or stated since"
		if !r.ActedFrom.IsZero() {
			done = "one action or statement, " + m.clock.at(r.ActedFrom)
		}
		if !r.ActedTo.Equal(r.ActedFrom) {
			done = fmt.Sprintf("first action or statement %s, last %s (%s)", m.clock.at(r.ActedFrom), m.clock.at(r.ActedTo), length(seconds(r.ActedFrom, r.ActedTo)))
		}
		m.line("- When: opened %s %s UTC; %s. All times are UTC, on that day unless another is given.", m.clock, m.clock.at(r.BegunAt), done)
	}
	if h := r.HeldBy; h != nil {
		m.line("- Open now: by %s, since %s", person(h.Actor, h.Host), m.clock.at(h.Since))
	}
	document := ""
	if !r.Document.Empty() {
		document = ", document " + codeSpan(r.Document.String())
	}
	m.line("- Run: %s%s", codeSpan(r.Run), document)
}

// person formats a name as code, because with its host it looks like an address.
func person(actor, host clean.Text) string {
	name := actor.String()
	if at := on(actor, host); at != "" {
		name += " on " + at
	}
	if name == "" {
		return "–"
	}
	return codeSpan(name)
}

func (m *markdown) steps(r *Report) {
	if len(r.Steps) == 0 {
		return
	}
	m.line("\n### Steps\n")
	m.row("Step", "What", "Status", "By", "At", "Took")
	m.row("---", "---", "---", "---", "---", "---")
	idle, left, timed := 0, 0, false
	for _, s := range r.Steps {
		timed = timed || s.Seconds != nil
		if s.idle {
			if idle++; idle > mostSteps {
				left++
				continue
			}
		}
		what := inline(shorten(s.Text, 120))
		if s.Locked {
			what = "🔒 " + what
		}
		if s.Added {
			what += " (added by the program)"
		}
		m.row(inline(s.Label.String()), what, s.Status.String(), by(s.By), m.clock.at(s.HeldAt), length(s.Seconds))
	}
	if left > 0 {
		m.line("\nNothing has happened to %d more steps.", left)
	}
	if timed {
		m.line("\nA step took the time from the first action or statement about it until it held.")
	}
}

// row writes a row of a table. The cells are Markdown.
func (m *markdown) row(cells ...string) {
	m.line("| %s |", strings.Join(cells, " | "))
}

func by(actor clean.Text) string { return person(actor, clean.Text{}) }

// brief formats a text that may be long.
func brief(t clean.Text) string { return inline(shorten(t, mostRunes)) }

func (m *markdown) commands(r *Report) {
	if len(r.Commands) == 0 {
		return
	}
	m.line("\n### Commands\n")
	m.row("Command", "Folder", "By", "Started", "Took", "Exit code", "Outcome")
	m.row("---", "---", "---", "---", "---", "---", "---")
	for _, c := range r.Commands {
		m.row(codeSpan(c.Line.String()), orNone(codeSpan(c.Dir.String())), person(c.By, c.Host), m.clock.at(c.BegunAt), length(c.Seconds), exit(c), outcome(c))
	}
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func exit(c Command) string {
	if c.Exit == nil || *c.Exit == -1 {
		return "–"
	}
	return fmt.Sprint(*c.Exit)
}

// outcome describes the outcome of a command.
func outcome(c Command) string {
	var notes []string
	switch {
	case c.Pretended:
		return "shown, not run"
	case !c.Settled.Empty():
		notes = append(notes, "nobody knew how it ended; a person decided that it "+inline(c.Settled.String())+".")
	case c.Doubted:
		notes = append(notes, "**outcome unknown**.")
	case c.Exit == nil:
		notes = append(notes, "its end is not recorded.")
	}
	if c.Adopted {
		notes = append(notes, "Adopted: started by an earlier process.")
	}
	switch {
	case !c.Summary.Empty():
		notes = append(notes, brief(c.Summary))
	case !c.Problem.Empty():
		notes = append(notes, brief(c.Problem))
	}
	return strings.Join(notes, " ")
}

func (m *markdown) decisions(r *Report) {
	if len(r.Decisions) == 0 {
		return
	}
	m.line("\n### Decisions\n")
	for _, d := range r.Decisions {
		reason := ""
		if !d.Reason.Empty() {
			reason = ". Reason: " + inline(d.Reason.String())
		}
		end := ""
		if !d.EndedAt.IsZero() {
			end = fmt.Sprintf(" (counted until %s: %s)", m.clock.at(d.EndedAt), brief(d.EndedBy))
		}
		m.line("- %s %s %s%s%s", m.clock.at(d.At), by(d.By), d.words.markdown(), reason, end)
	}
}

func (m *markdown) evidence(r *Report) {
	head := false
	for _, s := range r.Steps {
		if len(s.Evidence) == 0 {
			continue
		}
		if !head {
			m.line("\n### Evidence\n")
			head = true
		}
		m.line("- %s: %s", inline(s.Label.String()), brief(s.Summary))
		for i, e := range s.Evidence {
			if i == mostEvidence {
				m.line("  - … and %d more", len(s.Evidence)-i)
				break
			}
			m.line("  - %s: %s (%s, %s)", brief(e.Name), inlineRest(shorten(e.Value, mostRunes)), source(e), m.clock.at(e.At))
		}
	}
}

// source formats the source of evidence: as a link, or as code.
func source(e Evidence) string {
	if address, host := link(e.Source); address != "" {
		return linkTo(address, host)
	}
	return orNone(codeSpan(shorten(e.Source, mostRunes)))
}

func (m *markdown) timeline(r *Report) {
	if len(r.Timeline) == 0 {
		return
	}
	m.line("\n### Timeline\n")
	for _, e := range r.Timeline {
		at := m.clock.at(e.At)
		if !e.Until.IsZero() && m.clock.at(e.Until) != at {
			at += " to " + m.clock.at(e.Until)
		}
		m.line("- %s %s %s", at, person(e.By, e.Host), e.words.markdown())
	}
}

package review

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/terraform"
)

// Limits of the Markdown, in bytes. GitHub takes 65,536 characters as a comment; some
// are left for what a workflow adds.
const (
	comment     = 65_536
	pageMost    = comment - 1_536
	findingMost = 2_000 // of one finding
	diffMost    = 8_000 // of one change
)

// page is Markdown of limited length.
type page struct {
	b       strings.Builder
	missing []string // what didn't fit
}

// add adds text if the page is then no longer than a limit, and reports whether it did.
func (p *page) add(limit int, text string) bool {
	if p.b.Len()+len(text) > limit {
		return false
	}
	p.b.WriteString(text)
	return true
}

func (p *page) leaveOut(n int, noun string) {
	if n > 0 {
		p.missing = append(p.missing, say.Count(n, noun))
	}
}

// Markdown writes the verdict, the counts, the findings and, folded, what would be done to
// each resource, as GitHub shows it in a comment or a job's summary. Nothing of the plan
// can end the structure, mention anyone or link anywhere. What doesn't fit into a comment
// is counted at the end.
func Markdown(w io.Writer, r Report) error {
	p := &page{}
	j := r.Judgement
	p.b.WriteString("### " + sign(j.Verdict) + " Plan " + j.Verdict.String() + "\n\n")
	blocking, others := r.findings()
	address := ""
	if len(blocking) > 0 {
		address = blocking[0].Address.String()
	}
	p.b.WriteString(proseAbout(cut(say.Capital(j.Summary.String()), findingMost), address) + ".\n\n")
	p.b.WriteString("**" + prose(say.Capital(r.Counts)) + "**\n")
	p.findings("\n#### Blocking\n\n", "", blocking, pageMost/2)
	p.findings("\n<details>\n<summary>Other findings: "+say.Number(len(others))+"</summary>\n\n", "\n</details>\n", others, pageMost*5/8)
	p.changes(r)
	p.outputs(r.Plan.Outputs)
	if len(p.missing) > 0 {
		p.b.WriteString("\n**Not shown:** " + strings.Join(p.missing, ", ") +
			", since GitHub allows 65,536 characters. To see everything, run `catalog-runbook plan` on the plan.\n")
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// findings adds a list of findings between a head and an end, as many as fit.
func (p *page) findings(head, end string, all []terraform.Finding, limit int) {
	if len(all) == 0 {
		return
	}
	p.b.WriteString(head)
	for i, f := range all {
		if !p.add(limit, "- **"+f.Rule+"**: "+proseAbout(cut(f.Text.String(), findingMost), f.Address.String())+"\n") {
			p.leaveOut(len(all)-i, "finding")
			break
		}
	}
	p.b.WriteString(end)
}

// changes adds the changes in groups, the gravest first.
func (p *page) changes(r Report) {
	blocked := map[string]bool{}
	for _, f := range r.Judgement.Findings {
		if f.Blocks {
			blocked[f.Address.String()] = true
		}
	}
	full, left := false, 0
	for _, group := range terraform.Order(r.Plan, r.Judgement) {
		head := "\n#### " + say.Capital(group.Title) + ": " + say.Number(len(group.Changes)) + "\n"
		for i, at := range group.Changes {
			c := &r.Plan.Changes[at]
			if full = full || !p.add(pageMost, head+change(c, blocked[clean.Line(c.Address).String()], r.Lines, at)); full {
				left += len(group.Changes) - i
				break
			}
			head = ""
		}
	}
	p.leaveOut(left, "change")
}

// change returns a change that can be unfolded.
func change(c *terraform.Change, blocks bool, linesOf func(int) ([]terraform.Line, clean.Text, error), at int) string {
	summary := markup(c.Sign() + " " + clean.Line(c.Address).String())
	if blocks {
		summary += " <strong>✗ not allowed</strong>"
	}
	for _, remark := range c.Remarks() {
		summary += " " + markup(remark.String())
	}
	return "\n<details>\n<summary>" + summary + "</summary>\n\n" + body(linesOf(at)) + "\n</details>\n"
}

// body returns the difference that a change makes.
func body(lines []terraform.Line, printed clean.Text, err error) string {
	var all []string
	switch {
	case err != nil:
		return prose(clean.Line(err.Error()).String()) + "\n"
	case !printed.Empty():
		for line := range strings.SplitSeq(strings.TrimRight(printed.String(), "\n"), "\n") {
			all = append(all, mark(strings.TrimLeft(line, " "))+line)
		}
	}
	for _, l := range lines {
		all = append(all, mark(string(rune(l.Mark)))+" "+strings.Repeat("  ", l.Depth)+l.String())
	}
	size := 0
	for i, line := range all {
		if size += len(line) + 1; size > diffMost {
			all = append(all[:i:i], "  … "+say.Count(len(all)-i, "more line"))
			break
		}
	}
	return block("diff", all)
}

// mark returns the mark of a line in GitHub's language "diff": that has "!" for what
// Terraform marks with "~".
func mark(line string) string {
	switch {
	case strings.HasPrefix(line, "-"):
		return "-"
	case strings.HasPrefix(line, "+"):
		return "+"
	case strings.HasPrefix(line, "~"):
		return "!"
	}
	return " "
}

// outputs adds the names of the output values that would change.
func (p *page) outputs(all []terraform.Output) {
	if len(all) == 0 {
		return
	}
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = code(o.Name.String())
	}
	if !p.add(pageMost, fmt.Sprintf("\n#### Output values that would change: %s\n\n%s\n", say.Number(len(all)), strings.Join(names, ", "))) {
		p.leaveOut(len(all), "output value")
	}
}

// cut shortens a text to a number of bytes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

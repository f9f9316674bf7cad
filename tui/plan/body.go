package plan

import (
	"strings"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// body holds the lines that say what the plan would do to one resource.
type body struct {
	lines []pager.Line
	err   error // why there are no lines
}

// lineMost is the greatest length of a line in bytes. Longer lines are cut into
// several.
const lineMost = 4 << 10

// read reads the body of a resource from a file. It may be called concurrently.
func (d *Doc) read(i int) *body {
	b := &body{}
	for _, why := range d.blocked[clean.Line(d.Plan.Changes[i].Address).String()] {
		b.lines = append(b.lines, pager.Line{Indent: indent, Mark: "✗", Text: why.String(), Tone: text.ToneBad})
	}
	lines, printed, err := d.lines(i)
	if err != nil {
		b.err = err
		b.lines = append(b.lines, pager.Line{Indent: indent, Mark: "?", Text: clean.Line(err.Error()).String(), Tone: text.ToneBad})
		return b
	}
	switch reason := d.Plan.Changes[i].Reason; {
	case !printed.Empty():
		b.printed(printed.String())
	case !reason.Empty() && len(b.lines) == 0 && len(d.Plan.Changes[i].Triggers) == 0: // otherwise it is shown already
		b.lines = append(b.lines, pager.Line{Indent: indent, Mark: "#", Text: reason.String(), Tone: text.ToneDim})
	}
	for _, l := range lines {
		b.lines = append(b.lines, compose(l)...)
	}
	return b
}

// indent is the indentation of a resource's lines, in cells.
const indent = 4

// printed returns the lines of a block as Terraform has printed it.
func (b *body) printed(block string) {
	for line := range strings.SplitSeq(strings.TrimRight(block, "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", text.Tab)
		bare := strings.TrimLeft(line, " ")
		how := text.ToneText
		switch {
		case strings.Contains(bare, "# forces replacement"):
			how = text.ToneWarn
		case strings.HasPrefix(bare, "#"):
			how = text.ToneDim
		}
		for n, part := range cutLong(bare) {
			l := pager.Line{Indent: len(line) - len(bare) + 2, Hang: 4, Text: part, Tone: how}
			if n > 0 {
				l.Indent += l.Hang
			}
			b.lines = append(b.lines, l)
		}
	}
}

// compose formats one attribute as Terraform does: "~ ami = old -> new".
func compose(l terraform.Line) []pager.Line {
	how, mark := text.ToneText, string(rune(l.Mark))
	switch {
	case l.Forces:
		how = text.ToneWarn
	case l.Mark == terraform.Mark(' '):
		how = text.ToneDim
	}
	var lines []pager.Line
	for n, part := range cutLong(l.String()) {
		p := pager.Line{Indent: indent + 2*l.Depth, Hang: 2, Mark: mark, Text: part, Tone: how}
		if n > 0 {
			p.Mark = " "
		}
		lines = append(lines, p)
	}
	return lines
}

// cutLong cuts a line into pieces of at most lineMost bytes. There is at least one.
func cutLong(line string) []string {
	if len(line) <= lineMost {
		return []string{line}
	}
	var parts []string
	for len(line) > lineMost {
		at := lineMost
		for at > lineMost-utf8.UTFMax && !utf8.RuneStart(line[at]) {
			at--
		}
		parts, line = append(parts, line[:at]), line[at:]
	}
	return append(parts, line)
}

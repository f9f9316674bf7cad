package tui

import (
	"strings"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/text"
)

// planBody is what would be done to one resource, line by line.
type planBody struct {
	lines []planLine
	err   error // why there are none
}

// planLine is a line of the plan. What is wrapped stands below its text, and hang
// cells further to the right.
type planLine struct {
	indent int
	hang   int
	mark   string
	text   string
	tone   tone
}

// lineMost is how many bytes a line has at the most; what is longer becomes
// several.
const lineMost = 4 << 10

// body reads what would be done to a resource. It reads a file.
func (d *planDoc) body(i int) *planBody {
	b := &planBody{}
	for _, why := range d.blocked[clean.Line(d.Plan.Changes[i].Address).String()] {
		b.lines = append(b.lines, planLine{indent: bodyIndent, mark: "✗", text: why.String(), tone: toneBad})
	}
	lines, text, err := d.lines(i)
	if err != nil {
		b.err = err
		b.lines = append(b.lines, planLine{indent: bodyIndent, mark: "?", text: clean.Line(err.Error()).String(), tone: toneBad})
		return b
	}
	switch reason := d.Plan.Changes[i].Reason; {
	case !text.Empty():
		b.printed(text.String())
	case !reason.Empty() && len(b.lines) == 0 && len(d.Plan.Changes[i].Triggers) == 0: // else it is said already
		b.lines = append(b.lines, planLine{indent: bodyIndent, mark: "#", text: reason.String(), tone: toneDim})
	}
	for _, l := range lines {
		b.lines = append(b.lines, compose(l)...)
	}
	return b
}

// bodyIndent is the column of a resource's lines below its sign.
const bodyIndent = 4

// printed takes a block over as it was printed.
func (b *planBody) printed(block string) {
	for line := range strings.SplitSeq(strings.TrimRight(block, "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", text.Tab)
		bare := strings.TrimLeft(line, " ")
		how := tonePlain
		switch {
		case strings.Contains(bare, "# forces replacement"):
			how = toneWarn
		case strings.HasPrefix(bare, "#"):
			how = toneDim
		}
		for n, part := range cutLong(bare) {
			l := planLine{indent: len(line) - len(bare) + 2, hang: 4, text: part, tone: how}
			if n > 0 {
				l.indent += l.hang
			}
			b.lines = append(b.lines, l)
		}
	}
}

// compose writes one attribute as Terraform does: "~ ami = old -> new".
func compose(l terraform.Line) []planLine {
	before, after := l.Before.String(), l.After.String()
	switch {
	case l.Sensitive && before == "" && after == "":
		after = "(sensitive)"
	case l.Unknown && after == "":
		after = "(known after apply)"
	}
	text, value := l.Name.String(), ""
	switch {
	case before != "" && after != "":
		value = before + " -> " + after
	case before != "" || after != "":
		value = before + after
	}
	if text != "" && value != "" {
		text += " = "
	}
	text += value
	how, mark := tonePlain, string(rune(l.Mark))
	switch {
	case l.Forces:
		text, how = text+"  (forces replacement)", toneWarn
	case l.Mark == terraform.Mark(' '):
		how = toneDim
	}
	var lines []planLine
	for n, part := range cutLong(text) {
		p := planLine{indent: bodyIndent + 2*l.Depth, hang: 2, mark: mark, text: part, tone: how}
		if n > 0 {
			p.mark = " "
		}
		lines = append(lines, p)
	}
	return lines
}

// pieces cuts a text into pieces of a bounded length; there is always one.
func cutLong(text string) []string {
	if len(text) <= lineMost {
		return []string{text}
	}
	var parts []string
	for len(text) > lineMost {
		at := lineMost
		for at > lineMost-utf8.UTFMax && !utf8.RuneStart(text[at]) {
			at--
		}
		parts, text = append(parts, text[:at]), text[at:]
	}
	return append(parts, text)
}

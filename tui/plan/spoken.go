package plan

import (
	"fmt"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// signWords are the words for the signs before the lines of a resource.
var signWords = map[string]string{"+": "Add: ", "-": "Remove: ", "~": "Change: ", "#": "Note: ", "✗": "Not allowed: ", "?": "Unknown: ", "!": "Note: "}

// Spoken returns the plan line by line, with words instead of signs. What is open at first is
// open, and everything if all is set. It reads files. An error says that some of what must be
// read can't be shown.
func (d *Doc) Spoken(all bool) ([]string, error) {
	var lines []string
	for i := range d.entries {
		e := &d.entries[i]
		switch {
		case e.text == "":
			continue
		case e.change < 0 && e.mark == "✓" || e.change < 0 && (i == 0 || e.tone == 0 && e.mark == " "):
			lines = append(lines, say.Capital(e.text))
			continue
		case e.change < 0:
			lines = append(lines, signWords[strings.TrimSpace(e.mark)]+e.text)
			continue
		}
		c := &d.Plan.Changes[e.change]
		head := fmt.Sprintf("%s %s", clean.Line(c.Address), c.Effect())
		for _, remark := range c.Remarks() {
			head += ", " + remark.String()
		}
		lines = append(lines, "Resource: "+head)
		if !e.must && !all {
			continue
		}
		body := d.read(e.change)
		if body.err != nil && e.must {
			return nil, body.err
		}
		for _, l := range body.lines {
			lines = append(lines, strings.Repeat(" ", l.Indent)+signWords[strings.TrimSpace(l.Mark)]+l.Text)
		}
	}
	return lines, nil
}

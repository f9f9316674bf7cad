package text

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// triggers finds the attributes of a block that force a replacement. The text does
// not say where in a list something stands: "disk[1].size" is "disk.size".
type triggers struct {
	found []clean.Text
	open  []opened // what the next line stands in
	text  int      // the column of the string of several lines that is open, or 0
}

// opened is a line that others may stand below and further right.
type opened struct {
	column int
	name   string // "" of an element of a list
}

var (
	bodyLine = regexp.MustCompile(`^( *(?:[-+~] )?)(?:([\pL_][\pL\pN_-]*|"(?:[^"\\]|\\.)*") *( = | \{| "))?(.*)$`)
	forcing  = regexp.MustCompile(` # (?:whitespace changes force|forces) replacement$`)
)

// line takes one line of a block. What it cannot place in the block still counts,
// under the name of what it stands in.
func (t *triggers) line(line string) {
	if t.text > 0 {
		rest, ok := strings.CutPrefix(line, strings.Repeat(" ", t.text)+"EOT")
		if !ok || rest != "" && !strings.HasPrefix(rest, " -> ") && !forcing.MatchString(rest) {
			return
		}
		if strings.HasSuffix(forcing.ReplaceAllString(rest, ""), "<<-EOT") {
			return // another value takes the place of the first
		}
		t.text = 0
	}
	m := bodyLine.FindStringSubmatch(line)
	if line == "" || m == nil || strings.HasPrefix(m[4], "#") {
		return
	}
	column, name := len(m[1]), m[2]
	for len(t.open) > 0 && t.open[len(t.open)-1].column >= column {
		last := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		if last.column == column && name == "" && strings.ContainsAny(m[4][:min(1, len(m[4]))], "}])") {
			name = last.name // the end of what began there
		}
	}
	t.open = append(t.open, opened{column, name})
	bare := forcing.ReplaceAllString(line, "")
	if bare != line {
		t.add(t.path())
	}
	if strings.HasSuffix(bare, "<<-EOT") {
		t.text = column
	}
}

// path writes where the current line stands, the way that Terraform writes a
// reference to it.
func (t *triggers) path() string {
	var b strings.Builder
	for _, o := range t.open {
		name := o.name
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
			if !terraform.IsIdentifier(name) {
				b.WriteString("[" + strconv.Quote(name) + "]")
				continue
			}
		}
		if name != "" && b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}

// add adds a path once. That of the whole resource is empty.
func (t *triggers) add(path string) {
	if path == "" {
		path = "(the whole resource)"
	}
	if text := clean.Line(path); !slices.Contains(t.found, text) {
		t.found = append(t.found, text)
	}
}

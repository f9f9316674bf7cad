package text

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/terraform"
)

// block reads the lines between a resource's braces: what forces a replacement, what
// identifies the resource, and what differs in its values.
//
// The mark of an attribute is two columns to the left of its name. The marks in a
// multi-line text are two columns to the right of its attribute; anything further
// right is part of the text.
type block struct {
	triggers   []clean.Text
	identities []terraform.Identity
	edits      []terraform.Edit
	attributes []string // that differ
	refreshes  bool     // it shows an instance_refresh or a force_new_deployment that isn't removed
	payload    payload
	opens      opens
	noise      noise

	open []opened // the lines that the next line may be nested in
	text int      // the column of the attribute whose text is open, or 0
	mark string   // of that attribute
	torn bool     // a line that belongs to no text is where one was open
}

// opened is a line in which later lines may be nested.
type opened struct {
	column int
	name   string // "" for an element of a list
}

// identityLine matches an attribute that a replacement changes. The column excludes
// attributes of nested blocks and lines of a text, and the characters allowed in
// values exclude masked ones.
var identityLine = pattern.Lazy(`^ {6}[-~] ([a-z_]+) += "([A-Za-z0-9_./:-]+)" -> `)

// attributeColumn is where the name of an attribute of the resource begins.
const attributeColumn = 8

// unforced returns a line without the comment that it forces a replacement.
func unforced(line string) string {
	for _, comment := range []string{" # forces replacement", " # whitespace changes force replacement"} {
		if bare, ok := strings.CutSuffix(line, comment); ok {
			return bare
		}
	}
	return line
}

// A bodyLine is a line between the braces: indentation and mark, which together are as
// wide as column, the name of an attribute or of a nested block, and what follows it.
type bodyLine struct {
	column     int
	mark       string // "-", "+", "~" or ""
	name, rest string // name is as it is written, perhaps in quotes; "" for an element of a list
}

func parseBodyLine(line string) bodyLine {
	rest := strings.TrimLeft(line, " ")
	var l bodyLine
	if len(rest) > 1 && strings.IndexByte("-+~", rest[0]) >= 0 && rest[1] == ' ' {
		l.mark, rest = rest[:1], rest[2:]
	}
	l.column, l.rest = len(line)-len(rest), rest
	n := nameEnd(rest)
	if n == 0 {
		return l
	}
	behind := strings.TrimLeft(rest[n:], " ")
	spaces := len(rest) - n - len(behind)
	for _, begins := range []string{"= ", "{", `"`} {
		if after, ok := strings.CutPrefix(behind, begins); ok && spaces > 0 {
			l.name, l.rest = rest[:n], after
		}
	}
	return l
}

// nameEnd returns where the name or the quoted key at the beginning of s ends, 0 where
// there is none.
func nameEnd(s string) int {
	if !strings.HasPrefix(s, `"`) {
		for i, r := range s {
			if r != '_' && !unicode.IsLetter(r) && (i == 0 || r != '-' && !unicode.IsNumber(r)) {
				return i
			}
		}
		return len(s)
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// opensText is the end of a line before a multi-line text.
const opensText = "<<-EOT"

// line reads one line.
func (b *block) line(line string) {
	if b.text > 0 && b.inText(line) {
		return
	}
	l := parseBodyLine(line)
	if line == "" || strings.HasPrefix(l.rest, "#") {
		return
	}
	b.noise.line(l)
	bare := unforced(line)
	b.enter(l.column, l.name, l.rest)
	if l.column == attributeColumn && l.name != "" {
		if l.mark != "" && !slices.Contains(b.attributes, l.name) {
			b.attributes = append(b.attributes, l.name)
		}
		b.payload.begin(l.name, l.mark, unforced(l.rest))
		b.refreshes = b.refreshes || l.name == "instance_refresh" && l.mark != "-" ||
			l.name == "force_new_deployment" && (l.rest == "true" || strings.HasSuffix(l.rest, "-> true"))
	}
	if bare != line {
		b.forces(b.path())
	}
	if len(line) <= terraform.MaxIdentity && l.column == attributeColumn && strings.Contains(line, " -> ") {
		if i := identityLine().FindStringSubmatch(line); i != nil && terraform.Identifies(i[1]) {
			b.identities = append(b.identities, terraform.Identity{Attribute: i[1], Value: i[2]})
		}
	}
	if strings.HasSuffix(bare, opensText) {
		b.text, b.mark = l.column, l.mark
		b.edits = append(b.edits, terraform.Edit{Named: true})
		return
	}
	b.opens.line(l, bare[l.column:])
	b.value(l.mark, bare[l.column:])
}

// inText reads a line of a text. It returns false for the line that ends it, unless
// another text replaces it.
func (b *block) inText(line string) bool {
	rest, ends := strings.CutPrefix(line, strings.Repeat(" ", b.text)+"EOT")
	bare := unforced(rest)
	if ends && (rest == "" || bare != rest || strings.HasPrefix(rest, " -> ")) {
		if b.text == attributeColumn {
			b.payload.end(bare)
		}
		if !strings.HasSuffix(bare, opensText) {
			b.text = 0
		}
		return b.text > 0
	}
	mark, text := b.mark, strings.TrimLeft(line, " ")
	// Whatever this hides of the block would go unjudged.
	b.torn = b.torn || text != "" && len(line)-len(text) < b.text+2
	own, behind, _ := strings.Cut(text, " ")
	if len(line)-len(text) == b.text+2 && (own == "-" || own == "+") {
		mark, text = own, behind
	}
	if b.text == attributeColumn {
		b.payload.line(mark, text)
	}
	add(&b.edits[len(b.edits)-1], mark, strings.TrimSpace(text))
	return true
}

// value adds the difference in a line outside of a text.
func (b *block) value(mark, line string) {
	var e terraform.Edit
	if before, after, two := outsideQuotes(line, " -> "); two && mark == "~" {
		if _, value, ok := outsideQuotes(before, " = "); ok {
			before, e.Named = value, true
		}
		add(&e, "-", strings.TrimSpace(before))
		add(&e, "+", after)
	} else {
		add(&e, mark, line)
	}
	if len(e.Removed)+len(e.Added) > 0 {
		b.edits = append(b.edits, e)
		if len(b.open) > 1 && b.open[0].column == attributeColumn {
			b.payload.shows(b.open[0].name, e)
		}
	}
}

func add(e *terraform.Edit, mark, line string) {
	switch mark {
	case "-":
		e.Removed = append(e.Removed, line)
	case "+":
		e.Added = append(e.Added, line)
	}
}

// outsideQuotes cuts a line at the first separator that is not in a quoted string.
func outsideQuotes(line, separator string) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quoted:
			i++
		case line[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(line[i:], separator):
			return line[:i], line[i+len(separator):], true
		}
	}
	return line, "", false
}

// enter pushes a line on b.open, and pops the lines that it isn't nested in.
func (b *block) enter(column int, name, rest string) {
	for len(b.open) > 0 && b.open[len(b.open)-1].column >= column {
		last := b.open[len(b.open)-1]
		b.open = b.open[:len(b.open)-1]
		if last.column == column && name == "" && strings.ContainsAny(rest[:min(1, len(rest))], "}])") {
			name = last.name // the closing bracket of that line
		}
	}
	b.open = append(b.open, opened{column, name})
}

// path returns the path of the current line, in the form of a Terraform reference.
// It has no list indexes, because the text doesn't: "disk[1].size" is "disk.size".
func (b *block) path() string {
	var path strings.Builder
	for _, o := range b.open {
		name := o.name
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
			if !terraform.IsIdentifier(name) {
				path.WriteString("[" + strconv.Quote(name) + "]")
				continue
			}
		}
		if name != "" && path.Len() > 0 {
			path.WriteByte('.')
		}
		path.WriteString(name)
	}
	return path.String()
}

// forces adds a path to the triggers, unless they have it. "" is the whole resource.
func (b *block) forces(path string) {
	if path == "" {
		path = "(the whole resource)"
	}
	if text := clean.Line(path); !slices.Contains(b.triggers, text) {
		b.triggers = append(b.triggers, text)
	}
}

// identified returns the identities, or none if an attribute has several values.
func (b *block) identified() []terraform.Identity {
	seen := map[string]bool{}
	for _, i := range b.identities {
		if seen[i.Attribute] {
			return nil
		}
		seen[i.Attribute] = true
	}
	return b.identities
}

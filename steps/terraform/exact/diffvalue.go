package exact

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// equal reports whether neither a value nor its sensitivity changes.
func (s sided) equal(after sided) bool {
	return bytes.Equal(s.raw, after.raw) && !marks(after.unknown) &&
		(bytes.Equal(s.mark, after.mark) || !marks(s.mark) && !marks(after.mark))
}

// key returns a string that is the same for values that are equal, disregarding what
// isn't known yet.
func (s sided) key() string {
	if marks(s.mark) {
		return string(s.raw) + "\x00" + string(s.mark)
	}
	return string(s.raw)
}

// shape returns the kind of a value with parts: '{', '[', or '"' for a multi-line
// text. It returns '0' for a value without parts, and 0 if there is no value.
func (s sided) shape() jsontext.Kind {
	k := kind(s.raw)
	switch {
	case absent(s.raw) && (kind(s.unknown) == '{' || kind(s.unknown) == '[') && marks(s.unknown):
		return kind(s.unknown)
	case absent(s.raw):
		return 0
	case k == '{' && len(s.raw) > len(`{}`), k == '[' && len(s.raw) > len(`[]`):
		return k
	case (k == '{' || k == '[') && kind(s.unknown) == k && marks(s.unknown):
		return k
	case k == '{', k == '[':
		return '0'
	case k == '"' && bytes.Contains(s.raw, []byte(`\n`)):
		if text, _ := word(s.raw); strings.Contains(text, "\n") {
			return '"'
		}
	}
	return '0'
}

// attributes compares two objects, either of which may be absent.
func (d *differ) attributes(depth int, before, after sided, forcing []*trigger) {
	olds, news := before.members(), after.members()
	both := maps.Clone(olds)
	maps.Copy(both, news)
	same := 0
	for _, name := range slices.Sorted(maps.Keys(both)) {
		if d.full {
			return
		}
		was, is := olds[name], news[name]
		if absent(was.raw) && absent(is.raw) && !marks(is.unknown) && (depth == 0 || absent(before.raw) || absent(after.raw)) {
			continue // for Terraform, null is the same as not set
		}
		if !d.part(depth, step{name: name, index: isName}, was, is, forcing) {
			same++
		}
	}
	d.unchanged(depth, same, "attribute")
}

// unchanged adds a line that counts the n unchanged parts.
func (d *differ) unchanged(depth, n int, what string) {
	if n > 1 {
		what += "s"
	}
	if n > 0 {
		d.add(terraform.Line{Depth: depth, Mark: terraform.Same, After: clean.Linef("(%d unchanged %s)", n, what)})
	}
}

// members returns the members of an object, including those that aren't known yet.
func (s sided) members() map[string]sided {
	all := map[string]sided{}
	for name, raw := range members(s.raw) {
		all[name] = sided{raw: raw}
	}
	for name, mark := range members(s.mark) {
		if v, ok := all[name]; ok {
			v.mark = mark
			all[name] = v
		}
	}
	for name, unknown := range members(s.unknown) {
		if v, ok := all[name]; ok || marks(unknown) {
			v.unknown = unknown
			all[name] = v
		}
	}
	return all
}

// values returns the two values for a line. Of long values it returns an excerpt from
// around the first difference.
func (d *differ) values(before, after sided, hidden bool) (was, is clean.Text) {
	if hidden {
		was, is = clean.Line(hiddenValue), clean.Line(hiddenValue)
	} else {
		x, y := valueText(before.raw), valueText(after.raw)
		from := differs(x, y)
		was, is = excerpt(x, from), excerpt(y, from)
	}
	if len(before.raw) == 0 {
		was = clean.Text{}
	}
	switch {
	case kind(after.unknown) == 't', marks(after.unknown) && covers(after.raw, after.unknown):
		is = clean.Line(unknownValue)
	case len(after.raw) == 0:
		is = clean.Text{}
	}
	return was, is
}

// valueText returns a value as a single line, with known secrets masked.
func valueText(raw []byte) string {
	if text, ok := word(raw); ok {
		return strconv.Quote(clean.Masked(text))
	}
	return clean.Masked(string(raw))
}

// maxShown is the most bytes of one value that are shown.
const maxShown = 400

// differs returns the offset of the first difference between two strings.
func differs(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// excerpt shortens a value that is too long to a piece around the offset at.
func excerpt(s string, at int) clean.Text {
	if len(s) <= maxShown {
		return clean.Line(s)
	}
	const ahead = maxShown / 4
	from := min(max(0, at-ahead), len(s)-maxShown)
	to := from + maxShown
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to--
	}
	piece := s[from:to]
	if from > 0 {
		piece = "…" + piece
	}
	if to < len(s) {
		piece += "…"
	}
	return clean.Line(piece + fmt.Sprintf(" (%d bytes)", len(s)))
}

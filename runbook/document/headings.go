package document

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"

	"catalog-runbook/runbook/clean"
)

// heading begins a section. It is called only for headings at the top level: one in
// a block quote or a list item doesn't structure the document.
func (r *reader) heading(n *ast.Heading) *parseError {
	start := r.line.start(max(n.Pos(), 0))
	parent := r.section
	for parent.Level >= n.Level {
		parent.End = start
		parent = parent.Parent
	}
	if parent.Level == 0 && len(r.doc.Sections) == 1 {
		parent.End = start
	}
	s := &Section{Level: n.Level, Line: r.line.at(start), Parent: parent, Start: start, End: len(r.src), doc: r.doc}
	r.section, r.steps, r.passages = s, 0, 0
	r.doc.Sections = append(r.doc.Sections, s)
	if err := r.inline(n, nil, ""); err != nil {
		return err
	}
	s.locked, s.prose = parent.locked || r.lock, s.prose || parent.prose
	text := string(bytes.TrimSpace(r.text))
	if filledIn(text) && r.frontTitle != "" {
		text = r.frontTitle
	}
	// The document's title is no title of a part.
	if s.annotated == "" && (parent.Level > 0 || len(r.doc.Sections) > 2) {
		s.Separate = procedureOfItsOwn(text)
	}
	s.Path = append(parent.Path[:len(parent.Path):len(parent.Path)], clean.Line(text))
	s.ID = r.unique(parent.ID, slug(text))
	return nil
}

// unique returns the ID of a section. The second section with the same path gets the
// suffix "-2".
func (r *reader) unique(parent, slug string) string {
	id := slug
	if parent != "" {
		id = parent + "/" + slug
	}
	base := id
	for {
		n, taken := r.ids[id]
		if !taken {
			r.ids[id] = 1
			return id
		}
		// Continue from the last suffix of the path, so that a document with many
		// equal headings takes linear time.
		n = max(n, r.ids[base]) + 1
		r.ids[base] = n
		id = base + "-" + strconv.Itoa(n)
	}
}

// slug returns a heading as part of an ID: its letters and digits in lower case, and
// a hyphen for each run of other characters between them.
func slug(heading string) string {
	var b strings.Builder
	b.Grow(len(heading))
	gap := false
	for _, c := range heading {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(unicode.ToLower(c))
	}
	if b.Len() == 0 {
		return "section"
	}
	return b.String()
}

// Anchored returns the section that the fragment of a link names, without "#", or nil.
// GitHub, for whose pages such links are written, names a heading by its text in lower case
// without punctuation, with a hyphen for each space, and numbers equal names from the second
// on: "deployment-workflow-1".
func (d *Document) Anchored(fragment string) *Section {
	fragment = strings.ToLower(fragment)
	seen := map[string]int{}
	for _, s := range d.Sections[1:] {
		name := anchor(s.Path[len(s.Path)-1].String())
		id := name
		for _, taken := seen[id]; taken; _, taken = seen[id] {
			seen[name]++
			id = name + "-" + strconv.Itoa(seen[name])
		}
		seen[id] = 0
		if id == fragment {
			return s
		}
	}
	return nil
}

func anchor(title string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-' || c == '_' || unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsNumber(c):
			return unicode.ToLower(c)
		}
		return -1
	}, title)
}

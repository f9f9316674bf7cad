// Package candidates chooses what a document's links and commands say of a parameter, such
// as whose releases are deployed. It never chooses where they disagree.
package candidates

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
)

// Candidate is a value and where the document gives it.
type Candidate struct {
	Value string
	Line  int
}

// Set holds the candidates of each parameter by its name, in the order of the document.
// Make it with New.
type Set struct {
	all   map[string]*found
	doc   *document.Document
	lines []string // of the document, once they are needed
}

// found are the candidates of one parameter, one for each value.
type found struct {
	owned, linked []Candidate
	seen          map[string]bool // their values in lower case, behind "owned " or "linked "
}

// New returns an empty set for a document.
func New(doc *document.Document) *Set {
	return &Set{all: map[string]*found{}, doc: doc}
}

// Own adds a value of a step that is bound with it. A placeholder is no value.
func (s *Set) Own(param, value string, line int) {
	if f := s.all[param]; f != nil && len(f.owned) > 0 && f.owned[len(f.owned)-1].Value == value {
		return
	}
	if value != "" && document.PlaceholderValue(value) == "" && s.first("owned ", param, value) {
		s.all[param].owned = append(s.all[param].owned, Candidate{Value: value, Line: line})
	}
}

// Link adds a value that a link gives outside of the steps that are bound with it, unless
// the link is to a tool, or its sentence forbids something.
func (s *Set) Link(param, value string, l *document.Link) {
	if value != "" && l.Negated == "" && !s.toTool(l) && s.first("linked ", param, value) {
		s.all[param].linked = append(s.all[param].linked, Candidate{Value: value, Line: l.Line})
	}
}

// first reports whether a value is the first of its kind.
func (s *Set) first(kind, param, value string) bool {
	f := s.all[param]
	if f == nil {
		f = &found{seen: map[string]bool{}}
		s.all[param] = f
	}
	key := kind + strings.ToLower(value)
	if f.seen[key] {
		return false
	}
	f.seen[key] = true
	return true
}

// Of returns the value that the document gives a parameter, "" if there is none. What
// bound steps say outranks all else. If the best candidates disagree, the value is "" and
// several has one of each.
func (s *Set) Of(param string) (value string, several []Candidate) {
	f := s.all[param]
	if f == nil {
		return "", nil
	}
	best := f.owned
	if len(best) == 0 {
		best = f.linked
	}
	switch len(best) {
	case 0:
		return "", nil
	case 1:
		return best[0].Value, nil
	}
	return "", best
}

// Values returns some values of a parameter.
func (s *Set) Values(param string) []string {
	const most = 10
	var all []string
	if f := s.all[param]; f != nil {
		for _, c := range slices.Concat(f.owned[:min(len(f.owned), most)], f.linked[:min(len(f.linked), most)]) {
			all = append(all, c.Value)
		}
	}
	return all
}

// List names candidates with their lines: "a/b (line 3) and c/d (line 9)".
func List(several []Candidate) clean.Text {
	const shown = 4
	var names []string
	for _, c := range several[:min(len(several), shown)] {
		names = append(names, fmt.Sprintf("%s (line %d)", c.Value, c.Line))
	}
	if more := len(several) - shown; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	last := len(names) - 1
	return clean.Linef("%s and %s", strings.Join(names[:last], ", "), names[last])
}

// AboutTools reports whether the headings of a section say that it is about tools or
// prerequisites.
func AboutTools(section *document.Section) bool {
	return section != nil && slices.ContainsFunc(section.Path, func(heading clean.Text) bool {
		for word := range strings.FieldsFuncSeq(heading.String(), func(c rune) bool { return !unicode.IsLetter(c) }) {
			if word = strings.ToLower(word); toolHeadings[word] || strings.HasPrefix(word, "install") {
				return true
			}
		}
		return false
	})
}

// toolHeadings are words of headings above what a reader needs or may read beforehand.
var toolHeadings = map[string]bool{
	"tool": true, "tools": true, "tooling": true, "prerequisite": true, "prerequisites": true, "requirement": true, "requirements": true,
	"requires": true, "dependencies": true, "credits": true, "acknowledgements": true, "references": true, "reading": true, "related": true,
}

// toTool reports whether a link stands in a section about tools, or in a line about
// installing something.
func (s *Set) toTool(l *document.Link) bool {
	if AboutTools(l.Section) {
		return true
	}
	if s.lines == nil {
		s.lines = strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s.doc.Text()), "\n")
	}
	return l.Line >= 1 && l.Line <= len(s.lines) && aboutTool().MatchString(address().ReplaceAllString(s.lines[l.Line-1], ""))
}

var (
	aboutTool = pattern.Lazy(`(?i)\b(?:install\w*|download\w*|require[sd]?|prerequisites?|tools?|cli|client|plugins?|dependency|dependencies|upstream|base image|based on|built (?:on|with|from)|inspired|similar)\b`)
	address   = pattern.Lazy(`\w+://[^\s)>\]]*`)
)

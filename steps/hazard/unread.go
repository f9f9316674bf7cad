package hazard

import (
	"slices"
	"sort"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
)

// hit is a command in the source of a document.
type hit struct {
	start, end int // offsets
	line       int // 1-based line in the file
	tool, verb string
	args       []string
	quoted     bool // it stands in a quote or an admonition, which asks for nothing
}

func (h *hit) text() string { return strings.Join(append([]string{h.tool, h.verb}, h.args...), " ") }

// Unread looks for the commands that change what is deployed where the document reads
// none: in headings, lists in HTML, blocks of code in other languages, footnotes and plain
// text. It adds them to what was found against the steps, which are those of found, and
// returns those that stand in none of them.
func Unread(doc *document.Document, steps []Step, found []Found) (problems, notes []document.Remark) {
	var last lastCode
	var named said
	read := func(h *hit) bool { return last.reads(doc, ownerOf(doc, h.start), h) || inProse(doc, h.start) }
	for h := range hits(doc, read) {
		owner := ownerOf(doc, h.start)
		i, bound := -1, false
		if owner != nil {
			i, bound = slices.BinarySearchFunc(steps, owner.Start, func(s Step, start int) int { return s.Start - start })
		}
		switch {
		case bound && steps[i].Said && (steps[i].Manual || slices.Contains(steps[i].Runs, h.verb)):
		case named.in(owner, &h):
		case bound && h.verb == "plan" && len(found[i].Problems) > 0: // its apply is named
		case bound && h.quoted:
			found[i].Notes = append(found[i].Notes, clean.Linef("line %d: `%s` is in a quote, which asks for nothing: if it is to be run here, write it into the text of the step", h.line, h.text()))
		case bound:
			found[i].Unbind = found[i].Unbind || !steps[i].Said
			if h.tool == "just" {
				found[i].Problems = append(found[i].Problems, clean.Linef("line %d: `%s` isn't read as a command, so nothing guards it: write it in backticks or in a block of code that begins with ```sh, or annotate the step with kind=manual", h.line, h.text()))
			} else {
				found[i].Problems = append(found[i].Problems, clean.Linef("line %d: nothing guards `%s`: if a person runs it outside of every gate, annotate the step with kind=manual", h.line, h.text()))
			}
		case h.quoted:
			notes = append(notes, document.Remark{Line: h.line, Text: clean.Linef("`%s` is in a quote, which asks for nothing: if it is to be run, write it into an item of a numbered list (\"1. ...\").", h.text())})
		default:
			problems = append(problems, document.Remark{Line: h.line, Text: clean.Linef("`%s` is where no command is read, so nothing guards it: write it into an item of a numbered list (\"1. ...\"), or <!-- runbook: prose --> below the heading if nobody runs it.", h.text())})
		}
	}
	return problems, notes
}

// said are the commands that the step looked into last has, also among its words.
type said struct {
	step  *document.Step
	texts map[string]bool
}

// in reports whether a step has a command besides, so that what stands against it is known.
func (s *said) in(step *document.Step, h *hit) bool {
	if step == nil {
		return false
	}
	if s.step != step {
		s.step, s.texts = step, map[string]bool{}
		for _, c := range new(lineReader).commands(step, nil) {
			if c.line != "" || c.direct {
				s.texts[strings.Join(c.words, " ")] = true
			}
		}
	}
	return s.texts[h.text()] || h.tool != "just" && s.texts[h.tool+" "+h.verb]
}

// ownerOf returns the innermost step or passage at an offset, or nil.
func ownerOf(doc *document.Document, offset int) *document.Step {
	i := sort.Search(len(doc.Steps), func(i int) bool { return doc.Steps[i].Start > offset })
	if i == 0 {
		return nil
	}
	s := doc.Steps[i-1]
	for s != nil && s.End <= offset {
		s = s.Parent
	}
	return s
}

// inProse reports whether an offset is in a section in which nothing is a step.
func inProse(doc *document.Document, offset int) bool {
	i := sort.Search(len(doc.Sections), func(i int) bool { return doc.Sections[i].Start > offset })
	return i > 0 && doc.Sections[i-1].IsProse()
}

// lastCode is the code that was looked into last, and its last line.
type lastCode struct {
	code *document.Code
	end  int
}

// reads reports whether the document has a command at the line of a hit, in the step
// around it or in no step.
func (l *lastCode) reads(doc *document.Document, owner *document.Step, h *hit) bool {
	if owner != nil {
		return l.has(owner.Commands, owner.Code, h)
	}
	return l.has(doc.Outside, doc.OutsideCode, h)
}

func (l *lastCode) has(commands []document.Command, code []document.Code, h *hit) bool {
	i := sort.Search(len(commands), func(i int) bool { return commands[i].Line >= h.line })
	for ; i < len(commands) && commands[i].Line == h.line; i++ {
		if h.isIn(commands[i].Argv) {
			return true
		}
	}
	i = sort.Search(len(code), func(i int) bool { return code[i].Line > h.line })
	for i--; i >= 0; i-- {
		c := &code[i]
		if l.code != c {
			l.code, l.end = c, c.Line+strings.Count(c.Text, "\n")
		}
		if l.end < h.line {
			return false
		}
		if l.end > c.Line || strings.Contains(c.Text, h.tool+" "+h.verb) {
			return true
		}
	}
	return false
}

// isIn reports whether the tool and its verb are among the words of a command.
func (h *hit) isIn(argv []string) bool {
	for i, word := range argv {
		if i+1 < len(argv) && argv[i+1] == h.verb && strings.HasSuffix(word, h.tool) || strings.Contains(word, h.tool) && strings.Contains(word, h.verb) {
			return true
		}
	}
	return false
}

// negation are the words by which a sentence forbids something.
var negation = pattern.Lazy(`(?i)\b(?:not|never|nobody|cannot|avoid|instead of|no longer|no one|dont)\b|n['’]t\b`)

// live environments are those that a person takes for one in a sentence without code.
const environments = terms(" prod production live staging stage dev development test qa uat preprod sandbox ")

const english = terms(" the a an it them this that these those your our its his her their all any some to and or for in on as if when what whatever every each once again here there ahead with from by at is was ")

// ordering are words behind which plain text names a command to run.
const ordering = terms(" run execute type enter call use then running with: run: ")

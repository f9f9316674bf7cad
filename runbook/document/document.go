// Package document parses a runbook, a Markdown document, into sections and
// steps. It does no I/O and never changes the document.
package document

import (
	"crypto/sha256"
	"encoding/hex"

	"catalog-runbook/runbook/clean"
)

// StepID identifies a step as long as its section and its position there stay the
// same. It consists of the section's ID and the step's ordinal in the section, such
// as "airflow/service-deployments/deployment-workflow#3". "#3.1" is the first step
// nested in that one, and "#p2" the second passage of a section.
type StepID string

// Document is a parsed runbook. It doesn't change after Parse and may be read
// concurrently.
type Document struct {
	// Name is the file name that Parse was given, for messages.
	Name string
	// Title is the first heading of level 1, else the front matter's title,
	// else the base name of Name. It is never empty.
	Title clean.Text
	// Sections lists all sections in the order of the document. The first is the
	// root, which has no heading and holds what precedes the first heading.
	Sections []*Section
	// Steps lists all steps in the order of the document, including passages
	// (Shape Passage). A kind or an annotation decides whether a passage is a step.
	Steps []*Step
	// Links lists all links of the document in order, including those outside of
	// steps. Defaults of settings are taken from them.
	Links []Link
	// Outside and OutsideCode list the commands and other code outside of steps and
	// passages, in lists of bullets, tables and blocks of code, each in order.
	Outside     []Command
	OutsideCode []Code
	// Problems lists what was read as prose though it looks like steps, and what makes
	// steps hard to find. Notes lists how the document was read where its text decides
	// that. Both are in the order of the document.
	Problems, Notes []Remark
	// Source is the document's text in UTF-8 with "\n" line ends, without a
	// byte order mark and front matter. It is not clean: pass it only to a
	// renderer that sanitises.
	Source string

	given string // the bytes that Parse was given
	cuts  []span // the ranges of annotations in Source, in order
}

// Text returns the text that Parse was given. It is not clean.
func (d *Document) Text() string { return d.given }

// Hash returns the SHA-256 of the text that Parse was given, in lower-case hex. Each
// call computes it.
func (d *Document) Hash() string { return hash(d.given) }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Remark is a sentence about a place in the document.
type Remark struct {
	Line int        `json:"line"` // 1-based line in the file
	Text clean.Text `json:"text"`
}

// Section is a heading with everything up to the next heading of the same or a
// higher level.
type Section struct {
	ID       string // slug path, unique in the document: "airflow/service-deployments"
	Path     []clean.Text
	Level    int // 1 to 6; 0 for the root
	Line     int // 1-based line in the file; 0 for the root
	Parent   *Section
	Start    int  // byte offset of the heading in Document.Source
	End      int  // byte offset of the end, subsections included
	Separate bool // a procedure of its own, by its title or an annotation: see Annotation

	doc       *Document
	annotated string // the word of its annotation, or ""
	prose     bool   // nothing in it is a step
	locked    bool   // a lock sign is in the heading or in one above it
	steps     int    // how many of its items, without those of subsections, are steps
	all       int    // how many are, with those of subsections
	outside   int    // how many commands of it are in no step
}

// IsProse reports whether an annotation says that nothing in the section is a step.
func (s *Section) IsProse() bool { return s.prose }

// Shape is the syntactic form of a step.
type Shape int

// The shapes.
const (
	ListItem Shape = iota // an item of an ordered list
	TaskItem              // "- [ ]"
	Passage               // a paragraph, which is a step only if a kind recognizes it
	Added                 // not in the document: see AddStep
)

// Step is an item of the document for a person to do, or a passage that may be one.
type Step struct {
	ID      StepID
	Number  string // as shown: "3", "2.1" for a nested item, "" without a number
	Shape   Shape
	Section *Section
	Parent  *Step // the step whose item this one is nested in, or nil
	// Text is the item's first paragraph, or else its first line with words, as
	// plain text on one line without lock signs at its ends. It is empty only if the
	// item is.
	Text clean.Text
	// Words is the first paragraph like Text, but with "…" in place of each code span,
	// each link's text and each part that is struck out. It is "" for an item that
	// doesn't begin with a paragraph. It is not clean.
	Words string
	// Negated is the last word in Words or a link's text by which a sentence forbids or
	// denies something, such as "not", "never" or "nobody", else "".
	Negated string
	// IfWrong is the beginning of a sentence in the step, or of one that leads to it, by
	// which it is done only if something goes wrong, such as "If it fails" or "Rollback",
	// else "". It is not clean.
	IfWrong string
	// Links and Commands are in order. Those in a nested step belong to the
	// nested step alone, and those in a quote, an alert or a footnote, or that are
	// struck out, to no step.
	Links    []Link
	Commands []Command
	// Code is the step's other code that may be for a shell, in order.
	Code   []Code
	Line   int // 1-based line in the file
	Start  int // byte offsets into Document.Source
	End    int
	Locked bool // a lock sign in the item, in one around it or in a heading above it
	Marked bool // "- [x]": set by the author, unrelated to a run
	// Annotation is the step's own annotation, or nil.
	Annotation *Annotation

	content int // where its Markdown begins in Document.Source
	column  int // column at which the lines of the item begin
	nested  int // how many steps are directly nested in it

	own string // its Markdown, of an added step
}

// AddStep returns a step that isn't in the document and comes after one that is, for what
// has to be done even where nobody has written it down. Its ID is that of the other step
// with "+" and its name. The other step is not changed, nor is the document.
func AddStep(after *Step, name, text, markdown string) *Step {
	return &Step{
		ID: after.ID + "+" + StepID(name), Shape: Added, Section: after.Section, Text: clean.Line(text), own: markdown,
		Line: after.Line, Start: after.End, End: after.End,
	}
}

// Link is a link of the document.
type Link struct {
	Text   clean.Text
	Target string // the destination as written; not clean
	Line   int
	// Section is the section that contains the link.
	Section *Section
	// Negated is like Command.Negated.
	Negated string
}

// Command is a command that the document tells the reader to run, as an argument list,
// behind the variables that are assigned for it ("NAME=value"). It may have gaps: see
// Placeholder. A line that needs a shell (a pipe, a redirection) is no Command.
type Command struct {
	Argv   []string
	Fenced bool // from a fenced block in a shell language, else from a code span
	Line   int
	// Negated is the word by which the command's sentence, or the unfinished sentence
	// that leads to it, forbids or denies something: "not", "never", "nobody", "n't",
	// "avoid", "instead of", ... Or else it is the beginning of a sentence by which the
	// command is for when something goes wrong: see OnlyIfWrong. It is "" if there is
	// neither.
	Negated string
}

// Code is code of several words that isn't a Command: a line that needs a shell, or text
// that may be meant for one. It is not clean.
type Code struct {
	Text string
	Line int // 1-based line in the file
}

// Annotation is an invisible comment, <!-- runbook: key=value ... -->. In or
// directly before a step it binds the step; directly before a paragraph it makes
// the paragraph a step.
//
// Three annotations stand directly below a heading, and apply to its section:
// <!-- runbook: procedure --> makes it a procedure of its own, whose effects wait only
// for steps of that section, <!-- runbook: steps --> makes it a part of the document's
// procedure in spite of a title such as "Rollback", and <!-- runbook: prose --> says that
// nothing in it, subsections included, is a step.
type Annotation struct {
	Params map[string]string // including "kind"; neither checked nor clean
	Line   int
}

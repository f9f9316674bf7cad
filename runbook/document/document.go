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
	Separate bool // annotated as a procedure of its own: see Annotation

	doc *Document
}

// Shape is the syntactic form of a step.
type Shape int

// The shapes.
const (
	ListItem Shape = iota // an item of an ordered list
	TaskItem              // "- [ ]"
	Passage               // a paragraph, which is a step only if a kind recognises it
)

// Step is an item of the document for a person to do, or a passage that may be one.
type Step struct {
	ID      StepID
	Number  string // as shown: "3", "2.1" for a nested item, "" without a number
	Shape   Shape
	Section *Section
	Parent  *Step // the step whose item this one is nested in, or nil
	// Text is the item's first paragraph, or else its first line with words, as
	// plain text on one line without the lock sign. It is empty only if the item
	// is.
	Text clean.Text
	// Links and Commands are in order. Those in a nested step belong to the
	// nested step alone.
	Links    []Link
	Commands []Command
	Line     int // 1-based line in the file
	Start    int // byte offsets into Document.Source
	End      int
	Locked   bool // a lock sign at the item's start
	Marked   bool // "- [x]": set by the author, unrelated to a run
	// Annotation is the step's own annotation, or nil.
	Annotation *Annotation

	content int // where its Markdown begins in Document.Source
	column  int // column at which the lines of the item begin
	nested  int // how many steps are directly nested in it
}

// Link is a link of the document.
type Link struct {
	Text   clean.Text
	Target string // the destination as written; not clean
	Line   int
	// Section is the section that contains the link.
	Section *Section
}

// Command is a command that the document tells the reader to run, as an
// argument list. A line that needs a shell (a pipe, a variable, a redirection)
// is no Command.
type Command struct {
	Argv   []string
	fenced bool // from a fenced block in a shell language, else from a code span
	Line   int
}

// Annotation is an invisible comment, <!-- runbook: key=value ... -->. In or
// directly before a step it binds the step; directly before a paragraph it makes
// the paragraph a step; <!-- runbook: procedure --> directly below a heading
// makes the section a procedure of its own, whose effects wait only for steps of
// that section.
type Annotation struct {
	Params map[string]string // including "kind"; neither checked nor clean
	Line   int
}

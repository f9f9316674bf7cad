// Package document parses a runbook, a Markdown document, into sections and
// steps. It does no I/O and never changes the document.
package document

import (
	"crypto/sha256"
	"encoding/hex"

	"catalog-runbook/runbook/clean"
)

// StepID names a step for as long as its section and its place in it stay the
// same. It is made of the section path and the ordinal in that section, for
// example "airflow/service-deployments/deployment-workflow#3", with "#3.1" for
// the first item nested in that one and "#p2" for the second passage.
type StepID string

// Document is a runbook as its author wrote it. It is never changed after Parse
// and may be read concurrently.
type Document struct {
	// Name is the file name that Parse was given, for messages.
	Name string
	// Title is the first heading of level 1, else the front matter's title,
	// else the base name of Name. It is never empty.
	Title clean.Text
	// Sections lists all sections in the order of the document, the root
	// first. The root has no heading; it holds what stands before the first.
	Sections []*Section
	// Steps lists all steps in the order of the document. Passages (Shape
	// Passage) are among them: whether one is a step is for a kind, or its
	// annotation, to say.
	Steps []*Step
	// Links lists every link of the document, also those outside of steps, in
	// order. Defaults of settings are read from them.
	Links []Link
	// Source is the document's text in UTF-8 with "\n" line ends, without a
	// byte order mark and front matter removed. It is not cleaned: render it
	// through a sanitising renderer only.
	Source string

	given string // the bytes that Parse was given
	cuts  []span // the annotations' places in Source, in order
}

// Text returns the bytes that Parse was given. They are not cleaned.
func (d *Document) Text() string { return d.given }

// Hash returns the SHA-256 of the bytes that Parse was given, in lower-case hex.
// It is made anew by each call.
func (d *Document) Hash() string { return hash(d.given) }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Section is a heading with what stands below it, up to the next heading of the
// same or a higher level.
type Section struct {
	ID       string // slug path, unique in the document: "airflow/service-deployments"
	Path     []clean.Text
	Level    int // 1 to 6; 0 for the root
	Line     int // 1-based line in the file; 0 for the root
	Parent   *Section
	Start    int  // byte offsets into Document.Source of the heading and of the end
	End      int  // of the section with all below it
	Separate bool // annotated as a procedure of its own: see Annotation

	doc *Document
}

// Shape says how a step stands in the document.
type Shape int

// The shapes.
const (
	ListItem Shape = iota // an item of an ordered list
	TaskItem              // "- [ ]"
	Passage               // a paragraph, which is a step only if a kind recognises it
)

// Step is one item of the document that someone does, or a passage that may be
// one.
type Step struct {
	ID      StepID
	Number  string // as the reader sees it: "3", "2.1" for a nested item, "" without a number
	Shape   Shape
	Section *Section
	Parent  *Step // the step whose item this one is nested in, or nil
	// Text is the item's first paragraph, or else its first line with words, as
	// plain text on one line, without the lock sign. Only an item that says
	// nothing has none.
	Text clean.Text
	// Links and Commands are in order, and so are Codes. What stands in a
	// nested step is the nested step's alone.
	Links    []Link
	Commands []Command
	Line     int // 1-based line in the file
	Start    int // byte offsets into Document.Source
	End      int
	Locked   bool // a lock sign at the item's start
	Marked   bool // "- [x]": the author's mark, which says nothing about this run
	// Annotation is the step's own annotation, nil where there is none.
	Annotation *Annotation

	codes   []string // not cleaned
	content int      // where its Markdown begins in Document.Source
	column  int      // column at which the lines of the item begin
	nested  int      // how many steps are directly nested in it
}

// Codes returns the texts of the step's code spans.
func (s *Step) Codes() []clean.Text {
	codes := make([]clean.Text, len(s.codes))
	for i, code := range s.codes {
		codes[i] = clean.Line(code)
	}
	return codes
}

// Link is a link of the document.
type Link struct {
	Text   clean.Text
	Target string // the destination as written; not cleaned
	Line   int
	// Section is where the link stands.
	Section *Section
}

// Command is a command that the document tells the reader to run, as an
// argument list. A line that needs a shell (a pipe, a variable, a redirection)
// is no Command.
type Command struct {
	Argv   []string
	Fenced bool // from a fenced block in a shell language, else from a code span
	Line   int
}

// Annotation is an invisible comment, <!-- runbook: key=value ... -->. In or
// directly before a step it binds the step; directly before a paragraph it makes
// the paragraph a step; <!-- runbook: procedure --> directly below a heading
// makes the section a procedure of its own, whose effects wait only for steps of
// that section.
type Annotation struct {
	Params map[string]string // "kind" among them; neither checked nor cleaned
	Line   int
}

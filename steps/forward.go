package steps

import (
	"strings"
	"sync/atomic"
	"unicode"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/command"
)

// repliesAhead is how many of the program's answers may wait for the command to
// read them. Commands ask one question at a time, so one would do.
const repliesAhead = 8

// Typed is a line that a person has typed for the running command.
type Typed struct {
	Line   string // without a line end
	Hidden bool   // it must neither be shown nor kept
}

// forward passes the program's answers and what a person types on to a running
// command.
type forward struct {
	input   chan command.Input
	replies chan command.Input
	typed   <-chan Typed
	folder  string // with the command's record; "" if there is none
	refuse  func(output, line string) clean.Text
	note    func(clean.Text) // shows a line of our own
	asked   atomic.Pointer[string]
}

// run forwards until done is closed.
func (f *forward) run(done <-chan struct{}) {
	typed := f.typed
	for {
		var next command.Input
		select {
		case <-done:
			return
		case next = <-f.replies:
		case t, ok := <-typed:
			if !ok {
				typed = nil
				continue
			}
			if why := f.refusal(t.Line); !why.Empty() {
				f.note(clean.Linef("What you type is not passed on: %s", why))
				continue
			}
			next = command.Input{Data: []byte(t.Line + "\n"), Secret: t.Hidden || f.hides()}
			if next.Secret {
				clean.Secret(t.Line)
			}
		}
		select {
		case f.input <- next:
		case <-done:
			return
		}
	}
}

// refusal returns why a line isn't passed on, "" if it is.
func (f *forward) refusal(line string) clean.Text {
	switch {
	case strings.ContainsFunc(line, unicode.IsControl):
		return clean.Line("it has control characters, which could change what was typed before.")
	case f.refuse != nil:
		return f.refuse(f.question(), line)
	}
	return clean.Text{}
}

// question returns the end of the output if its last line has not ended, else "".
func (f *forward) question() string {
	if asked := f.asked.Load(); asked != nil {
		return *asked
	}
	return ""
}

// unfinished returns the last line of the output if it has not ended.
func (f *forward) unfinished() clean.Text {
	output := f.question()
	return outputLine([]byte(output[strings.LastIndexByte(output, '\n')+1:]))
}

// hides reports whether what is typed now must not be shown: the command has turned the
// echo off, or seems to ask for a secret.
func (f *forward) hides() bool {
	return f.folder != "" && command.Hides(f.folder) || asksSecret(f.question())
}

// secretWords matches words of questions for secrets.
var secretWords = pattern.Lazy(`(?i)pass ?(?:word|phrase|code|wd)|secret|token|credential|\bkey\b|\bpin\b|\botp\b|\bmfa\b|\b2fa\b|one-time|verification`)

// asksSecret reports whether an output ends with a question for something that looks
// like a secret. Terraform prints the name and the description of a variable above its
// prompt.
func asksSecret(output string) bool {
	const prompt, above = "Enter a value:", 6
	lines := strings.Split(output, "\n")
	from := len(lines) - 1
	if strings.Contains(lines[from], prompt) {
		for range above {
			if from == 0 || strings.Contains(lines[from-1], prompt) {
				break
			}
			from--
		}
	}
	return secretWords().MatchString(strings.Join(lines[from:], "\n"))
}

// Question returns the line that the running command has begun and not ended, such as a
// question, and whether what a person types now must not be shown. The text is empty if
// there is none. Question looks into the command's folder.
func (e *Engine) Question() (asked clean.Text, hidden bool) {
	f := e.following.Load()
	if f == nil {
		return clean.Text{}, false
	}
	return f.unfinished(), f.hides()
}

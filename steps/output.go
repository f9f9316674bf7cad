package steps

import (
	"bytes"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/command"
)

// Output is a piece of a command's output: complete lines, and the beginning of the
// next one. Each Output replaces the Partial of the one before.
type Output struct {
	Lines   []clean.Text
	Partial clean.Text
	Note    bool // written by this program, not by the command
}

const (
	// outputKept is how many bytes from the beginning of a command's output are
	// kept to be interpreted. A longer plan counts as not understood.
	outputKept = 16 << 20
	// outputTail is how many bytes of the end are kept beyond that, so that
	// questions and final messages are still seen.
	outputTail = 8 << 10
	// outputCut separates the two, and tells readers that output is missing.
	outputCut = command.Gap
	// maxPartial is the length in bytes at which a line is split.
	maxPartial = 4 << 10
)

// stream turns the output of a command, whose secrets the executor has masked, into
// clean lines, keeps the text to be interpreted, and answers the command's
// questions. It is used by one goroutine at a time.
type stream struct {
	show   func(Output)
	answer func(text string) (reply string, note clean.Text)
	reply  func(at int64, text string) // at is where the question's line begins in the output
	asked  *atomic.Pointer[string]     // gets the end of the output while its last line has not ended; may be nil

	kept    strings.Builder
	tail    []byte // the end of what is beyond outputKept
	lost    bool
	taken   int64 // bytes written in total
	partial []byte
	replied bool // a question was answered, and its line hasn't ended yet
}

func (s *stream) write(chunk []byte) {
	s.keep(chunk)
	if bytes.IndexByte(chunk, '\n') >= 0 && len(bytes.TrimSpace(chunk)) > 0 {
		s.replied = false
	}
	s.partial = append(s.partial, chunk...)
	s.taken += int64(len(chunk))
	lines := make([]clean.Text, 0, bytes.Count(chunk, []byte{'\n'}))
	for {
		line, ok := s.next()
		if !ok {
			break
		}
		lines = append(lines, outputLine(line))
	}
	s.note() // first, because what is shown may be answered at once
	s.show(Output{Lines: lines, Partial: outputLine(s.partial)})
	s.respond()
}

func (s *stream) keep(chunk []byte) {
	if room := outputKept - s.kept.Len(); len(chunk) > room {
		s.kept.Write(chunk[:room])
		chunk, s.lost = chunk[room:], true
		s.tail = append(s.tail, chunk...)
		if len(s.tail) > 2*outputTail {
			s.tail = append(s.tail[:0], s.tail[len(s.tail)-outputTail:]...)
		}
		return
	}
	s.kept.Write(chunk)
}

// next removes the next line from s.partial. Where it splits a line that is too long
// depends only on the bytes of the line, not on the chunks in which they came.
func (s *stream) next() ([]byte, bool) {
	head := s.partial[:min(len(s.partial), maxPartial+1)]
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		s.partial = s.partial[i+1:]
		return head[:i], true
	}
	if len(head) <= maxPartial {
		return nil, false
	}
	head = head[:maxPartial]
	if i := bytes.LastIndexByte(head, '\r'); i >= 0 {
		s.partial = s.partial[i+1:] // overwritten: only the last state counts
		return s.next()
	}
	cut := len(head)
	if i := bytes.LastIndexByte(head, ' '); i > cut/2 {
		cut = i + 1 // not in the middle of a word, which may be a secret
	}
	if i := bytes.LastIndexByte(head, '\x1b'); i > cut-maxSequence && !controlSequence().Match(head[i:]) {
		cut = i
	}
	for back := 1; back < utf8.UTFMax && cut == len(head); back++ {
		if utf8.RuneStart(head[cut-back]) {
			if !utf8.FullRune(head[cut-back:]) {
				cut -= back
			}
			break
		}
	}
	s.partial = s.partial[cut:]
	return head[:cut], true
}

// questionKept is how many bytes at the end of the output are a question with what was
// printed about it.
const questionKept = 4 << 10

// note remembers the end of the output if its last line has not ended.
func (s *stream) note() {
	if s.asked == nil {
		return
	}
	end := ""
	if len(s.partial) > 0 {
		end = s.recent()
		end = end[max(0, len(end)-questionKept):]
	}
	s.asked.Store(&end)
}

// respond answers a question, once per line.
func (s *stream) respond() {
	if s.answer == nil || s.replied {
		return
	}
	reply, note := s.answer(s.recent())
	if reply == "" {
		return
	}
	s.replied = true
	// The offset of the line doesn't depend on the chunks in which it came, so a
	// process that rejoins the command recognizes a question that was answered.
	at := s.taken - int64(len(s.partial))
	s.show(Output{Lines: []clean.Text{outputLine(s.partial)}})
	s.show(Output{Lines: []clean.Text{note}, Note: true})
	s.partial = nil
	s.reply(at, reply)
}

// recent returns all output, or outputCut and the end of it if not all was kept.
func (s *stream) recent() string {
	if s.lost {
		return outputCut + string(s.tail)
	}
	return s.kept.String()
}

func (s *stream) end() {
	if len(s.partial) > 0 {
		s.show(Output{Lines: []clean.Text{outputLine(s.partial)}})
		s.partial = nil
	}
}

// text returns the output as it came, to be interpreted. If it was too long to
// keep, text returns the beginning and the end with outputCut between them.
func (s *stream) text() string {
	if s.lost {
		return s.kept.String() + outputCut + string(s.tail)
	}
	return s.kept.String()
}

// controlSequence matches the sequences that commands use for colors and for
// clearing a line (ECMA-48, section 5.4). Other escape sequences aren't removed, but
// cleaning makes them visible.
var controlSequence = pattern.Lazy(`\x1b\[[0-9;:?]*[ -/]*[@-~]`)

// maxSequence is how many bytes before a split are searched for the beginning of
// such a sequence.
const maxSequence = 32

// outputLine cleans one line. It removes colors, and keeps only the last state of a
// line that was overwritten, such as a progress bar.
func outputLine(line []byte) clean.Text {
	if bytes.IndexByte(line, '\x1b') >= 0 { // much cheaper than the expression
		line = controlSequence().ReplaceAll(line, nil)
	}
	text := strings.TrimRight(string(line), "\r")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = strings.Clone(text[i+1:]) // so that the rest can be freed
	}
	return clean.Line(strings.ReplaceAll(text, "\t", "    "))
}

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

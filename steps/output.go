package steps

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
)

// Output is a piece of a command's output: lines that are whole, and the
// beginning of the one that is not. Each Output replaces the Partial before it.
type Output struct {
	Lines   []clean.Text
	Partial clean.Text
	Note    bool // the program says this itself, not the command
}

const (
	// outputKept is how many bytes of the beginning of a command's output are
	// kept for judging it. A plan that is longer than that is not understood.
	outputKept = 16 << 20
	// outputTail is how many bytes of the end are kept beyond that, so that a
	// question and the last words are still seen.
	outputTail = 8 << 10
	// outputCut stands between the two. Whoever judges the text and meets it
	// does not have the whole.
	outputCut = command.Gap
	// maxPartial is how long a line may grow before it is cut into lines of its
	// own, in bytes.
	maxPartial = 4 << 10
)

// stream turns what an executor passes on of a command, in which secrets are
// masked, into clean lines, keeps the text for judging, and answers the command's
// questions. It is used by one goroutine.
type stream struct {
	show   func(Output)
	answer func(text string) (reply string, note clean.Text)
	reply  func(at int64, text string) // at is where the question's line begins in the output

	kept    strings.Builder
	tail    []byte // the end of what is beyond outputKept
	lost    bool
	taken   int64 // bytes in all
	partial []byte
	replied bool // and no line with words has ended since
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

// next takes a line off the partial one. Where a line that is too long is cut
// depends on its bytes alone and not on the chunks in which they came.
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
		s.partial = s.partial[i+1:] // written over: only the last state counts
		return s.next()
	}
	cut := len(head)
	if i := bytes.LastIndexByte(head, ' '); i > cut/2 {
		cut = i + 1 // not in the middle of a word, which may be a secret
	}
	if i := bytes.LastIndexByte(head, '\x1b'); i > cut-maxSequence && !controlSequence.Match(head[i:]) {
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

// respond answers a question once: what is still on its line is the same one.
func (s *stream) respond() {
	if s.answer == nil || s.replied {
		return
	}
	reply, note := s.answer(s.recent())
	if reply == "" {
		return
	}
	s.replied = true
	// Where the line begins does not depend on the pieces in which it came, so
	// that whoever comes back to the command gives the same question the same
	// answer, and not a second one.
	at := s.taken - int64(len(s.partial))
	s.show(Output{Lines: []clean.Text{outputLine(s.partial)}})
	s.show(Output{Lines: []clean.Text{note}, Note: true})
	s.partial = nil
	s.reply(at, reply)
}

// recent returns what an answer is judged by: all output, or where that was too
// much the mark that says so and the end.
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

// text returns the output for judging, as it came. Of a text that was too long
// to keep there is the beginning and the end, with outputCut between them.
func (s *stream) text() string {
	if s.lost {
		return s.kept.String() + outputCut + string(s.tail)
	}
	return s.kept.String()
}

// controlSequence matches what commands use for colours and for clearing a line
// (ECMA-48, section 5.4). Anything else that steers a terminal stays and is
// made visible.
var controlSequence = regexp.MustCompile(`\x1b\[[0-9;:?]*[ -/]*[@-~]`)

// maxSequence is how long such a sequence is looked for where a line is cut.
const maxSequence = 32

// outputLine cleans one line. Colours are dropped rather than shown as codes,
// and of a line that was written over (a progress bar) the last state is kept.
func outputLine(line []byte) clean.Text {
	if bytes.IndexByte(line, '\x1b') >= 0 { // the expression is dear where there are many lines
		line = controlSequence.ReplaceAll(line, nil)
	}
	text := strings.TrimRight(string(line), "\r")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = strings.Clone(text[i+1:]) // the rest would be kept with it
	}
	return clean.Line(strings.ReplaceAll(text, "\t", "    "))
}

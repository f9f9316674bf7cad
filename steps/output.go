package steps

import (
	"bytes"
	"regexp"
	"strings"

	"catalog-runbook/runbook/clean"
)

// Output is a piece of a command's output: lines that are whole, and the
// beginning of the one that is not. Each Output replaces the Partial before it.
type Output struct {
	Lines   []clean.Text
	Partial clean.Text
	Note    bool // the program says this itself, not the command
}

// maxPartial is how long a line without an end may grow before it is cut into
// lines of its own, in bytes.
const maxPartial = 4 << 10

// stream turns the bytes of a command into clean lines, keeps the text for
// judging, and answers the command's question. It is used by one goroutine.
type stream struct {
	show   func(Output)
	answer func(text string) (reply string, note clean.Text)
	reply  func(string)

	kept    strings.Builder
	lost    bool
	partial []byte
	replied bool
}

func (s *stream) write(chunk []byte) {
	if s.kept.Len()+len(chunk) <= outputKept {
		s.kept.Write(chunk)
	} else {
		s.lost = true
	}
	s.partial = append(s.partial, chunk...)
	var lines []clean.Text
	for {
		i := bytes.IndexByte(s.partial, '\n')
		if i < 0 && len(s.partial) > maxPartial {
			i = maxPartial
		}
		if i < 0 {
			break
		}
		lines = append(lines, outputLine(s.partial[:i]))
		s.partial = s.partial[min(i+1, len(s.partial)):]
	}
	s.show(Output{Lines: lines, Partial: outputLine(s.partial)})
	s.respond()
}

// respond answers a question once.
func (s *stream) respond() {
	if s.answer == nil || s.replied || s.lost {
		return
	}
	reply, note := s.answer(s.kept.String())
	if reply == "" {
		return
	}
	s.replied = true
	s.show(Output{Lines: []clean.Text{outputLine(s.partial), note}, Note: true})
	s.partial = nil
	s.reply(reply)
}

func (s *stream) end() {
	if len(s.partial) > 0 {
		s.show(Output{Lines: []clean.Text{outputLine(s.partial)}})
		s.partial = nil
	}
}

// text returns the output for judging, without escape sequences. A text that
// was too long to keep ends in the middle, which no reader takes for a whole.
func (s *stream) text() string { return s.kept.String() }

// controlSequence matches what commands use for colours and for clearing a line
// (ECMA-48, section 5.4). Anything else that steers a terminal stays and is
// made visible.
var controlSequence = regexp.MustCompile(`\x1b\[[0-9;:?]*[ -/]*[@-~]`)

// outputLine cleans one line. Colours are dropped rather than shown as codes,
// and of a line that was written over (a progress bar) the last state is kept.
func outputLine(line []byte) clean.Text {
	text := strings.TrimRight(string(controlSequence.ReplaceAll(line, nil)), "\r")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:]
	}
	return clean.Line(strings.ReplaceAll(text, "\t", "    "))
}

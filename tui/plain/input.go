package plain

import (
	"bufio"
	"io"
	"strings"
)

// longestLine is the longest line that is read, in bytes. A longer one ends the input.
const longestLine = 64 << 10

// ahead is how many lines may be typed ahead.
const ahead = 256

// input reads lines. Lines of a terminal are read as they are typed; those of a script only
// when they are asked for, so that a command that runs meanwhile gets none of them.
type input struct {
	typed bool
	lines chan string // closed when the input has ended
	want  chan struct{}
	ended chan struct{}
}

func newInput(r io.Reader, typed bool) *input {
	in := &input{typed: typed, lines: make(chan string, ahead), want: make(chan struct{}, 1), ended: make(chan struct{})}
	go in.scan(r)
	return in
}

// scan reads until the input or the walk ends. It stays in a read that nothing ends, as that
// of a terminal, until the program does.
func (in *input) scan(r io.Reader) {
	defer close(in.lines)
	s := bufio.NewScanner(r)
	s.Buffer(nil, longestLine)
	for {
		if !in.typed {
			select {
			case <-in.want:
			case <-in.ended:
				return
			}
		}
		if !s.Scan() {
			return
		}
		select {
		case in.lines <- strings.TrimSpace(s.Text()):
		case <-in.ended:
			return
		}
	}
}

// ask asks for the next line of a script.
func (in *input) ask() {
	select {
	case in.want <- struct{}{}:
	default:
	}
}

// forget drops what was typed before a question was asked: it was meant for something else.
func (in *input) forget() {
	for in.typed {
		select {
		case _, ok := <-in.lines:
			if !ok {
				return
			}
		default:
			return
		}
	}
}

func (in *input) end() { close(in.ended) }

// prompt prints a prompt and returns the line that answers it. It returns false if the person
// leaves with ctrl+c, or the input or the walk has ended.
func (w *walk) prompt(text string) (string, bool) {
	if w.left {
		return "", false
	}
	w.out.prompt(text)
	w.in.ask()
	select {
	case line, ok := <-w.in.lines:
		switch {
		case !ok:
			w.out.line("")
			w.left = true
		case !w.Typed:
			w.out.answer(line) // a log shows what was answered
		}
		return line, ok
	case <-w.Interrupts:
		w.out.line("")
		w.leave()
		return "", !w.left
	case <-w.ctx.Done():
		w.out.line("")
		w.left = true
		return "", false
	}
}

// question asks until check returns "" for the answer, and returns that. An empty line
// cancels, for which it returns false.
func (w *walk) question(label, ask string, check func(string) string) (string, bool) {
	w.in.forget()
	w.out.line("%s: %s An empty line cancels.", label, ask)
	for {
		line, ok := w.prompt(strings.ToLower(label) + ">")
		if !ok || line == "" {
			if ok {
				w.out.line("Canceled: nothing was done.")
			}
			return "", false
		}
		problem := check(line)
		if problem == "" {
			return line, true
		}
		w.out.line("Try again: %s. An empty line cancels.", problem)
	}
}

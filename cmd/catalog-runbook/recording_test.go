package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
)

var drawRecording = flag.Bool("recording", false, "draw the README's recording again from the program")

const (
	recordingPath = "../../.github/walk.svg"
	frameTime     = 1800 * time.Millisecond
	lastFrameTime = 6 * time.Second
)

// TestRecording checks the README's recording of a walk. With -recording it is drawn
// again from a walk in the practice world.
func TestRecording(t *testing.T) {
	if *drawRecording {
		term := onTerminal(t, pictureColumns, pictureRows, []string{"COLORTERM=truecolor"}, []string{"practice", "calm"}, nil)
		r := &recording{known: map[string]int{}}
		term.seen = func() {
			settle(term)
			r.take(term)
		}
		walkToApplied(term)
		if err := os.WriteFile(recordingPath, []byte(r.svg()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := pictureText(t, read(t, recordingPath))
	for _, want := range []string{"PRACTICE calm", "0 of 7 done", "4 of 7 done", "5 of 7 done", "user_data  (forces replacement)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the recording; draw it again: go test ./cmd/catalog-runbook -run TestRecording -recording", want)
		}
	}
}

// settle returns when nothing has been drawn for a moment, so that no frame is torn.
func settle(term *emulator) {
	for {
		select {
		case <-term.changed:
		case <-time.After(200 * time.Millisecond):
			return
		}
	}
}

// A recording holds the screens of a walk, one after the other. Lines that several
// screens have in common are drawn once.
type recording struct {
	lines  []string
	known  map[string]int // what a line draws, to its place in lines
	frames [][]int
}

func (r *recording) take(term *emulator) {
	term.mu.Lock()
	defer term.mu.Unlock()
	var frame []int
	for y := range pictureRows {
		frame = append(frame, r.line(term.screen, y))
	}
	if n := len(r.frames); n == 0 || !slices.Equal(r.frames[n-1], frame) {
		r.frames = append(r.frames, frame)
	}
}

func (r *recording) line(screen vt10x.View, y int) int {
	var b strings.Builder
	for _, run := range runsOf(screen, y, pictureColumns) {
		run.draw(&b, y)
	}
	n, known := r.known[b.String()]
	if !known {
		n = len(r.lines)
		r.known[b.String()] = n
		r.lines = append(r.lines, b.String())
	}
	return n
}

// svg draws the screens so that one follows another without end. Who wants no motion
// sees the last.
func (r *recording) svg() string {
	var b strings.Builder
	open(&b, "A walk through a deployment in the practice world, from the release to the apply")
	last := len(r.frames) - 1
	total := time.Duration(last)*frameTime + lastFrameTime
	fmt.Fprintf(&b, "<style>\n.f{visibility:hidden;animation-duration:%.1fs;animation-timing-function:step-end;animation-iteration-count:infinite}\n", total.Seconds())
	percent := func(d time.Duration) float64 { return 100 * d.Seconds() / total.Seconds() }
	for i := range r.frames {
		from, to := time.Duration(i)*frameTime, time.Duration(i+1)*frameTime
		fmt.Fprintf(&b, "#f%d{animation-name:k%d}@keyframes k%d{0%%{visibility:hidden}%.3f%%{visibility:visible}", i, i, i, percent(from))
		if i < last {
			fmt.Fprintf(&b, "%.3f%%{visibility:hidden}", percent(to))
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "@media (prefers-reduced-motion:reduce){.f{animation:none}#f%d{visibility:visible}}\n</style>\n<defs>\n", last)
	for i, line := range r.lines {
		if line != "" {
			fmt.Fprintf(&b, "<g id=\"l%d\">\n%s</g>\n", i, line)
		}
	}
	b.WriteString("</defs>\n")
	for i, frame := range r.frames {
		fmt.Fprintf(&b, "<g class=\"f\" id=\"f%d\">", i)
		for _, n := range frame {
			if r.lines[n] != "" {
				fmt.Fprintf(&b, "<use href=\"#l%d\"/>", n)
			}
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

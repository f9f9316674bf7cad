package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// start measures the start of a process that says what it is and ends.
func (b *bench) start() error {
	all := b.subjects(
		subject{name: "now --version", argv: []string{"now", "--version"}}, subject{name: "now --help", argv: []string{"now", "--help"}},
		subject{name: "earlier --help", argv: []string{"earlier", "--help"}}, subject{name: "floor", argv: []string{"floor", "--version"}},
		subject{name: "glow", argv: []string{"glow", "--version"}}, subject{name: "runme", argv: []string{"runme", "--version"}},
		subject{name: "ie", argv: []string{"ie", "--help"}}, subject{name: "xc", argv: []string{"xc", "-version"}},
		subject{name: "tf-summarize", argv: []string{"tf-summarize", "-v"}},
	)
	samples, err := interleave(31, all, b.once)
	if err == nil {
		show("Start", all, samples, []string{"CPU ms", "wall ms", "MiB"}, "earlier --help", "floor")
	}
	return err
}

// document writes a runbook with this many steps, in sections of ten.
func (b *bench) document(n int) (string, error) {
	var text strings.Builder
	text.WriteString("# Many steps\n")
	for i := range n {
		if i%10 == 0 {
			fmt.Fprintf(&text, "\n## Part %d\n\n", i/10+1)
		}
		fmt.Fprintf(&text, "%d. Look at machine %d, and say what it shows: the load, the memory and the disk.\n", i%10+1, i+1)
	}
	return b.file(fmt.Sprintf("steps-%d.md", n), text.String())
}

// frames measures the time to the first frame, and the memory of the open checklist.
func (b *bench) frames() error {
	// A gh that takes as long as the real one, and isn't signed in.
	if _, err := b.file("bin/gh", "#!/bin/sh\nsleep 0.07\nexit 1\n"); err != nil {
		return err
	}
	few, err := b.document(10)
	if err != nil {
		return err
	}
	many, err := b.document(10_000)
	if err != nil {
		return err
	}
	all := b.subjects(
		subject{name: "now", argv: []string{"now", few}, shows: "Part 1"}, subject{name: "earlier", argv: []string{"earlier", few}, shows: "Part 1"},
		subject{name: "now, 10,000 steps", argv: []string{"now", many}, shows: "Part 1"}, subject{name: "earlier, 10,000 steps", argv: []string{"earlier", many}, shows: "Part 1"},
		subject{name: "floor", argv: []string{"floor"}, shows: "Floor "}, subject{name: "glow", argv: []string{"glow", "-t", few}, shows: " Glow "},
		subject{name: "runme", argv: []string{"runme", "tui", "--filename", few}, shows: "quit"},
	)
	samples, err := interleave(15, all, b.frame)
	if err != nil {
		return err
	}
	show("First frame at 120x40, gh installed and not signed in", all, samples, []string{"wall ms", "CPU ms", "main MiB", "child MiB"}, "now", "earlier", "floor")
	return nil
}

func (b *bench) frame(s subject) (sample, error) {
	begun := time.Now()
	t, err := b.open(s)
	if err != nil {
		return nil, err
	}
	defer t.end()
	if err := t.shows(s.shows); err != nil {
		return nil, err
	}
	out := sample{"wall ms": ms(time.Since(begun)), "CPU ms": cpu(t.cmd.Process.Pid)}
	t.settled(300 * time.Millisecond)
	out["main MiB"] = peak(t.cmd.Process.Pid)
	if pid := child(t.cmd.Process.Pid); pid != 0 {
		out["child MiB"] = peak(pid)
	}
	return out, nil
}

// open10 returns the checklists of 10 steps and the floor, which neither ask for gh's
// token.
func (b *bench) open10() ([]subject, error) {
	few, err := b.document(10)
	token := []string{"GITHUB_TOKEN=none"}
	return b.subjects(
		subject{name: "now", argv: []string{"now", few}, shows: "Part 1", environ: token},
		subject{name: "earlier", argv: []string{"earlier", few}, shows: "Part 1", environ: token},
		subject{name: "floor", argv: []string{"floor"}, shows: "Floor "},
	), err
}

// presses is how many keys are pressed in a row.
const presses = 36

// keys measures what a move of the cursor takes. Each press is a sample.
func (b *bench) keys() error {
	all, err := b.open10()
	if err != nil {
		return err
	}
	samples := map[string][]sample{}
	for range 3 {
		for _, s := range all {
			pressed, err := b.press(s)
			if err != nil {
				return err
			}
			samples[s.name] = append(samples[s.name], pressed...)
		}
	}
	show("A key that moves the cursor, 10 steps", all, samples, []string{"CPU ms", "bytes", "latency ms"}, "earlier", "floor")
	for _, s := range all {
		fmt.Printf("%s: 99 of 100 within %.1f ms\n", s.name, quantile(samples[s.name], "latency ms", 0.99))
	}
	return nil
}

func (b *bench) press(s subject) ([]sample, error) {
	t, err := b.open(s)
	if err != nil {
		return nil, err
	}
	defer t.end()
	if err := t.shows(s.shows); err != nil {
		return nil, err
	}
	const pause = 150 * time.Millisecond
	_, before := t.settled(500 * time.Millisecond)
	pid, begun := t.cmd.Process.Pid, time.Now()
	idle := cpu(pid)
	time.Sleep(time.Second)
	idle = (cpu(pid) - idle) / ms(time.Since(begun)) // of each ms, what goes by without a key
	var out []sample
	for i := range presses {
		key := "j"
		if i/8%2 == 1 {
			key = "k"
		}
		used, pressed := cpu(pid), time.Now()
		if _, err := io.WriteString(t.file, key); err != nil {
			return nil, err
		}
		last, after := t.settled(pause)
		if after == before {
			return nil, errors.New("a key draws nothing")
		}
		out = append(out, sample{
			"CPU ms": cpu(pid) - used - idle*ms(time.Since(pressed)), "bytes": float64(after - before), "latency ms": ms(last.Sub(pressed)),
		})
		before = after
	}
	return out, nil
}

// idle measures an open checklist that nobody touches.
func (b *bench) idle() error {
	all, err := b.open10()
	if err != nil {
		return err
	}
	samples, err := interleave(3, all, func(s subject) (sample, error) {
		t, err := b.open(s)
		if err != nil {
			return nil, err
		}
		defer t.end()
		if err := t.shows(s.shows); err != nil {
			return nil, err
		}
		t.settled(time.Second)
		pid, begun := t.cmd.Process.Pid, time.Now()
		used, woken := cpu(pid), wakeups(pid)
		time.Sleep(5 * time.Second)
		seconds := time.Since(begun).Seconds()
		return sample{"CPU ms/s": (cpu(pid) - used) / seconds, "wake-ups/s": (wakeups(pid) - woken) / seconds}, nil
	})
	if err == nil {
		show("Idle", all, samples, []string{"CPU ms/s", "wake-ups/s"}, "earlier", "floor")
	}
	return err
}

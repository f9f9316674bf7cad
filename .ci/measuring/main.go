// Measuring runs programs in turn and prints how much time, processor time and memory
// each of them takes, as medians and as ratios. The script .ci/measure builds what it
// compares.
//
//	measuring NAME=PATH... [TABLE...]
//
// It runs on Linux only, because it reads /proc.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A table is one comparison.
type table struct {
	name string
	run  func(b *bench) error
}

var tables = []table{
	{"start", (*bench).start},
	{"frame", (*bench).frames},
	{"keys", (*bench).keys},
	{"idle", (*bench).idle},
	{"check", (*bench).check},
	{"verdict", (*bench).verdicts},
}

func main() {
	b := &bench{programs: map[string]string{}}
	var only []string
	for _, arg := range os.Args[1:] {
		if name, path, ok := strings.Cut(arg, "="); ok {
			b.programs[name] = path
		} else {
			only = append(only, arg)
		}
	}
	folder, err := os.MkdirTemp("", "measuring")
	if err == nil {
		b.folder = folder
		err = b.all(only)
		_ = os.RemoveAll(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measuring:", err)
		os.Exit(1)
	}
}

func (b *bench) all(only []string) error {
	for _, t := range tables {
		if len(only) > 0 && !slices.Contains(only, t.name) {
			continue
		}
		if err := t.run(b); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

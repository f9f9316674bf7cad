package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A bench has the programs to compare, by name, and a folder for what they are given.
type bench struct {
	programs map[string]string
	folder   string
}

// A subject is a program with its arguments.
type subject struct {
	name    string
	argv    []string
	environ []string // besides the usual one
	stdin   string   // a file
	shows   string   // text of the first frame
}

// subjects keeps of all those whose program there is.
func (b *bench) subjects(all ...subject) []subject {
	var there []subject
	for _, s := range all {
		if path, ok := b.programs[s.argv[0]]; ok {
			s.argv = append([]string{path}, s.argv[1:]...)
			there = append(there, s)
		}
	}
	return there
}

// environ is the environment of every program: a home of its own, nothing secret.
func (b *bench) environ(s subject) []string {
	return append([]string{
		"HOME=" + b.folder, "XDG_STATE_HOME=" + filepath.Join(b.folder, "state"), "XDG_CACHE_HOME=" + filepath.Join(b.folder, "cache"),
		"PATH=" + filepath.Join(b.folder, "bin") + ":" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8",
	}, s.environ...)
}

// file writes a file into the folder and returns its path.
func (b *bench) file(name, text string) (string, error) {
	path := filepath.Join(b.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte(text), 0o755)
}

// A sample is what one run took, by the name of the figure.
type sample map[string]float64

// interleave runs every subject n times in turn and returns the samples of each.
func interleave(n int, all []subject, run func(subject) (sample, error)) (map[string][]sample, error) {
	out := map[string][]sample{}
	for range n {
		for _, s := range all {
			got, err := run(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			out[s.name] = append(out[s.name], got)
		}
	}
	return out, nil
}

func quantile(samples []sample, figure string, q float64) float64 {
	var all []float64
	for _, s := range samples {
		all = append(all, s[figure])
	}
	slices.Sort(all)
	if len(all) == 0 {
		return 0
	}
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

// show prints the medians of the figures, and each as a ratio to those that are named.
func show(title string, all []subject, samples map[string][]sample, figures []string, against ...string) {
	fmt.Printf("\n## %s\n\n| program | %s |\n|---%s|\n", title, strings.Join(figures, " | "), strings.Repeat("|---", len(figures)))
	for _, s := range all {
		fmt.Printf("| %s ", s.name)
		for _, f := range figures {
			m := quantile(samples[s.name], f, 0.5)
			fmt.Printf("| %.4g", m)
			for _, other := range against {
				if o := quantile(samples[other], f, 0.5); o > 0 && other != s.name {
					fmt.Printf(", %.2f x %s", m/o, other)
				}
			}
			fmt.Print(" ")
		}
		fmt.Println("|")
	}
}

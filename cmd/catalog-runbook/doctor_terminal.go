package main

import (
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/muesli/termenv"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/doctor"
)

// The sizes at which the checklist can be used, and at which it can be read.
const (
	usableColumns, usableRows     = 80, 24
	readableColumns, readableRows = 40, 12
)

// terminalQuestion checks the terminal without querying it, because one that doesn't
// answer would delay everything. Only the checklist needs a terminal.
func terminalQuestion(s streams) doctor.Question {
	about := doctor.About(clean.Text{}, "terminal")
	return doctor.Question{About: about, Ask: func(context.Context) []doctor.Finding {
		f := about[0]
		checkTerminal(&f, s)
		return []doctor.Finding{f}
	}}
}

func checkTerminal(f *doctor.Finding, s streams) {
	columns, rows, ok := terminalSize(s)
	if !ok {
		f.Is(doctor.NotKnown, "", "there is none: input or output is a file or a pipe")
		return
	}
	kind := s.getenv("TERM")
	locale := cmp.Or(s.getenv("LC_ALL"), s.getenv("LC_CTYPE"), s.getenv("LANG"))
	f.Is(doctor.OK, "", "%s, %d by %d cells, %s", cmp.Or(kind, "of no kind"), columns, rows, colours(s))
	switch {
	case kind == "" || kind == "dumb":
		f.Next = clean.Line("`export TERM=xterm-256color`, or what your terminal is")
	case columns < readableColumns || rows < readableRows:
		f.Next = clean.Linef("make the window larger: %d by %d shows everything", usableColumns, usableRows)
	case !strings.Contains(strings.ReplaceAll(strings.ToLower(locale), "-", ""), "utf8"):
		f.Found = clean.Linef("%s; the locale is %s, not one of UTF-8", f.Found, cmp.Or(locale, "not set"))
		f.Next = clean.Line("`export LANG=C.UTF-8`")
	}
	if !f.Next.Empty() {
		f.State = doctor.Wrong
	}
}

// colours describes which colors the checklist will use.
func colours(s streams) string {
	if s.getenv("NO_COLOR") != "" {
		return "no colours because of NO_COLOR"
	}
	file, ok := s.out.(*os.File)
	if !ok {
		return "no colours"
	}
	switch termenv.NewOutput(file, termenv.WithEnvironment(variables(s))).EnvColorProfile() {
	case termenv.TrueColor:
		return "all colours"
	case termenv.ANSI256:
		return "256 colours"
	case termenv.ANSI:
		return "16 colours"
	}
	return "no colours"
}

// variables is the environment as termenv wants it.
type variables streams

func (v variables) Environ() []string         { return v.environ() }
func (v variables) Getenv(name string) string { return v.getenv(name) }

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/doctor"
	"catalog-runbook/tui/background"
)

// The columns of the text, in cells.
const (
	stateColumn = 9  // "not known"
	nameColumn  = 18 // "Checkout's changes"
	labelColumn = 6  // "next: "
)

// writeDoctor writes the findings, which are sorted by what blocks a deployment. No
// line is wider than width unless one word is, or one command, which couldn't be
// copied from two lines. On a terminal, two bars show a person how wide it draws the
// lock sign, which no program can tell without asking it.
func writeDoctor(w io.Writer, out doctorOutput, width int, terminal bool) error {
	var b strings.Builder
	wrapped(&b, "", fmt.Sprintf("%s (%s)", out.Title, out.Document), width)
	heading := ""
	for _, f := range out.Findings {
		if f.Heading() != heading {
			heading = f.Heading()
			fmt.Fprintf(&b, "\n%s\n\n", heading)
		}
		wrapped(&b, pad(stateWord(f.State), stateColumn+2)+pad(f.Name.String(), nameColumn+2), f.Found.String(), width)
		if f.Waits || f.State == doctor.OK {
			continue // there is nothing to do, or the finding that it waits for says what
		}
		indent := strings.Repeat(" ", stateColumn+2)
		wrapped(&b, indent+pad("for:", labelColumn), f.For.String(), width)
		if !f.Next.Empty() {
			wrapped(&b, indent+pad("next:", labelColumn), f.Next.String(), width)
		}
	}
	fmt.Fprintln(&b)
	wrapped(&b, "", doctorSum(out.Findings), width)
	if terminal {
		fmt.Fprint(&b, "\nThe two bars line up if this terminal draws the lock two cells wide:\n  🔒|\n  ab|\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// stateWord returns the word for a state on the screen. Its JSON value stays as it is.
func stateWord(s doctor.State) string {
	if s == doctor.NotKnown {
		return "unknown"
	}
	return string(s)
}

// doctorSum returns the last line, a summary.
func doctorSum(found []doctor.Finding) string {
	var in, unknown []string
	for _, f := range found {
		switch {
		case !f.Needed || f.State == doctor.OK || f.Waits:
		case f.State == doctor.NotKnown:
			unknown = append(unknown, f.Name.String())
		default:
			in = append(in, f.Name.String())
		}
	}
	sum := "Nothing known is blocking."
	switch {
	case len(in) > 0:
		sum = "Blocking: " + strings.Join(slices.Compact(in), ", ") + "."
	case len(unknown) == 0:
		return "Everything this runbook needs is in place."
	}
	if len(unknown) > 0 {
		sum += " Couldn't check: " + strings.Join(slices.Compact(unknown), ", ") + "."
	}
	return sum
}

// wrapped writes a text behind a head, and aligns the lines that don't fit below. It
// never divides a word, nor text between backticks, so that it can be copied.
func wrapped(b *strings.Builder, head, text string, width int) {
	indent := ansi.StringWidth(head)
	b.WriteString(head)
	at := indent
	for i, word := range unbroken(text) {
		cells := ansi.StringWidth(word)
		switch {
		case i == 0:
		case at+1+cells > width:
			fmt.Fprintf(b, "\n%*s", indent, "")
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += cells
	}
	b.WriteByte('\n')
}

// unbroken divides a text into words. Text between two backticks is one word, with
// what touches it; a backtick without its second is like any letter.
func unbroken(text string) []string {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 {
		return strings.Fields(text)
	}
	const space = "\x00" // which clean text doesn't contain
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], " ", space)
	}
	words := strings.Fields(strings.Join(parts, "`"))
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], space, " ")
	}
	return words
}

func pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-ansi.StringWidth(s)))
}

// The sizes at which the checklist can be used, and at which it can be read.
const (
	usableColumns, usableRows     = 80, 24
	readableColumns, readableRows = 40, 12
)

// terminalQuestion checks the terminal without querying it, because one that doesn't
// answer would delay everything. Only the checklist needs a terminal.
func terminalQuestion(s streams, set steps.Settings) doctor.Question {
	about := doctor.About(clean.Text{}, "terminal")
	return doctor.Question{About: about, Ask: func(context.Context) []doctor.Finding {
		f := about[0]
		checkTerminal(&f, s, set)
		return []doctor.Finding{f}
	}}
}

func checkTerminal(f *doctor.Finding, s streams, set steps.Settings) {
	columns, rows, ok := terminalSize(s)
	if !ok {
		f.Is(doctor.NotKnown, "", "not a terminal (input or output is redirected)")
		return
	}
	kind := s.getenv("TERM")
	locale := cmp.Or(s.getenv("LC_ALL"), s.getenv("LC_CTYPE"), s.getenv("LANG"))
	f.Is(doctor.OK, "", "%s, %dx%d, %s", cmp.Or(kind, "TERM is unset"), columns, rows, colours(s, set))
	switch {
	case kind == "" || kind == "dumb":
		f.Next = clean.Line("`export TERM=xterm-256color`, or the name of your terminal")
	case columns < readableColumns || rows < readableRows:
		f.Next = clean.Linef("enlarge the window: %dx%d shows everything", usableColumns, usableRows)
	case !strings.Contains(strings.ReplaceAll(strings.ToLower(locale), "-", ""), "utf8"):
		f.Found = clean.Linef("%s; the locale is %s, not UTF-8", f.Found, cmp.Or(locale, "unset"))
		f.Next = clean.Line("`export LANG=C.UTF-8`")
	}
	if !f.Next.Empty() {
		f.State = doctor.Wrong
	}
}

// colours describes which colors the checklist will use.
func colours(s streams, set steps.Settings) string {
	profile, why := background.Profile(set.UI.Color, s.getenv)
	text := map[termenv.Profile]string{termenv.TrueColor: "all colors", termenv.ANSI256: "256 colors", termenv.ANSI: "16 colors", termenv.Ascii: "no colors"}[profile]
	if why != "" {
		text += " because of " + why
	}
	return text
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/steps/doctor"
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
		wrapped(&b, pad(string(f.State), stateColumn+2)+pad(f.Name.String(), nameColumn+2), f.Found.String(), width)
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
		fmt.Fprint(&b, "\nThe two bars stand in line where this terminal draws the lock two cells wide:\n  🔒|\n  ab|\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
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
	sum := "Nothing is known to be in the way."
	switch {
	case len(in) > 0:
		sum = "In the way: " + strings.Join(slices.Compact(in), ", ") + "."
	case len(unknown) == 0:
		return "All that the document needs is there."
	}
	if len(unknown) > 0 {
		sum += " Not known: " + strings.Join(slices.Compact(unknown), ", ") + "."
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

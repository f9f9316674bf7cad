package main

import (
	"fmt"
	"io"
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

// writeDoctor writes the findings by what blocks a deployment. No line is wider
// than width unless one word is. On a terminal a person can then see how wide it
// draws the lock sign, which no program can tell without asking it.
func writeDoctor(w io.Writer, out doctorOutput, found []doctor.Finding, width int, terminal bool) error {
	var b strings.Builder
	wrapped(&b, "", fmt.Sprintf("%s (%s)", out.Title, out.Document), width)
	for _, g := range doctor.Groups(found) {
		fmt.Fprintf(&b, "\n%s\n\n", g.Heading)
		for _, f := range g.Findings {
			head := pad(string(f.State), stateColumn+1) + " " + pad(f.Name.String(), nameColumn) + "  "
			wrapped(&b, head, f.Found.String(), width)
			if f.Waits {
				continue // what it waits for says the rest
			}
			indent := strings.Repeat(" ", stateColumn+2)
			wrapped(&b, indent+pad("for:", labelColumn), f.For.String(), width)
			if !f.Next.Empty() {
				wrapped(&b, indent+pad("next:", labelColumn), f.Next.String(), width)
			}
		}
	}
	fmt.Fprintln(&b)
	wrapped(&b, "", doctorSum(found), width)
	if terminal {
		fmt.Fprint(&b, "\nThe two bars stand in line where this terminal draws the lock two cells wide:\n  🔒|\n  ab|\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// doctorSum is the last sentence.
func doctorSum(found []doctor.Finding) string {
	in, unknown := 0, 0
	for _, f := range found {
		switch {
		case !f.Needed || f.State == doctor.OK || f.Waits:
		case f.State == doctor.NotKnown:
			unknown++
		default:
			in++
		}
	}
	switch {
	case in > 0 && unknown > 0:
		return fmt.Sprintf("In the way: %d. Not known: %d.", in, unknown)
	case in > 0:
		return fmt.Sprintf("In the way: %d.", in)
	case unknown > 0:
		return fmt.Sprintf("Nothing is known to be in the way. Not known: %d.", unknown)
	}
	return "All that the document needs is there."
}

// wrapped writes a text behind a head, and what of it does not fit below, in line
// with it. A word is never divided: it may be part of a command.
func wrapped(b *strings.Builder, head, text string, width int) {
	indent := ansi.StringWidth(head)
	b.WriteString(head)
	at := indent
	for i, word := range strings.Fields(text) {
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

func pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-ansi.StringWidth(s)))
}

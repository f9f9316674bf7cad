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

// writeDoctor writes the findings by what blocks a deployment. What is in order gets
// no word on what it is needed for. No line is wider than width unless one word is,
// or one command, which would not be one any more on two lines. On a terminal a person can then see how wide it
// draws the lock sign, which no program can tell without asking it.
func writeDoctor(w io.Writer, out doctorOutput, found []doctor.Finding, width int, terminal bool) error {
	var b strings.Builder
	wrapped(&b, "", fmt.Sprintf("%s (%s)", out.Title, out.Document), width)
	for _, g := range doctor.Groups(found) {
		fmt.Fprintf(&b, "\n%s\n\n", g.Heading)
		for _, f := range g.Findings {
			head := pad(string(f.State), stateColumn+1) + " " + pad(f.Name.String(), nameColumn) + "  "
			wrapped(&b, head, f.Found.String(), width)
			if f.Waits || f.State == doctor.OK {
				continue // what it waits for says the rest, or nothing is to be done
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

// doctorSum is what stands last, where a person looks who has not scrolled back.
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

// wrapped writes a text behind a head, and what of it does not fit below, in line
// with it. No word is divided, and nothing between backticks: it may be copied.
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

// unbroken divides a text into words. What stands between two backticks is one, with
// what touches them; a backtick without its second is like any letter.
func unbroken(text string) []string {
	if strings.Count(text, "`")%2 == 1 {
		return strings.Fields(text)
	}
	var words []string
	begin, inside := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '`':
			inside = !inside
		case text[i] == ' ' && !inside:
			words = append(words, text[begin:i])
			begin = i + 1
		}
	}
	words = append(words, text[begin:])
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

func pad(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-ansi.StringWidth(s)))
}

package text

import (
	"regexp"
	"strings"
)

// escapes are what colours and titles a terminal: CSI and OSC sequences and the
// two-byte ones (ECMA-48). None goes beyond its line: the values of two resources
// could else begin and end one, and hide what stands between them.
var escapes = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b\n]*(?:\x07|\x1b\\\\)|\x1b[@-Z\\\\^_]")

// lines splits a text into lines without colours, line ends and trailing spaces.
// Terraform colours its text also where it is piped.
func lines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	all := strings.Split(escapes.ReplaceAllString(text, ""), "\n")
	for i, line := range all {
		all[i] = strings.TrimRight(line, " \t\r")
	}
	return all
}

// unboxed takes off the frame that Terraform draws around errors and warnings.
func unboxed(line string) string {
	return strings.TrimPrefix(strings.TrimPrefix(line, "│"), " ")
}

var countsLine = regexp.MustCompile(`^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\.$`)

// The beginnings of the two other lines that end a plan: of one that changes
// nothing, and of one that changes nothing but outputs.
const (
	noChanges   = "No changes. "
	outputsOnly = "You can apply this plan to save these new output values"
)

// actionsLine opens the list of what would be done, with the tool's name.
var actionsLine = regexp.MustCompile(`^\S+ (?:will perform the following actions:|planned the following actions, but then encountered a$|planned the following actions, but then encountered a problem:)`)

// blockLine is a block's first line: its symbol, of two to five places, and its
// labels; then perhaps that it is empty, and that all of it forces a replacement.
var blockLine = regexp.MustCompile(`^(.{2,5}) (resource|data|ephemeral) "([^"]*)" "([^"]*)" \{(\})?( # forces replacement)?$`)

// outline is where the parts of plans stand in a text.
type outline struct {
	lines        []string
	list, counts int // the line below the last title of a list of actions, and the last line of counts
	lists, ends  int // how many there are: titles, and lines that end a plan
}

func outlineOf(text string) outline {
	o := outline{lines: lines(text), counts: -1}
	for i, line := range o.lines {
		switch {
		case actionsLine.MatchString(line):
			o.list = i + 1
			o.lists++
		case countsLine.MatchString(line):
			o.counts = i
			o.ends++
		case strings.HasPrefix(line, noChanges), strings.HasPrefix(line, outputsOnly):
			o.ends++
		}
	}
	return o
}

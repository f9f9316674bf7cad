package text

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// escapes matches CSI and OSC sequences and two-byte sequences (ECMA-48), such as those
// for colors. A match doesn't extend beyond a line. If it did, values of two resources
// could begin and end a sequence, and hide everything between them.
var escapes = pattern.Lazy("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b\n]*(?:\x07|\x1b\\\\)|\x1b[@-Z\\\\^_]")

// lines splits a text into lines without colors, line ends and trailing spaces.
// Terraform uses colors even if its output is a pipe.
func lines(text string) []string {
	all := strings.Split(strings.TrimPrefix(text, byteOrderMark), "\n")
	for i, line := range all {
		all[i] = bare(line)
	}
	return all
}

// eachLine calls do with each line of r, bare, until that returns an error. A line that
// is longer than maxBlock is an error too.
func eachLine(r io.Reader, do func(string) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var long []byte // the beginning of a line that is longer than the buffer
	for first := true; ; first = false {
		part, err := in.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) && len(long) <= maxBlock {
			long = append(long, part...)
			part, err = in.ReadSlice('\n')
		}
		switch {
		case len(long)+len(part) > maxBlock:
			return errors.New("a line is longer than 32 MiB")
		case err != nil && err != io.EOF:
			return err
		}
		line := string(long) + string(part)
		long = long[:0]
		if first {
			line = strings.TrimPrefix(line, byteOrderMark)
		}
		if failed := do(bare(line)); failed != nil || err == io.EOF {
			return failed
		}
	}
}

const byteOrderMark = "\ufeff"

// bare returns a line without colors, its line end and trailing spaces.
func bare(line string) string {
	if strings.IndexByte(line, '\x1b') >= 0 {
		line = escapes().ReplaceAllString(line, "")
	}
	return strings.TrimRight(line, " \t\r\n")
}

// unboxed removes the frame that Terraform draws around errors and warnings.
func unboxed(line string) string {
	return strings.TrimPrefix(strings.TrimPrefix(line, "│"), " ")
}

var countsLine = pattern.Lazy(`^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\.(?: Actions: (\d+) to invoke\.)?$`)

// The beginnings of the other lines that end a plan: one without changes, and one that
// only changes outputs.
const (
	noChanges   = "No changes. "
	outputsOnly = "You can apply this plan to save these new output values"
)

// actionsLine matches the line before the list of actions.
var actionsLine = pattern.Lazy(`^\S+ (?:will perform the following actions:|planned the following actions, but then encountered a$|planned the following actions, but then encountered a problem:)`)

// blockLine matches the first line of a block: two to five columns for the symbol, the
// labels, and optionally that the block is empty or forces a replacement.
var blockLine = pattern.Lazy(`^(.{2,5}) (resource|data|ephemeral) "([^"]*)" "([^"]*)" \{(\})?( # forces replacement)?$`)

// outline says where the parts of plans are in a text.
type outline struct {
	lines        []string
	list, counts int // indexes of the first line of the last list of actions, and of the last counts
	lists, ends  int // numbers of lists of actions, and of lines that end a plan
}

func outlineOf(text string) outline {
	o := outline{lines: lines(text), counts: -1}
	for i, line := range o.lines {
		switch {
		case actionsLine().MatchString(line):
			o.list = i + 1
			o.lists++
		case countsLine().MatchString(line):
			o.counts = i
			o.ends++
		case strings.HasPrefix(line, noChanges), strings.HasPrefix(line, outputsOnly):
			o.ends++
		}
	}
	return o
}

package terraform

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// The first bytes that tell what a file is.
const (
	byteOrderMark = "\xef\xbb\xbf"
	zipMark       = "PK\x03\x04" // a saved plan is a zip archive
)

var (
	errNoJSON = errors.New("reading the plan: it is no JSON of a plan; hint: make it with `terraform show -json FILE`, where FILE is what `terraform plan -out=FILE` wrote")
	errZip    = errors.New("reading the plan: it is a saved plan, which only the tool that made it can read; hint: give the JSON that `terraform show -json FILE` prints")
	errUTF16  = errors.New("reading the plan: it is UTF-16, as PowerShell writes with >; hint: write it as UTF-8")
)

// ReadPlan reads a plan as JSON or as text, whichever its first bytes tell. It errs
// as ReadJSON and ReadText do.
func ReadPlan(r io.Reader, o Options) (Plan, error) {
	rest, first, skipped, err := sniff(r)
	switch {
	case err != nil:
		return Plan{}, err
	case first == '{':
		return readJSON(rest, skipped, o)
	default:
		return ReadText(rest)
	}
}

// sniff returns r behind its byte order mark, the first byte of it that is not
// white space (0 where there is none near), and how many bytes the mark has. It
// errs for what is a plan, but neither as JSON nor as text.
func sniff(r io.Reader) (rest *bufio.Reader, first byte, skipped int64, err error) {
	const near = 4 << 10
	rest = bufio.NewReaderSize(r, 64<<10)
	start, _ := rest.Peek(near) // an error comes again where it is read on
	switch {
	case bytes.HasPrefix(start, []byte(zipMark)):
		return nil, 0, 0, errZip
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, 0, 0, errUTF16
	case bytes.HasPrefix(start, []byte(byteOrderMark)):
		n, _ := rest.Discard(len(byteOrderMark))
		start, skipped = start[n:], int64(n)
	}
	if start = bytes.TrimLeft(start, " \t\r\n"); len(start) > 0 {
		first = start[0]
	}
	return rest, first, skipped, nil
}

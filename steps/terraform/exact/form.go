package exact

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// The first bytes that identify the type of a file.
const (
	byteOrderMark = "\xef\xbb\xbf"
	zipMark       = "PK\x03\x04" // a saved plan is a zip archive
)

var (
	errNoJSON = errors.New("reading the plan: it isn't the JSON of a plan; hint: make it with `terraform show -json FILE`, where FILE is what `terraform plan -out=FILE` wrote")
	errZip    = errors.New("reading the plan: it is a saved plan, which only the tool that made it can read; hint: where it was made, run: terraform show -json FILE | catalog-runbook plan -, or verdict -")
	errSealed = errors.New("reading the plan: it is a saved plan that OpenTofu has encrypted; hint: where it was made, run: tofu show -json FILE | catalog-runbook plan -, or verdict -")
	errUTF16  = errors.New("reading the plan: it is UTF-16, as PowerShell writes with >; hint: write it as UTF-8")
)

// near is how many bytes at the start of a file are looked at.
const near = 4 << 10

// Sniff reports whether the first bytes of r look like JSON, perhaps below lines of a
// program that called the tool, and returns a reader of all of it. It returns an error
// for a saved plan and for UTF-16.
func Sniff(r io.Reader) (all *bufio.Reader, isJSON bool, err error) {
	all = bufio.NewReaderSize(r, 64<<10)
	start, _ := all.Peek(near) // the next read returns the error again
	switch {
	case bytes.HasPrefix(start, []byte(zipMark)):
		return nil, false, errZip
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, false, errUTF16
	}
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte(byteOrderMark)), " \t\r\n")
	return all, bytes.HasPrefix(start, []byte("{")) || preface(start) > 0, nil
}

// preface returns the length of the lines before a plan's JSON, 0 if there are none.
func preface(start []byte) int {
	for at := 0; ; {
		next := bytes.Index(start[at:], []byte("\n{"))
		if next < 0 {
			return 0
		}
		at += next + 1
		if bytes.HasPrefix(bytes.TrimLeft(start[at+1:], " \t\r\n"), []byte(`"format_version"`)) {
			return at
		}
	}
}

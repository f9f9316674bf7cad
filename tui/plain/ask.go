package plain

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Ask prints a question with numbered answers, and returns the index of the one that a person
// types the number of. It returns -1 if the input or ctx ends, or an empty line or q is typed.
// It reads no further than that line. Width is as in Config.
func Ask(ctx context.Context, in io.Reader, out io.Writer, width func() int, question string, answers []string) (int, error) {
	p := &printer{w: out, width: width}
	p.line("%s", question)
	for i, a := range answers {
		p.line("  %d. %s", i+1, a)
	}
	for p.err == nil {
		p.prompt(fmt.Sprintf("Type a number from 1 to %d, or q to quit.", len(answers)))
		line, ok := readLine(ctx, in)
		if !ok {
			p.line("")
			return -1, p.err
		}
		if line == "" || line == "q" || line == "quit" {
			return -1, p.err
		}
		if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(answers) {
			return n - 1, p.err
		}
		p.line("Try again: %s is not one of the numbers.", strings.TrimSpace(line))
	}
	return -1, p.err
}

// readLine reads a line byte by byte, since what comes after it is for others.
func readLine(ctx context.Context, in io.Reader) (string, bool) {
	type result struct {
		line string
		ok   bool
	}
	read := make(chan result, 1)
	go func() {
		var line []byte
		for one := make([]byte, 1); len(line) < longestLine; {
			n, err := in.Read(one)
			if n == 1 && one[0] == '\n' {
				read <- result{strings.TrimSpace(string(line)), true}
				return
			}
			line = append(line, one[:n]...)
			if err != nil {
				break
			}
		}
		read <- result{strings.TrimSpace(string(line)), len(line) > 0}
	}()
	select {
	case r := <-read:
		return r.line, r.ok
	case <-ctx.Done():
		return "", false
	}
}

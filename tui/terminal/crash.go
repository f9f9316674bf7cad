package terminal

import (
	"bytes"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
)

// What is shown of a crash, and what is read of it at most.
const (
	messageLines = 12
	stackLines   = 40
	crashWidth   = 200
	crashBytes   = 256 << 10
)

var (
	stackBegins = []byte("\ngoroutine ")
	stackEnds   = []byte("\n\n")
)

// complete reports whether the message of a crash and the first stack, which
// is that of the goroutine that failed, have been said in full.
func complete(said []byte) bool {
	begin := bytes.Index(said, stackBegins)
	return begin >= 0 && bytes.Contains(said[begin:], stackEnds) || len(said) >= crashBytes
}

// crashMessage is what a person is told about the end: the crash report, shortened
// to what helps, masked and clean, and how to go on.
func crashMessage(said []byte, advice string) string {
	var b strings.Builder
	if len(said) == 0 {
		b.WriteString("catalog-runbook: it was killed\n")
	} else {
		b.WriteString("catalog-runbook: it has crashed\n\n")
		message, stack := split(said)
		for _, line := range append(shorten(message, messageLines), shorten(stack, stackLines)...) {
			b.WriteString(line + "\n")
		}
		b.WriteString("\n")
	}
	if advice != "" {
		b.WriteString(clean.Block(advice).String() + "\n")
	}
	return b.String()
}

// split returns the message and the first stack, both clean. They are cleaned
// as one text, so that no secret is missed by standing on both sides.
func split(said []byte) (message, stack string) {
	text := clean.Block(string(said)).String()
	begin := strings.Index(text, string(stackBegins))
	if begin < 0 {
		return text, ""
	}
	message, stack = text[:begin+1], text[begin+1:]
	stack, _, _ = strings.Cut(stack, string(stackEnds))
	return message, stack
}

// shorten returns the lines of a clean text, the last of them an ellipsis where
// there are more or longer ones than may be shown.
func shorten(text string, most int) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > most {
		lines = append(lines[:most:most], "…")
	}
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, crashWidth, "…")
	}
	return lines
}

// secretForms adds how the runtime prints the lines of a secret that has
// several.
func secretForms(secret string) []string {
	if !strings.Contains(secret, "\n") {
		return []string{secret}
	}
	return []string{secret, strings.ReplaceAll(secret, "\n", "\n\t")}
}

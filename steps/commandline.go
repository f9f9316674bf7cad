package steps

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"catalog-runbook/runbook/clean"
)

// CommandLine writes an argument list as a person would type it into a shell,
// with quotes where they are needed, for the screen and the clipboard. It is
// never run. A word that no shell can be given is shown as it is.
func CommandLine(argv []string) clean.Text {
	words := make([]string, len(argv))
	for i, a := range argv {
		quoted, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			quoted = a
		}
		words[i] = quoted
	}
	return clean.Line(strings.Join(words, " "))
}

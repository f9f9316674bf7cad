package help

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// Unknown returns an error if the first word of the command line is neither a command
// nor a file: without it, every misspelt command would be a document that isn't there.
// Words with a dot or a slash are meant as files.
func Unknown(app *kong.Application, argv []string) error {
	if len(argv) == 0 || argv[0] == "" || strings.HasPrefix(argv[0], "-") || strings.ContainsAny(argv[0], "./\\") {
		return nil
	}
	word := argv[0]
	var commands, topics []string
	for _, n := range app.Children {
		if n.Name == word {
			return nil
		}
		if !n.Hidden {
			commands = append(commands, n.Name)
		}
	}
	if _, err := os.Stat(word); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, t := range Topics() {
		topics = append(topics, t.Name)
	}
	err := fmt.Errorf("unknown command or file %q", clean.Line(word))
	if near := say.Near(word, commands); near != "" {
		return say.Hint(err, "did you mean `%s %s`? `%s help` lists the commands", app.Name, near, app.Name)
	}
	if near := say.Near(word, topics); near != "" {
		return say.Hint(err, "did you mean `%s help %s`?", app.Name, near)
	}
	return say.Hint(err, "`%s help` lists the commands", app.Name)
}

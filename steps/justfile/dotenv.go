package justfile

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
)

// Dotenv returns the value that the justfile's .env gives a variable, "" for none, and
// whether that value beats the caller's. just itself finds and reads the file, from a
// justfile that has the same settings and nothing else, so that no variable of the real
// one is evaluated. Without such settings Dotenv runs nothing.
func (j *File) Dotenv(ctx context.Context, environ []string, variable string) (value string, beats bool, err error) {
	if !j.Settings.loadsDotenv() {
		return "", false, nil
	}
	folder, err := os.MkdirTemp("", "catalog-runbook-just-")
	if err != nil {
		return "", false, err
	}
	defer os.RemoveAll(folder)
	bare := filepath.Join(folder, "justfile")
	if err := os.WriteFile(bare, []byte(j.Settings.dotenv()), 0o600); err != nil {
		return "", false, err
	}
	without := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool { return strings.HasPrefix(entry, variable+"=") })
	var out bytes.Buffer
	err = command.Ask(ctx, command.Command{
		Argv: []string{"just", "--justfile", bare, "--working-directory", j.folder(), "--command", "sh", "-c", `printf %s "${` + variable + `-}"`},
		Dir:  j.dir, Env: without,
	}, command.Limit(&out, maxDump))
	if err != nil {
		return "", false, fmt.Errorf("reading %s in .env: %s", variable, clean.Line(err.Error()))
	}
	return out.String(), j.Settings.DotenvOverride, nil
}

func (s settings) loadsDotenv() bool {
	return s.DotenvLoad || s.DotenvOverride || s.DotenvRequired || s.DotenvPath != nil || s.DotenvFilename != nil || len(s.DotenvCommand) > 0
}

// dotenv returns these settings as lines of a justfile.
func (s settings) dotenv() string {
	var b strings.Builder
	lists := ""
	for _, flag := range []struct {
		name string
		on   bool
	}{{"dotenv-load", s.DotenvLoad}, {"dotenv-override", s.DotenvOverride}, {"dotenv-required", s.DotenvRequired}} {
		if flag.on {
			fmt.Fprintf(&b, "set %s\n", flag.name)
		}
	}
	for _, setting := range []struct {
		name  string
		value any
	}{{"dotenv-path", s.DotenvPath}, {"dotenv-filename", s.DotenvFilename}, {"dotenv-command", s.DotenvCommand}} {
		switch v := setting.value.(type) {
		case string:
			fmt.Fprintf(&b, "set %s := %s\n", setting.name, strconv.Quote(v))
		case []any:
			if len(v) == 1 {
				fmt.Fprintf(&b, "set %s := %s\n", setting.name, quoted(v))
			} else if len(v) > 1 { // what just calls lists is not stable yet
				lists = "set unstable\nset lists\n"
				fmt.Fprintf(&b, "set %s := [%s]\n", setting.name, quoted(v))
			}
		}
	}
	return lists + b.String()
}

func quoted(words []any) string {
	var all []string
	for _, w := range words {
		all = append(all, strconv.Quote(fmt.Sprint(w)))
	}
	return strings.Join(all, ", ")
}

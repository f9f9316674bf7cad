package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"catalog-runbook/cmd/catalog-runbook/help"
	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/kinds"
)

type helpCommand struct {
	Topic  string `arg:"" optional:"" help:"A topic, a command or a kind of steps (default: list the commands and topics)."`
	Schema bool   `help:"With the topic settings: write the JSON Schema of the settings file."`
}

// Run shows a page of help: of a topic, of a command, or the list of both.
func (c helpCommand) Run(s streams, parser *kong.Kong) error {
	if c.Schema {
		return writeSchema(s.out, c.Topic)
	}
	if topic, ok := help.Find(c.Topic); ok {
		return help.Show(s.out, topic.Text, s.getenv)
	}
	if page := kindPage(c.Topic); page != "" {
		return help.Show(s.out, page, s.getenv)
	}
	if c.Topic == "" {
		return showAll(s.out, parser)
	}
	node, err := findCommand(parser, c.Topic)
	if err != nil {
		return err
	}
	usage(parser, c.Topic)
	more := strings.TrimSpace(help.Rest(node.Name))
	if more == "" {
		return nil
	}
	fmt.Fprintln(s.out)
	return help.Show(s.out, more+"\n", s.getenv)
}

// kindPage returns what there is to say of a kind of steps, "" if there is no kind of that name.
func kindPage(name string) string {
	for _, k := range kinds.All() {
		if k.Name == name {
			return fmt.Sprintf("# %s\n\n%s\n\n%s\n\n`catalog-runbook help kinds` says what it checks and runs.\n", k.Name, k.Doc, strings.TrimSpace(k.Explain))
		}
	}
	return ""
}

// writeSchema writes the JSON Schema that belongs to a topic.
func writeSchema(out io.Writer, topic string) error {
	if topic != "settings" {
		return errors.New("only the settings have a schema; hint: catalog-runbook help settings --schema")
	}
	data, err := settings.Schema(help.Setting)
	if err == nil {
		_, err = out.Write(data)
	}
	return err
}

// usage writes what --help writes.
func usage(parser *kong.Kong, argv ...string) {
	_, _ = parser.Parse(append(argv, "--help")) // what kong finds wrong afterwards doesn't matter
}

// showAll writes the usage of the program and the list of topics.
func showAll(out io.Writer, parser *kong.Kong) error {
	usage(parser)
	var b strings.Builder
	fmt.Fprintln(&b, "\nTopics:")
	for _, t := range help.Topics() {
		fmt.Fprintf(&b, "  %-14s %s\n", t.Name, t.Title)
	}
	fmt.Fprintln(&b, "\nRun \"catalog-runbook help TOPIC\" to read one.")
	_, err := io.WriteString(out, b.String())
	return err
}

// findCommand returns the command of that name.
func findCommand(parser *kong.Kong, name string) (*kong.Node, error) {
	var names []string
	for _, n := range parser.Model.Children {
		if n.Name == name {
			return n, nil
		}
		names = append(names, n.Name)
	}
	for _, t := range help.Topics() {
		names = append(names, t.Name)
	}
	for _, k := range kinds.All() {
		names = append(names, k.Name)
	}
	err := fmt.Errorf("unknown command, topic or kind %q", clean.Line(name))
	if near := say.Near(name, names); near != "" {
		return nil, say.Hint(err, "did you mean `catalog-runbook help %s`?", near)
	}
	return nil, say.Hint(err, "`catalog-runbook help` lists them")
}

type manCommand struct {
	Page string `arg:"" optional:"" help:"The command or topic whose page is written (default: the program's own)."`
	Dir  string `help:"Write all pages into the folders man1 and man7 below this one." placeholder:"DIR" type:"path"`
}

// Run writes one man page to standard output, or all of them into folders.
func (c manCommand) Run(s streams, parser *kong.Kong) error {
	date, err := sourceDate(s.getenv)
	if err != nil {
		return err
	}
	pages := help.Man(parser.Model, date)
	if c.Dir != "" {
		return writePages(c.Dir, pages)
	}
	name := "catalog-runbook"
	if c.Page != "" {
		name += "-" + c.Page
	}
	for _, section := range []string{".1", ".7"} {
		if text, ok := pages[name+section]; ok {
			_, err := io.WriteString(s.out, text)
			return err
		}
	}
	if _, err := findCommand(parser, c.Page); err != nil {
		return err
	}
	return errors.New("this command has no page")
}

func writePages(dir string, pages map[string]string) error {
	for name, text := range pages {
		folder := filepath.Join(dir, "man"+strings.TrimPrefix(filepath.Ext(name), "."))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("writing the man pages: %w", err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing the man pages: %w", err)
		}
	}
	return nil
}

// sourceDate returns the date that reproducible builds put into what they make
// (https://reproducible-builds.org/specs/source-date-epoch/), the zero time if there is
// none.
func sourceDate(getenv func(string) string) (time.Time, error) {
	text := getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q, want a number of seconds", clean.Line(text))
	}
	return time.Unix(seconds, 0), nil
}

type versionCommand struct{}

// Run prints the version in one line, as the build knows it.
func (versionCommand) Run(s streams) error {
	info, _ := debug.ReadBuildInfo() // nil without one
	_, err := fmt.Fprintln(s.out, versionLine(info))
	return err
}

// versionLine returns the version, the commit that was built, and with what. A version
// of "(devel)" or none at all is a build of a checkout that has no tag.
func versionLine(info *debug.BuildInfo) string {
	version, built := "unknown version", ""
	if info != nil {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		settings := map[string]string{}
		for _, setting := range info.Settings {
			settings[setting.Key] = setting.Value
		}
		if commit := settings["vcs.revision"]; commit != "" {
			built = ", commit " + commit
			if at := settings["vcs.time"]; at != "" {
				built += " of " + at
			}
			if settings["vcs.modified"] == "true" {
				built += " with changes"
			}
		}
	}
	return fmt.Sprintf("catalog-runbook %s%s, %s %s/%s", version, built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

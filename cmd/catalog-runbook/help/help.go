// Package help holds what the program says about itself: the help topics, the examples
// and exit codes of every command, and the man pages that are made from them.
package help

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed topics commands
var files embed.FS

// A Topic is a page of reference in Markdown.
type Topic struct {
	Name  string // as in `catalog-runbook help NAME`
	Title string
	Text  string // with its title
}

// Topics returns all topics by name.
func Topics() []Topic {
	entries, err := fs.ReadDir(files, "topics")
	if err != nil {
		panic(err) // the folder is embedded
	}
	var all []Topic
	for _, e := range entries {
		text := read("topics/" + e.Name())
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		all = append(all, Topic{strings.TrimSuffix(e.Name(), path.Ext(e.Name())), title, text})
	}
	return all
}

// Find returns the topic of that name.
func Find(name string) (Topic, bool) {
	for _, t := range Topics() {
		if t.Name == name {
			return t, true
		}
	}
	return Topic{}, false
}

// Command returns the Markdown that belongs to a command: its examples and exit codes,
// and what else there is to say, "" if there is none.
func Command(name string) string { return read("commands/" + name + ".md") }

// read returns an embedded file, "" if there is none of that name.
func read(name string) string {
	data, _ := files.ReadFile(name)
	return string(data)
}

// Detail returns the examples and exit codes of a command in the form that kong prints
// after the flags: in go/doc's format, where what is indented is kept as it is.
func Detail(command string) string {
	var b strings.Builder
	text := Command(command)
	for _, heading := range []string{"Examples", "Exit codes"} {
		b.WriteString(heading + ":\n\n")
		for line := range strings.Lines(section(text, heading)) {
			line = strings.TrimRight(line, "\n")
			if line == "" || strings.HasPrefix(line, "```") {
				continue
			}
			if code, meaning, found := strings.Cut(strings.TrimPrefix(line, "- `"), "`: "); found {
				line = fmt.Sprintf("%-4s%s", code, strings.ReplaceAll(meaning, "`", ""))
			}
			b.WriteString("\t" + line + "\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// Setting returns what the topic about settings says of one, by its name with a dot, ""
// if it says nothing.
func Setting(name string) string {
	table, key, _ := strings.Cut(name, ".")
	text := read("topics/settings.md")
	item, found := "", false
	for line := range strings.Lines(section(text, "["+table+"]") + "\n" + section(text, "[["+table+"]]")) {
		rest, begins := strings.CutPrefix(line, "- `"+key+"`: ")
		switch {
		case begins:
			item, found = rest, true
		case found && strings.HasPrefix(line, "  "):
			item += line
		default:
			found = false
		}
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(item), " "), "`", "")
}

// Rest returns what there is to say of a command besides its examples and exit codes.
func Rest(command string) string {
	text := Command(command)
	_, rest, _ := strings.Cut(text, section(text, "Exit codes"))
	return rest
}

// Example returns the first example of a command, "" if there is none.
func Example(command string) string {
	for line := range strings.Lines(section(Command(command), "Examples")) {
		if strings.HasPrefix(line, "catalog-runbook") || strings.Contains(line, "| catalog-runbook") {
			line, _, _ = strings.Cut(line, " # ")
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// section returns what stands below a heading of the second level, without the heading.
func section(text, heading string) string {
	_, rest, found := strings.Cut("\n"+text, "\n## "+heading+"\n")
	if !found {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return strings.Trim(rest, "\n")
}

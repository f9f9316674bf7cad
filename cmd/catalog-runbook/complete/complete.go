// Package complete answers what a shell asks when a person presses tab. It reads the
// command line's model, and only files on this machine.
package complete

import (
	"embed"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A Candidate is a word that may come next.
type Candidate struct {
	Word string
	Help string // one line, "" for none
}

// A Source returns the candidates for the value of a flag or an argument.
type Source func() []Candidate

// Sources are the values that the model doesn't know, by the name of the flag or the
// argument.
type Sources map[string]Source

// Words returns the candidates for the last of the words after the program's name, which
// may be empty or half typed. files says that file names may come next too; the shell
// completes those.
func Words(app *kong.Application, words []string, from Sources) (candidates []Candidate, files bool) {
	if len(words) == 0 {
		words = []string{""}
	}
	at := place{command: app.DefaultCmd, app: app}
	for _, word := range words[:len(words)-1] {
		at.take(word)
	}
	last := words[len(words)-1]
	candidates, files = at.candidates(last, from)
	return slices.DeleteFunc(candidates, func(c Candidate) bool { return !strings.HasPrefix(c.Word, last) }), files
}

// A place is how far a command line has come.
type place struct {
	app     *kong.Application
	command *kong.Node // of the words so far
	named   bool       // the command has been named
	args    int        // how many arguments there were
	flag    *kong.Flag // whose value comes next, nil if there is none
	rest    bool       // after --, all are arguments
}

// take takes a whole word.
func (p *place) take(word string) {
	switch {
	case p.flag != nil:
		p.flag = nil
	case !p.rest && word == "--":
		p.rest = true
	case !p.rest && strings.HasPrefix(word, "-"):
		if f := p.find(word); f != nil && !f.IsBool() && !strings.Contains(word, "=") {
			p.flag = f
		}
	case !p.named && p.args == 0 && p.child(word) != nil:
		p.command, p.named = p.child(word), true
	default:
		p.args++
	}
}

// child returns the command of that name.
func (p *place) child(name string) *kong.Node {
	for _, n := range p.app.Children {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// find returns the flag that a word names, nil if there is none.
func (p *place) find(word string) *kong.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	for _, f := range p.flags() {
		if f.Name == name || len(name) == 1 && string(f.Short) == name {
			return f
		}
	}
	return nil
}

// flags returns the flags that the command takes and shows.
func (p *place) flags() []*kong.Flag {
	all := slices.Clone(p.app.Flags)
	if p.command != nil {
		all = append(all, p.command.Flags...)
	}
	return slices.DeleteFunc(all, func(f *kong.Flag) bool { return f.Hidden })
}

// candidates returns what may stand where last does, whatever its beginning.
func (p *place) candidates(last string, from Sources) (all []Candidate, files bool) {
	name, value, assigns := strings.Cut(last, "=")
	switch {
	case p.flag != nil:
		return values(p.flag.Value, from)
	case !p.rest && assigns && strings.HasPrefix(last, "-"):
		f := p.find(name)
		if f == nil {
			return nil, false
		}
		all, files = values(f.Value, from)
		for i := range all {
			all[i].Word = name + "=" + all[i].Word
		}
		return all, files && value == ""
	case !p.rest && strings.HasPrefix(last, "-"):
		for _, f := range p.flags() {
			all = append(all, Candidate{"--" + f.Name, f.Help})
		}
		return all, false
	}
	if !p.named && p.args == 0 && !p.rest {
		for _, n := range p.app.Children {
			if !n.Hidden {
				all = append(all, Candidate{n.Name, n.Help})
			}
		}
	}
	if p.command == nil || p.args >= len(p.command.Positional) {
		return all, false
	}
	more, files := values(p.command.Positional[p.args], from)
	return append(all, more...), files
}

// values returns the candidates for a value: those of its source, or else those that it
// allows, or else files.
func values(v *kong.Value, from Sources) (all []Candidate, files bool) {
	if source := from[v.Name]; source != nil {
		return source(), false
	}
	if v.Enum == "" {
		return nil, takesFile(v)
	}
	for _, word := range v.EnumSlice() {
		if word != "" {
			all = append(all, Candidate{Word: word})
		}
	}
	return all, false
}

// takesFile reports whether a value is the name of a file or a folder.
func takesFile(v *kong.Value) bool {
	return v.Tag.Type == "path" || slices.Contains([]string{"file", "runbook", "plan"}, v.Name)
}

//go:embed scripts
var scripts embed.FS

// Script returns the script that makes a shell ask the program.
func Script(shell string) (string, error) {
	data, err := scripts.ReadFile("scripts/" + shell)
	return string(data), err
}

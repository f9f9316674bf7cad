package checkout

import (
	"path"
	"slices"
	"strings"
)

// Place is what speaks against a change being that of a service in an environment.
type Place struct {
	Comment     bool   // it is in comments or texts alone
	File        string // a file with a change for another environment or service
	Environment string // the other environment; "" if it is the service
}

// environments are the usual names of environments, those of the same one together.
var environments = [][]string{{"prod", "production", "prd", "live"}, {"staging", "stage", "stg", "preprod"}, {"dev", "development"}, {"test", "testing", "qa"}, {"sandbox"}, {"local"}}

// PlaceOf looks at where a version was changed. A path that names another environment is
// that one's, and a change is the service's only if its path or a line near it has one of
// the words of the service's name.
func PlaceOf(d Diff, environment, service string) Place {
	comments := len(d.Files) > 0
	for _, f := range d.Files {
		if other := otherEnvironment(f.Path, environment); other != "" {
			return Place{File: f.Path, Environment: other}
		}
		comments = comments && (isText(f.Path) || f.onlyComments())
	}
	if comments {
		return Place{Comment: true}
	}
	for _, f := range d.Files {
		if !isText(f.Path) && !f.onlyComments() && !f.names(service) {
			return Place{File: f.Path}
		}
	}
	return Place{}
}

// otherEnvironment returns the environment that a path names in one of its folders or
// in its file's name, if that isn't this one.
func otherEnvironment(file, environment string) string {
	other := ""
	for _, word := range wordsOf(file) {
		i := slices.IndexFunc(environments, func(names []string) bool { return slices.Contains(names, word) })
		switch {
		case word == strings.ToLower(environment), i >= 0 && slices.Contains(environments[i], strings.ToLower(environment)):
			return ""
		case i >= 0:
			other = word
		}
	}
	return other
}

// isText reports whether a file is for people.
func isText(file string) bool {
	name := strings.ToLower(path.Base(file))
	return slices.Contains([]string{".md", ".markdown", ".rst", ".adoc", ".txt"}, path.Ext(name)) || strings.HasPrefix(name, "changelog")
}

// onlyComments reports whether all changed lines of a file are comments.
func (f FileDiff) onlyComments() bool {
	for _, h := range f.Hunks {
		for _, l := range h.Lines {
			text := strings.TrimSpace(l.Text)
			if l.Op != ' ' && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "/*") && !strings.HasPrefix(text, "* ") {
				return false
			}
		}
	}
	return len(f.Hunks) > 0
}

// names reports whether a file's path or a line of its difference has a word of a name.
func (f FileDiff) names(name string) bool {
	text := f.Path
	for _, h := range f.Hunks {
		for _, l := range h.Lines {
			text += "\n" + l.Text
		}
	}
	have := wordsOf(text)
	return slices.ContainsFunc(wordsOf(name), func(word string) bool { return slices.Contains(have, word) })
}

// wordsOf returns the words of a text in small letters.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// Adds reports whether a file that isn't for people has a new line with the version as a
// whole word, with or without its "v".
func (d Diff) Adds(version string) bool {
	for _, f := range d.Files {
		for _, h := range f.Hunks {
			for _, l := range h.Lines {
				words := strings.FieldsFunc(l.Text, func(r rune) bool { return !whole().MatchString(string(r)) })
				if l.Op == '+' && !isText(f.Path) && (slices.Contains(words, version) || slices.Contains(words, strings.TrimPrefix(version, "v"))) {
					return true
				}
			}
		}
	}
	return false
}

package checkout

import (
	"cmp"
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
		if other := cmp.Or(otherEnvironment(f.Path, environment), f.otherEnvironment(environment)); other != "" {
			return Place{File: f.Path, Environment: other}
		}
		comments = comments && (isText(f.Path) || f.onlyComments())
	}
	if comments {
		return Place{Comment: true}
	}
	for _, f := range d.Files {
		if !isText(f.Path) && !f.onlyComments() && (!f.names(service) || f.ofAnother(service)) {
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

// names reports whether a file's path, a line of its difference or the beginning of the
// block there has a word of a name.
func (f FileDiff) names(name string) bool {
	text := f.Path
	for _, h := range f.Hunks {
		text += "\n" + h.Heading
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

// otherEnvironment returns the environment of a changed line, if that isn't this one: that
// which the line names, or the nearest line before it that names one. Of a file whose path
// names this environment, only the line itself counts.
func (f FileDiff) otherEnvironment(environment string) string {
	ofPath := slices.Contains(wordsOf(f.Path), strings.ToLower(environment))
	for _, h := range f.Hunks {
		near := environmentIn(h.Heading)
		for _, l := range h.Lines {
			own := environmentIn(l.Text)
			near = cmp.Or(own, near)
			of := near
			if ofPath {
				of = own
			}
			if l.Op == '+' && of != "" && otherEnvironment(of, environment) != "" && !slices.Contains(wordsOf(l.Text), strings.ToLower(environment)) {
				return of
			}
		}
	}
	return ""
}

// environmentIn returns the environment that a line names, "" if it names none or several.
// Words like test and local mean too much in a line.
func environmentIn(line string) string {
	found := ""
	for _, word := range wordsOf(line) {
		for _, names := range environments[:3] {
			if slices.Contains(names, word) && word != "live" {
				if found != "" && found != word {
					return ""
				}
				found = word
			}
		}
	}
	return found
}

// generic are words in the line of a version that don't say of what it is.
var generic = []string{"version", "tag", "image", "docker", "container", "name", "newtag", "release", "digest", "sha", "sha256", "ref", "app", "appversion", "latest", "main", "master", "edge", "stable", "nightly"}

// ofAnother reports whether a new line names something, and not the service, in a file
// whose path doesn't name the service either.
func (f FileDiff) ofAnother(service string) bool {
	isService := func(word string) bool { return slices.Contains(wordsOf(service), word) }
	if slices.ContainsFunc(wordsOf(f.Path), isService) {
		return false
	}
	for _, h := range f.Hunks {
		for _, l := range h.Lines {
			words := slices.DeleteFunc(wordsOf(l.Text), func(word string) bool {
				return slices.Contains(generic, word) || strings.ContainsAny(word, "0123456789") || environmentIn(word) != ""
			})
			if l.Op == '+' && len(words) > 0 && !slices.ContainsFunc(words, isService) {
				return true
			}
		}
	}
	return false
}

package document

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// Placeholders stand for what the reader fills in. Those that a shell would read in its
// own way:
var shellGaps = pattern.Lazy(`<[A-Za-z](?:[^<>|&;\s]|[^<>|&;\n]*[^<>|&;\s])?>|\{\{[^{}\n]*\}\}|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\[[A-Za-z][A-Za-z0-9 _.-]*\]`)

// Those that are words:
var wordGaps = pattern.Lazy(`^(?:[A-Z][A-Z0-9_-]*[A-Z0-9]|(?i:your|my|some)[-_].+|[vV]?(?:X\.Y(?:\.Z)?|x\.y(?:\.z)?|[0-9]+\.(?:[0-9]+\.)?[xX])|[Yy]{4}.*|__[A-Z][A-Z0-9_]*__|«[^«»]+»|\{[^{},]+\}|%[A-Za-z_]+%|@[A-Za-z_]+@|\.\.\.|…)$`)

// upperCase are words in upper case that are meant as they stand there.
var upperCase = map[string]bool{
	"HEAD": true, "ORIG_HEAD": true, "FETCH_HEAD": true, "GET": true, "HEADERS": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true,
}

// Placeholder returns the placeholder in a word of a command, "" if there is none: a word
// such as <environment>, {{ environment }}, [environment], $ENVIRONMENT, ENVIRONMENT,
// YOUR_ENV or vX.Y.Z, which the reader fills in. It may be the value of NAME=value.
func Placeholder(word string) string {
	if ordinary(word) {
		return ""
	}
	if strings.ContainsAny(word, "<{$[") {
		if gap := shellGaps().FindString(word); gap != "" {
			return gap
		}
	}
	if name, value, ok := strings.Cut(word, "="); ok && name != "" {
		word = value
	}
	if upperCase[word] || !wordGaps().MatchString(word) {
		return ""
	}
	return word
}

// examples are words that stand for an environment or a service in examples, without the
// signs between their parts.
var examples = map[string]bool{
	"name": true, "xxx": true, "todo": true, "tbd": true, "fixme": true, "foo": true, "bar": true, "target": true, "example": true, "placeholder": true,
	"any": true, "each": true, "every": true, "changeme": true, "replaceme": true, "fillin": true,
}

// isExample reports whether a value is such a word, or one like it: env-name, the_env or
// insert-service-here.
func isExample(value string) bool {
	rest := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(value), "-", ""), "_", "")
	if examples[rest] {
		return true
	}
	for _, which := range [...]string{"the", "this", "that", "which", "any", "each", "every", "insert", "enter", "nameof", "target", "chosen", "wanted", "desired"} {
		if after, ok := strings.CutPrefix(rest, which); ok {
			rest = strings.TrimPrefix(after, "the")
			break
		}
	}
	for _, noun := range [...]string{"environment", "env", "service"} {
		if after, ok := strings.CutPrefix(rest, noun); ok && (after == "" || after == "name" || after == "here" || after == "placeholder") {
			return true
		}
	}
	return false
}

// PlaceholderValue returns the placeholder in a parameter's value, "" if there is none: also
// a word such as env, service or xxx, which stands for something else elsewhere in a command.
func PlaceholderValue(value string) string {
	if isExample(value) {
		return value
	}
	return Placeholder(value)
}

// upperName is a word in upper case, which is a placeholder in a command and may be a name
// where a person has said it; the words "your", "my" and "some" make a placeholder of it.
var upperName = pattern.Lazy(`^[A-Z][A-Z0-9_-]*[A-Z0-9]$`)
var whose = pattern.Lazy(`(?i)^(?:your|my|some)[-_]`)

// PlaceholderSaid returns the placeholder in a value that a person has said, in a setting,
// an annotation or the walk, "" if there is none. A document may call an environment PROD in
// its commands for want of a name; a person who says PROD means it.
func PlaceholderSaid(value string) string {
	gap := PlaceholderValue(value)
	if gap == "" || isExample(value) || whose().MatchString(value) || !upperName().MatchString(value) {
		return gap
	}
	return ""
}

// PlaceholderName returns what a placeholder is called without the signs around it: env for
// <env>, {{ env }} or $env.
func PlaceholderName(gap string) string { return strings.Trim(gap, "<>{}[]$%@«» ") }

// fills are the values of placeholders. They mean nothing to a shell, nor to a program that
// takes what begins with "-" for an option.
var fills = pattern.Lazy(`^[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,127}$`)

// CheckFill returns an error if a value can't take the place of a placeholder.
func CheckFill(value string) error {
	switch {
	case value == "":
		return errors.New("type what it stands for")
	case PlaceholderSaid(value) != "":
		return fmt.Errorf("%q is itself a placeholder", clean.Line(value))
	case !fills().MatchString(value):
		return fmt.Errorf("%q has a character that can't be in it: use letters, digits, and . _ / : @ + - after the first one", clean.Line(value))
	}
	return nil
}

// ordinary is a fast check for the words that nearly all commands consist of.
func ordinary(word string) bool {
	upper, lower, marks := false, false, false
	for i := range len(word) {
		switch c := word[i]; {
		case c >= 'a' && c <= 'z', c == '/', c == ':':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= '0' && c <= '9':
		case c == '-', c == '.' && i > 0:
			marks = true
		default:
			return false
		}
	}
	if upper && !lower { // ENVIRONMENT
		return false
	}
	// Else it may be x.y.z, 1.2.x, your-env, my-env, some-env or yyyy.mm.dd.
	if !upper && !marks {
		return true
	}
	for _, begins := range [...]string{"your-", "my-", "some-", "yyyy"} {
		if len(word) >= len(begins) && strings.EqualFold(word[:len(begins)], begins) {
			return false
		}
	}
	return strings.IndexByte("xyzXYZ", word[len(word)-1]) < 0
}

// Gaps returns the placeholders of the command, in order.
func (c Command) Gaps() []string {
	var all []string
	for _, word := range c.Argv {
		if gap := Placeholder(word); gap != "" {
			all = append(all, gap)
		}
	}
	return all
}

// The characters around the number of a placeholder that is hidden from the shell's
// parser. They are for private use, and mean nothing to it.
const gapOpen, gapClose = "\uE000", "\uE001"

// hideGaps replaces the placeholders of a line that a shell would read in its own way.
func hideGaps(line string) (hidden string, gaps []string) {
	if !strings.ContainsAny(line, "<{$[") || strings.Contains(line, gapOpen) {
		return line, nil
	}
	hidden = shellGaps().ReplaceAllStringFunc(line, func(gap string) string {
		gaps = append(gaps, gap)
		return gapOpen + strconv.Itoa(len(gaps)-1) + gapClose
	})
	return hidden, gaps
}

// showGaps puts the placeholders back.
func showGaps(argv []string, gaps []string) []string {
	for i, gap := range gaps {
		for j := range argv {
			argv[j] = strings.ReplaceAll(argv[j], gapOpen+strconv.Itoa(i)+gapClose, gap)
		}
	}
	return argv
}

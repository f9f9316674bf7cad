package justfile

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// scripts looks through shell scripts: the lines of recipes, and the files that they
// run.
type scripts struct {
	*search
	justfile *File
	at       func(line int) string // names a line in a sentence
	depth    int
}

// shells are the interpreters whose scripts are parsed. In those of others only words
// are searched for.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"}

// isShell reports whether an interpreter, "" or the first line of a script, is a shell.
func isShell(interpreter string) bool {
	if interpreter == "" {
		return true
	}
	return slices.ContainsFunc(strings.Fields(strings.TrimPrefix(interpreter, "#!")), func(word string) bool { return slices.Contains(shells, path.Base(word)) })
}

// inspect looks through a script, whose first line has this number.
func (s scripts) inspect(text, interpreter string, first int) {
	if s.depth > mostNested {
		return
	}
	if !isShell(interpreter) {
		s.words(text, first)
		return
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		s.words(text, first)
		return
	}
	lines := strings.Split(text, "\n")
	syntax.Walk(file, func(node syntax.Node) bool {
		if node == nil {
			return false
		}
		line := int(node.Pos().Line())
		say := func() string {
			shown := ""
			if line > 0 && line <= len(lines) {
				shown = ": `" + strings.ReplaceAll(strings.TrimSpace(lines[line-1]), unknown, "…") + "`"
			}
			return s.at(first+max(line, 1)-1) + shown
		}
		switch n := node.(type) {
		case *syntax.ParamExp:
			return !s.mentions(n.Param.Value) || n.Exp != nil // using a value doesn't change it
		case *syntax.Lit:
			s.word(n.Value, say)
		case *syntax.SglQuoted:
			s.word(n.Value, say)
		case *syntax.CallExpr:
			s.call(n, first+max(line, 1)-1, say)
		}
		return true
	})
}

// words looks for words in a script that isn't parsed.
func (s scripts) words(text string, first int) {
	for i, line := range strings.Split(text, "\n") {
		s.word(line, func() string { return s.at(first + i) })
	}
}

func (s scripts) word(text string, say func() string) {
	switch {
	case s.approval && strings.Contains(text, autoApprove) && !strings.Contains(text, autoApprove+"=false"):
		s.line(say(), "applies without asking")
	case !s.approval && s.mentions(text):
		s.line(say(), "changes "+s.variable)
	}
}

// mentions reports whether a text has the name of the variable, or may have it when the
// recipe runs.
func (s *search) mentions(text string) bool {
	if s.approval {
		return false
	}
	prefix := s.variable[:strings.LastIndexByte(s.variable, '_')+1]
	return strings.Contains(text, s.variable) || strings.Contains(text, prefix+unknown) || strings.HasSuffix(text, prefix)
}

// call looks at a command: whether it starts others without the caller's variables, and
// whether it runs a recipe or another script.
func (s scripts) call(c *syntax.CallExpr, line int, say func() string) {
	var words []string
	for _, w := range c.Args {
		text, _ := plain(w.Parts)
		if n := len(words); n > 0 && (words[0] == "eval" || isCommandFlag(words[n-1])) {
			s.nested(text, line)
		}
		words = append(words, strings.Fields(text)...) // a variable of just may hold several
	}
	switch {
	case len(words) == 0, slices.Contains(printers, words[0]):
		return
	case path.Base(words[0]) == "just":
		s.recipes(words[1:])
		return
	case s.approval:
	case s.clears(words):
		s.line(say(), "removes "+s.variable)
	case s.destroys(words):
		s.line(say(), "destroys without a plan")
	}
	for i, w := range words {
		switch {
		case path.Base(w) == "make":
			s.file("Makefile")
		case i == 0, strings.ContainsRune(w, '/'), strings.HasSuffix(w, ".sh"):
			s.file(w)
		}
	}
}

// printers are commands whose arguments are text.
var printers = []string{"echo", "printf", ":"}

// isCommandFlag reports whether a word makes a shell take the next one as a script:
// -c, or several flags in one such as -euc.
func isCommandFlag(word string) bool {
	return strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.HasSuffix(word, "c")
}

// nested looks through a script that is a word of a command on this line.
func (s scripts) nested(text string, line int) {
	outer := s.at
	s.at = func(int) string { return outer(line) }
	s.depth++
	s.inspect(text, "", line)
}

// recipes looks through a recipe that another one calls.
func (s scripts) recipes(arguments []string) {
	for _, a := range arguments {
		if _, _, ok := s.justfile.recipe(a); ok {
			s.recipe(s.justfile, a)
			return
		}
	}
}

// maxScript is how many bytes of a script are read.
const maxScript = 256 << 10

// file looks through a script in the checkout.
func (s scripts) file(name string) {
	if strings.Contains(name, unknown) || s.depth > mostNested {
		return
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.justfile.folder(), filepath.FromSlash(name))
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxScript || s.seen[name] {
		return
	}
	s.seen[name] = true
	data, err := os.ReadFile(name)
	if err != nil || slices.Contains(data[:min(len(data), 512)], 0) {
		return // not a script
	}
	text := string(data)
	interpreter, _, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(interpreter, "#!") {
		interpreter = ""
		if !strings.HasSuffix(name, ".sh") {
			interpreter = "text"
		}
	}
	below, err := filepath.Rel(s.justfile.folder(), name)
	if err != nil {
		below = name
	}
	s.at = func(line int) string { return fmt.Sprintf("line %d of %s", line, below) }
	s.depth++
	s.inspect(text, interpreter, 1)
}

// plain returns the text of a word, with unknown in place of what the shell expands,
// and whether it has nothing of that kind.
func plain(parts []syntax.WordPart) (string, bool) {
	var b strings.Builder
	whole := true
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(p.Value)
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			text, ok := plain(p.Parts)
			b.WriteString(text)
			whole = whole && ok
		default:
			b.WriteString(unknown)
			whole = false
		}
	}
	return b.String(), whole
}

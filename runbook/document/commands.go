package document

import (
	"cmp"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
	"mvdan.cc/sh/v3/syntax"
)

// shellLanguages are the languages of fenced blocks that contain commands: of scripts,
// and of terminal sessions, in which only lines with a prompt are commands if there are
// any.
var shellLanguages = map[string]bool{
	"sh": true, "bash": true, "shell": true, "zsh": true,
	"console": true, "shell-session": true, "shellsession": true, "sh-session": true, "terminal": true,
	"ksh": true, "dash": true, "fish": true, "powershell": true, "pwsh": true, "ps1": true, "bat": true, "cmd": true,
}

// fence reads the commands of a fenced block in a step. A block without a shell
// language is prose, and so is one in a quote; but one without any language is a session
// if it has a prompt.
func (r *reader) fence(n *ast.FencedCodeBlock, at place) {
	step := at.target()
	if step == nil || n.Lines().Len() == 0 {
		return
	}
	language, shell := r.language(n)
	if !shell && language != "" {
		return
	}
	var script []string
	prompts := false
	for _, segment := range n.Lines().Sliced(0, n.Lines().Len()) {
		line := r.asSource(segment.Value(r.src), segment.Start)
		_, prompt := cutPrompt(line)
		prompts = prompts || prompt
		script = append(script, line)
	}
	prompts = prompts || language == "console" && cutRootPrompts(script)
	first := r.line.at(n.Lines().At(0).Start)
	if !shell && !prompts {
		step.addCode(strings.Join(script, ""), first)
		return
	}
	r.shell.script(script, prompts, func(l line) {
		if l.argv != nil {
			step.Commands = append(step.Commands, Command{Argv: l.argv, Fenced: true, Line: first + l.number, Negated: cmp.Or(at.negated, at.wrong)})
		} else {
			step.addCode(l.text, first+l.number)
		}
	})
}

// language returns the language of a fenced block, and whether it is a shell's. Sphinx
// writes it behind a directive ("{code-block} bash"), and Pandoc as a class ("{.bash}").
func (r *reader) language(n *ast.FencedCodeBlock) (name string, shell bool) {
	language := n.Language(r.src)
	if shellLanguages[string(language)] {
		return string(language), true
	}
	name = strings.ToLower(string(language))
	if strings.HasPrefix(name, "{") && n.Info != nil {
		words := strings.FieldsFunc(strings.ToLower(string(n.Info.Segment.Value(r.src))), func(c rune) bool { return strings.ContainsRune("{}. \t", c) })
		if len(words) > 1 && (words[0] == "code-block" || words[0] == "code" || words[0] == "sourcecode") {
			words = words[1:]
		}
		if len(words) > 0 {
			name = words[0]
		}
	}
	return name, shellLanguages[name]
}

// addCode adds code that isn't read as a command. A single word tells nothing.
func (s *Step) addCode(text string, line int) {
	if text = strings.TrimSpace(text); strings.ContainsAny(text, " \t\n") {
		s.Code = append(s.Code, Code{Text: text, Line: line})
	}
}

// shell extracts commands from shell text. The zero value is ready to use. It is not
// safe for concurrent use.
type shell struct{ parser *syntax.Parser }

// A line is one logical line of a script.
type line struct {
	argv   []string // nil if it isn't a simple command
	text   string   // as it stands there, without its prompt
	number int      // 0-based
}

// script calls found with each logical line of a script that isn't blank or a comment. A
// command inside of a construct (a loop, a function, a here-document, a quoted text of
// several lines) is none, because it isn't meant to be run by itself; found then gets the
// text of all that is left. In a session, only lines with a prompt count.
func (s *shell) script(script []string, session bool, found func(line)) {
	for i := 0; i < len(script); i++ {
		text, first := script[i], i
		if session {
			var prompt bool
			if text, prompt = cutPrompt(text); !prompt {
				continue
			}
		}
		for continued(text) && i+1 < len(script) {
			i++
			next := script[i]
			if session {
				next = strings.TrimPrefix(strings.TrimLeft(next, " "), "> ")
			}
			text = strings.TrimSuffix(strings.TrimRight(text, "\n"), `\`) + next
		}
		argv, complete := s.line(text)
		if argv != nil && !isProgram(program(argv)) {
			argv = nil // what a command has printed
		}
		if complete {
			if t := strings.TrimSpace(text); argv != nil || t != "" && t[0] != '#' {
				found(line{argv: argv, text: text, number: first})
			}
			continue
		}
		found(line{text: strings.Join(script[first:], ""), number: first})
		if !session {
			s.constructs(script[first:], func(argv []string, number int) { found(line{argv: argv, number: first + number}) })
		}
		return
	}
}

// cutPrompt cuts a prompt from a line: "$ ", "% ", or "$ " or "# " behind a user and a
// host.
func cutPrompt(line string) (string, bool) {
	line = strings.TrimLeft(line, " \t")
	if rest, ok := strings.CutPrefix(line, "$ "); ok {
		return rest, true
	}
	if rest, ok := strings.CutPrefix(line, "% "); ok {
		return rest, true
	}
	end := strings.IndexAny(line, " \t\n")
	if end > 0 && line[end] == ' ' && strings.IndexByte("$#%", line[end-1]) >= 0 && strings.IndexByte(line[:end], '@') > 0 {
		return line[end+1:], true
	}
	return line, false
}

// cutRootPrompts cuts "# " from each line of a session if all of them begin with it, which
// is then root's prompt, and reports whether they do. They get "$ " instead.
func cutRootPrompts(script []string) bool {
	for _, line := range script {
		if !strings.HasPrefix(line, "# ") || !isProgram(strings.Fields(line + " #")[1]) {
			return false
		}
	}
	for i, line := range script {
		script[i] = "$" + line[1:]
	}
	return true
}

// continued reports whether a line ends with a backslash that is not escaped.
func continued(line string) bool {
	line = strings.TrimRight(line, "\n")
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// line reads one line. Argv is nil if it isn't a simple command. Complete is false if
// it begins a construct that continues on the next line.
func (s *shell) line(line string) (argv []string, complete bool) {
	if argv, ok := plainWords(line); ok {
		return argv, true
	}
	hidden, gaps := hideGaps(line)
	file, err := s.parse(hidden)
	if err != nil {
		return nil, !syntax.IsIncomplete(err)
	}
	if len(file.Stmts) != 1 {
		return nil, true
	}
	return showGaps(literal(file.Stmts[0]), gaps), true
}

// constructs reads the simple commands of a script with constructs, up to the first
// syntax error.
func (s *shell) constructs(script []string, found func(argv []string, line int)) {
	ended := uint(0)
	for stmt, err := range s.get().StmtsSeq(strings.NewReader(strings.Join(script, ""))) {
		if err != nil {
			return
		}
		line := stmt.Pos().Line()
		if argv := literal(stmt); argv != nil && line > ended {
			found(argv, int(line)-1)
		}
		ended = stmt.End().Line()
	}
}

func (s *shell) get() *syntax.Parser {
	if s.parser == nil {
		s.parser = syntax.NewParser(syntax.Variant(syntax.LangBash))
	}
	return s.parser
}

func (s *shell) parse(text string) (*syntax.File, error) {
	return s.get().Parse(strings.NewReader(text), "")
}

// span reads a code span. It is a command if it is a simple command of at least two
// words and the first looks like a program: `dag-sync.sh` alone is a file, and
// `docker-compose.yml` isn't a program. A prompt may stand before it.
func (s *shell) span(code string) []string {
	code, _ = cutPrompt(strings.TrimSpace(strings.ReplaceAll(code, "\u00a0", " ")))
	first, arguments, ok := strings.Cut(code, " ")
	if !ok || strings.HasPrefix(strings.TrimLeft(arguments, " "), "=") || !isProgram(first) && !assigns(first) {
		return nil
	}
	argv, complete := s.line(code)
	if !complete || len(argv) < 2 || !isProgram(program(argv)) {
		return nil
	}
	return argv
}

// program returns the word of a command that names the program, behind assignments.
func program(argv []string) string {
	for _, word := range argv {
		if !assigns(word) {
			return word
		}
	}
	return ""
}

// assigns reports whether a word gives a variable its value.
func assigns(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && syntax.ValidName(name)
}

// isProgram reports whether a word looks like the name or the path of a program.
func isProgram(word string) bool {
	name := strings.TrimLeft(strings.TrimPrefix(word, "~"), "./")
	if name == "" || len(name) < len(word) && !strings.HasSuffix(word[:len(word)-len(name)], "/") {
		return false
	}
	if c := name[0]; c < 'a' || c > 'z' {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._/-", c) >= 0) {
			return false
		}
	}
	switch ext := path.Ext(name); {
	case ext == "" || ext == ".sh" || ext == ".py":
		return true
	default:
		return len(ext) > 1 && ext[1] >= '0' && ext[1] <= '9' // python3.12
	}
}

// plainWords splits a line without anything special to the shell, which avoids the
// shell parser for nearly all commands. Ok is false if the line needs the parser.
// Argv is nil for a blank line or a comment.
func plainWords(line string) (argv []string, ok bool) {
	line = strings.Trim(line, spaces)
	if line == "" || line[0] == '#' {
		return nil, true
	}
	for i := range len(line) {
		if !plainBytes[line[i]] {
			return nil, false
		}
	}
	argv = strings.Fields(line)
	if strings.IndexByte(argv[0], '=') >= 0 || reserved(argv[0]) {
		return nil, false
	}
	return argv, true
}

// plainBytes are the bytes that a shell takes literally, and the space.
var plainBytes = func() (set [256]bool) {
	for c := range set {
		set[c] = isWordByte(byte(c)) || strings.IndexByte("-./:@,+= ", byte(c)) >= 0
	}
	return set
}()

// reserved reports whether bash has its own syntax for a line that begins with word.
func reserved(word string) bool {
	switch word {
	case "declare", "local", "export", "readonly", "typeset", "nameref", "let", "time", "coproc", "select", "function":
		return true
	}
	return syntax.IsKeyword(word)
}

// literal returns the words of a statement that means the same without a shell, or
// nil for any other.
func literal(stmt *syntax.Stmt) []string {
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || stmt.Negated || stmt.Background || stmt.Coprocess || stmt.Disown || stmt.Semicolon.IsValid() ||
		len(stmt.Redirs) > 0 || len(call.Args) == 0 {
		return nil
	}
	argv := make([]string, 0, len(call.Assigns)+len(call.Args))
	for _, a := range call.Assigns {
		value := ""
		if a.Value != nil {
			value, ok = literalWord(a.Value)
		}
		if !ok || a.Append || a.Naked || a.Index != nil || a.Array != nil {
			return nil
		}
		argv = append(argv, a.Name.Value+"="+value)
	}
	for i, word := range call.Args {
		text, ok := literalWord(word)
		if !ok && i == 0 {
			text, ok = strings.CutPrefix(word.Lit(), "~/") // the path of a program, as it is copied
			text = "~/" + text
		}
		if !ok {
			return nil
		}
		argv = append(argv, text)
	}
	if argv[0] == "" || program(argv) == "" {
		return nil
	}
	return argv
}

func literalWord(word *syntax.Word) (string, bool) {
	var b strings.Builder
	for i, part := range word.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			if i == 0 && strings.HasPrefix(part.Value, "~") || !unescape(&b, part.Value, "") {
				return "", false
			}
		case *syntax.SglQuoted:
			if part.Dollar {
				return "", false
			}
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			if part.Dollar {
				return "", false
			}
			for _, inner := range part.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok || !unescape(&b, lit.Value, "$`\"\\\n") {
					return "", false
				}
			}
		default:
			return "", false
		}
	}
	// A word is rejected if it looks like a brace expansion, to be safe.
	return b.String(), !syntax.SplitBraces(word)
}

// unescape writes s without its backslashes. In double quotes, a backslash is literal
// unless a character of quoted follows it. Outside of quotes (quoted is empty) it
// makes any character literal, and ok is false for a file name pattern.
func unescape(b *strings.Builder, s, quoted string) (ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && (quoted == "" || strings.IndexByte(quoted, s[i+1]) >= 0):
			if i++; s[i] != '\n' {
				b.WriteByte(s[i])
			}
		case quoted == "" && strings.IndexByte("*?[", c) >= 0:
			return false
		default:
			b.WriteByte(c)
		}
	}
	return true
}

package document

import (
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
	"mvdan.cc/sh/v3/syntax"
)

// shellLanguages are the languages of fenced blocks that contain commands. The value
// is true for a terminal session, in which only lines with a prompt are commands.
var shellLanguages = map[string]bool{
	"sh": false, "bash": false, "shell": false, "zsh": false,
	"console": true, "shell-session": true, "terminal": true,
}

// fence reads the commands of a fenced block in a step. A block without a shell
// language is prose, and so is one in a quote.
func (r *reader) fence(n *ast.FencedCodeBlock, at place) {
	if at.step == nil || at.quoted {
		return
	}
	language := n.Language(r.src)
	session, known := shellLanguages[string(language)]
	if !known {
		session, known = shellLanguages[strings.ToLower(string(language))]
	}
	if !known || n.Lines().Len() == 0 {
		return
	}
	var script []string
	for _, segment := range n.Lines().Sliced(0, n.Lines().Len()) {
		script = append(script, r.asSource(segment.Value(r.src), segment.Start))
	}
	first := r.line.at(n.Lines().At(0).Start)
	r.shell.script(script, session, func(argv []string, line int) {
		at.step.Commands = append(at.step.Commands, Command{Argv: argv, fenced: true, Line: first + line})
	})
}

// shell extracts commands from shell text. The zero value is ready to use. It is not
// safe for concurrent use.
type shell struct{ parser *syntax.Parser }

// script calls found with each simple command of a script and its 0-based line. A
// command inside of a construct (a loop, a function, a here-document, a quoted text
// of several lines) doesn't count, because it isn't meant to be run by itself.
func (s *shell) script(script []string, session bool, found func(argv []string, line int)) {
	for _, line := range script {
		if _, ok := cutPrompt(line); ok {
			session = true
		}
	}
	for i := 0; i < len(script); i++ {
		line, first := script[i], i
		if session {
			var prompt bool
			if line, prompt = cutPrompt(line); !prompt {
				continue
			}
		}
		for continued(line) && i+1 < len(script) {
			i++
			next := script[i]
			if session {
				next = strings.TrimPrefix(strings.TrimLeft(next, " "), "> ")
			}
			line = strings.TrimSuffix(strings.TrimRight(line, "\n"), `\`) + next
		}
		argv, complete := s.line(line)
		if argv != nil {
			found(argv, first)
		}
		if !complete {
			if !session {
				s.constructs(script[first:], func(argv []string, line int) { found(argv, first+line) })
			}
			return
		}
	}
}

// cutPrompt cuts the prompt "$ " from a line.
func cutPrompt(line string) (string, bool) {
	return strings.CutPrefix(strings.TrimLeft(line, " \t"), "$ ")
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
	file, err := s.parse(line)
	if err != nil {
		return nil, !syntax.IsIncomplete(err)
	}
	if len(file.Stmts) != 1 {
		return nil, true
	}
	return literal(file.Stmts[0]), true
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
// `docker-compose.yml` isn't a program.
func (s *shell) span(code string) []string {
	code = strings.TrimSpace(code)
	program, arguments, ok := strings.Cut(code, " ")
	if !ok || !isProgram(program) || strings.HasPrefix(strings.TrimLeft(arguments, " "), "=") {
		return nil
	}
	argv, complete := s.line(code)
	if !complete || len(argv) < 2 {
		return nil
	}
	return argv
}

func isProgram(word string) bool {
	if word == "" || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	for i := range len(word) {
		c := word[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._/-", c) >= 0) {
			return false
		}
	}
	switch ext := path.Ext(word); {
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
		len(stmt.Redirs) > 0 || len(call.Assigns) > 0 || len(call.Args) == 0 {
		return nil
	}
	argv := make([]string, len(call.Args))
	for i, word := range call.Args {
		if argv[i], ok = literalWord(word); !ok {
			return nil
		}
	}
	if argv[0] == "" {
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

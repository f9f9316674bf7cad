package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A wordRule forbids words in what people read. The table in CONTRIBUTING.md has the same.
type wordRule struct {
	words  string // a regular expression; case doesn't matter
	better string
	sample string // a text that it must find
}

var wordRules = []wordRule{
	{`\bplease\b`, "leave it out", "Please run the plan."},
	{`\bsuccessful(ly)?\b`, "say what happened", "The plan was successfully made."},
	{`\b(whoever|whosoever)\b`, "name who it is", "Whoever reviews it does that."},
	{`\bsomebody\b`, "name who it is, or someone", "Somebody changed it."},
	{`\bthere is none\b`, "no …, or isn't set", "the branch, if there is none"},
	{`\bwhich there is not\b`, "unknown …", "names a kind, which there is not"},
	{`\bis wanted for\b`, "is needed for", "A token is wanted for that."},
	{`\bbecame of\b`, "the outcome of", "what became of a command"},
	{`\bany more\b`, "no longer, or can't", "it cannot be read any more"},
	{`\bit is not known\b`, "unknown, or couldn't check", "It is not known who has it."},
	{`\bcannot\b`, "can't", "It cannot be read."},
	{`\bwhere (none|no \w+) is (named|given)\b`, "(default: …)", "the newest run where none is named"},
	{`\b(take|takes|took|taken) back what\b`, "undo", "take back what was said"},
	{`\bfor ever\b`, "forever", "it would wait for ever"},
	{`\bcancelled\b`, "canceled", "The build was cancelled."},
	{`\b(recogni|organi|summari|initiali)s(e|es|ed|ing)\b`, "with z", "recognised by its link"},
	{`\bpractis(e|es|ed|ing)\b`, "practice", "it practises one state"},
	{`\b(e\.g|i\.e)\.|\betc\.`, "for example, that is, and so on", "for tools, e.g. just"},
	{`\b(utili[sz]e|in order to|prior to)\b`, "use, to, before", "in order to deploy"},
	{`\bnevertheless\b`, "anyway", "it is run nevertheless"},
	{`\banew\b`, "again", "draw it anew"},
	{`\bonce more\b`, "again", "it is asked once more"},
	{`\bgoes on\b|\bgo on with\b|\bgoing on with\b`, "continues, resume", "go on with a run"},
	{`\bin the way of\b`, "blocks", "what is in the way of a deployment"},
	{`\bstands? (in (an?|the|it|no|none)|on|under|between|there|beside)\b`, "is", "what stands in the document"},
	{`\bthat which\b`, "what, or the name of the thing", "that which was seen"},
	{`[\pL)]!(\s|$)`, "a full stop", "All done!"},
	{`[.:;,]\x20{2,}\pL`, "one space", "It failed.  Run it again."},
}

var (
	wordPatterns = func() []*regexp.Regexp {
		var all []*regexp.Regexp
		for _, r := range wordRules {
			all = append(all, regexp.MustCompile(`(?i)`+strings.ReplaceAll(r.words, " ", `\s+`)))
		}
		return all
	}()
	sentence   = regexp.MustCompile(`\pL{2,}[,;:)]? \pL+`) // more than one word
	codeSpan   = regexp.MustCompile("`[^`\n]*(\n[^`\n]+)?`")
	headingRow = regexp.MustCompile(`(?m)^#+ (.+)`)
)

// stale finds the words that comments are held to as well. "Recognise" is the name of a field.
var stale = regexp.MustCompile(`(?i)\b(somebody|anew|for ever|cancelled|nevertheless)\b|\b[a-z]*(organi|summari|initiali)s(e|es|ed|ing)\b`)

// others are files whose strings others say: documents, or the tools that practice plays.
var others = []string{"steps/wording/", "steps/reading.go", "steps/practice/just/", "steps/terraform/text/applied.go"}

// broken returns the rules that a text breaks, each with the line where.
func broken(text string) (all []string) {
	for i, p := range wordPatterns {
		for _, at := range p.FindAllStringIndex(text, -1) {
			line := 1 + strings.Count(text[:at[0]], "\n")
			all = append(all, fmt.Sprintf("%d: %q: %s", line, strings.TrimSpace(text[at[0]:at[1]]), wordRules[i].better))
		}
	}
	return all
}

// TestWordRules shows that each rule finds what it forbids, and lets its better word pass.
func TestWordRules(t *testing.T) {
	for i, r := range wordRules {
		if !wordPatterns[i].MatchString(r.sample) {
			t.Errorf("%s doesn't find %q", r.words, r.sample)
		}
		if found := broken(r.better); len(found) > 0 {
			t.Errorf("%q breaks a rule itself: %v", r.better, found)
		}
	}
	if len(broken("Run the plan again; the registry can't be reached.")) > 0 {
		t.Error("a plain sentence breaks a rule")
	}
	if titleCase("Pausing DAGs") != "" || titleCase("How A Plan Is Judged") == "" {
		t.Error("headings aren't told apart")
	}
	source := "package p\nimport \"please do\"\nvar a = regexp.MustCompile(\"please do\")\n" +
		"type c struct { F string `help:\"Please do.\"` }\nfunc f() { print(\"please do\") }\n"
	var texts []string
	if err := eachText("p.go", source, func(_ int, text string) { texts = append(texts, text) }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"Please do.", "please do"}; !slices.Equal(texts, want) {
		t.Errorf("the texts are %q, want %q", texts, want)
	}
}

// TestStyle holds what people read to the rules: the documentation, and the sentences in
// the sources.
func TestStyle(t *testing.T) {
	pages, err := filepath.Glob("help/*/*.md")
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	whys, err := filepath.Glob("../../steps/kinds/why/*.md")
	if err != nil || len(whys) < 10 {
		t.Fatalf("%d reasons: %v", len(whys), err)
	}
	for _, page := range slices.Concat(pages, whys, []string{"../../README.md", "../../.github/CONTRIBUTING.md"}) {
		text := prose(read(t, page))
		for _, problem := range broken(text) {
			t.Errorf("%s:%s", page, problem)
		}
		for _, heading := range headingRow.FindAllStringSubmatch(text, -1) {
			if word := titleCase(heading[1]); word != "" {
				t.Errorf("%s: %q in the heading %q: sentence case", page, word, heading[1])
			}
		}
	}
	texts := 0
	for _, path := range spoken(t) {
		data, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		err = eachText(path, string(data), func(line int, text string) {
			texts++
			for _, problem := range broken(text) {
				t.Errorf("%s:%d: in line %s", path, line, problem)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range goFiles(t, func(string) bool { return true }) {
		file, err := parser.ParseFile(token.NewFileSet(), path, read(t, filepath.Join(root, path)), parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Comments {
			if word := stale.FindString(c.Text()); word != "" {
				t.Errorf("%s: %q in a comment; TestStyle has the better word", path, word)
			}
		}
	}
	if texts < 2000 {
		t.Errorf("only %d sentences were found in the sources", texts)
	}
}

// prose returns Markdown without its code, and without a table of words not to use. The
// lines stay where they are.
func prose(text string) string {
	lines := strings.Split(text, "\n")
	fenced, forbidding := false, false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		fenced = fenced != fence
		forbidding = strings.HasPrefix(line, "|") && (forbidding || strings.Contains(line, "| not |"))
		if fence || fenced || forbidding {
			lines[i] = ""
		}
	}
	return codeSpan.ReplaceAllString(strings.Join(lines, "\n"), "code$1")
}

// names are words that are capitalized wherever they are.
var names = []string{"Airflow", "DAG", "DAGs", "JSON", "GitHub", "Go", "Markdown", "Terraform", "OpenTofu"}

// titleCase returns a word of a heading that is capitalized although it isn't a name and
// doesn't begin the heading.
func titleCase(heading string) string {
	for i, word := range strings.Fields(heading) {
		word = strings.Trim(word, ",.:?()")
		if i > 0 && strings.ToLower(word) != word && !slices.Contains(names, word) {
			return word
		}
	}
	return ""
}

// spoken returns the Go files that are no tests and speak for themselves.
func spoken(t *testing.T) []string {
	t.Helper()
	return goFiles(t, func(path string) bool {
		return !strings.HasSuffix(path, "_test.go") && !slices.ContainsFunc(others, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
	})
}

// goFiles returns the Go files that are wanted, relative to the root.
func goFiles(t *testing.T, wanted func(path string) bool) (all []string) {
	t.Helper()
	for _, dir := range []string{"cmd", "tui", "steps", "runbook"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir
			}
			if strings.HasSuffix(path, ".go") && wanted(path) {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// eachText calls f for each string of a Go file that has more than one word: not for
// imports, patterns and lists of words, and of a field's tag only for its help.
func eachText(path, source string, f func(line int, text string)) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				tag, _ := strconv.Unquote(n.Tag.Value)
				if text := reflect.StructTag(tag).Get("help"); text != "" {
					f(files.Position(n.Tag.Pos()).Line, text)
				}
				return false
			}
		case *ast.CallExpr:
			if selector, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Lazy", "MustCompile", "Compile", "Fields", "Contains", "HasPrefix", "HasSuffix"}, selector.Sel.Name) {
				return false
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(n.Value); err == nil && sentence.MatchString(text) {
				f(files.Position(n.Pos()).Line, text)
			}
		}
		return true
	})
	return nil
}

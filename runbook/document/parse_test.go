package document

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook/document/testdata/big"
)

var updateDocuments = flag.Bool("update-documents", false, "write what Parse reads into the golden files")

// TestParseGolden holds each rule of the format to a document that shows it.
func TestParseGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			comment, doc, want := readGolden(t, file)
			d, err := Parse("doc.md", []byte(doc))
			if err != nil {
				t.Fatal(err)
			}
			got := dump(d)
			if *updateDocuments {
				if err := os.WriteFile(file, []byte(comment+goldenDoc+doc+goldenWant+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

const (
	goldenDoc  = "-- doc.md --\n"
	goldenWant = "-- want --\n"
)

// readGolden reads a golden file: a comment, the document, and its dump.
func readGolden(t testing.TB, file string) (comment, doc, want string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	comment, rest, ok := strings.Cut(string(data), goldenDoc)
	doc, want, found := strings.Cut(rest, goldenWant)
	if !ok || !found {
		t.Fatalf("%s has not the parts doc.md and want", file)
	}
	return comment, doc, want
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		line      int
		reason    string
	}{
		{"invalid UTF-8", "# A\r\n\r\nab\xffc\n", 3, "invalid UTF-8 at byte 3"},
		{"UTF-16", "\xff\xfe#\x00", 1, "UTF-16"},
		{"NUL", "a\rb\n\x00", 3, "NUL byte at byte 1"},
		{"NUL after front matter", "---\nt: 1\n---\n\x00", 4, "NUL byte"},
		{"too large", strings.Repeat("a", maxSize+1), 0, "larger than 4 MiB"},
		{"quotes", "a\n\n" + strings.Repeat(">", 200) + "\n", 3, "nested more than 100 deep"},
		{"lists", "a\n\n" + strings.Repeat("- ", 101) + "x\n", 3, "nested more than 100 deep"},
		{"footnotes", "a\n\n" + strings.Repeat("[^a]:", 101) + "\n", 3, "nested more than 100 deep"},
		{"lists in a footnote", "a\n\n[^a]: " + strings.Repeat("- ", 101) + "x\n", 3, "nested more than 100 deep"},
		{"lists by indentation", deepList(300), 101, "nested more than 100 deep"},
		{"open admonition", "a\n\n:::{note}\n1. x\n", 3, "never closed"},
		{"no key", "<!-- runbook: =x -->\n\np\n", 1, "isn't a key"},
		{"no value", "<!-- runbook: kind -->\n\np\n", 1, `"kind" has no value`},
		{"value missing", "<!-- runbook: kind= x=1 -->\n\np\n", 1, `value of "kind" is missing`},
		{"open quote", "a\n\n<!-- runbook: kind=\"x -->\n\np\n", 3, "no closing quote"},
		{"text after quote", "<!-- runbook: kind=\"x\"y -->\n\np\n", 1, "followed by more text"},
		{"quote inside", "<!-- runbook: kind=x\"y -->\n\np\n", 1, "quote inside"},
		{"twice", "<!-- runbook: a=1 a=2 -->\n\np\n", 1, `"a" is given twice`},
		{"empty", "<!-- runbook: -->\n\np\n", 1, "empty"},
		{"no colon", "<!-- runbook kind=x -->\n\np\n", 1, "colon is missing"},
		{"procedure with key", "# H\n<!-- runbook: procedure a=1 -->\n", 2, "must be alone"},
		{"procedure astray", "# H\n\np\n\n<!-- runbook: procedure -->\n", 5, "not directly below a heading"},
		{"procedure in a step", "1. x <!-- runbook: procedure -->\n", 1, "not directly below a heading"},
		{"procedure twice", "# H\n<!-- runbook: procedure -->\n<!-- runbook: procedure -->\n", 3, "second annotation procedure"},
		{"prose in a step", "1. x <!-- runbook: prose -->\n", 1, "prose is not directly below a heading"},
		{"prose with key", "# H\n<!-- runbook: prose a=1 -->\n", 2, "prose must be alone"},
		{"two words", "# H\n<!-- runbook: prose procedure -->\n", 2, "has no value"},
		{"prose and steps", "# H\n<!-- runbook: prose -->\n<!-- runbook: steps -->\n", 3, "second annotation steps"},
		{"in prose", "# H\n<!-- runbook: prose -->\n\n1. x <!-- runbook: kind=x -->\n", 4, "binds to nothing"},
		{"nothing below", "p\n\n<!-- runbook: kind=x -->\n", 3, "binds to nothing"},
		{"heading below", "<!-- runbook: kind=x -->\n\n# H\n\np\n", 1, "binds to nothing"},
		{"fence below", "<!-- runbook: kind=x -->\n```sh\nls\n```\n", 1, "binds to nothing"},
		{"bullets below", "<!-- runbook: kind=x -->\n- a\n- [ ] b\n", 1, "binds to nothing"},
		{"in a bullet", "- a <!-- runbook: kind=x -->\n", 1, "binds to nothing"},
		{"in a heading", "# a <!-- runbook: kind=x -->\n", 1, "binds to nothing"},
		{"in a quote", "> a\n> <!-- runbook: kind=x -->\n", 2, "binds to nothing"},
		{"in a table", "|a|\n|-|\n|<!-- runbook: kind=x -->|\n", 3, "binds to nothing"},
		{"two of one step", "<!-- runbook: kind=x -->\n\n1. a <!-- runbook: kind=y -->\n", 3, "second annotation of one step, the first is in line 1"},
		{"two before one step", "<!-- runbook: kind=x -->\n<!-- runbook: kind=y -->\n1. a\n", 1, "binds to nothing"},
		{"swallowed text", "1. <!-- runbook: kind=x --> Cut a release\n", 1, "text after it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse("a.md", []byte(tt.src))
			var refused *parseError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, error %v; want a parseError", d, err)
			}
			prefix := fmt.Sprintf("a.md:%d: ", tt.line)
			if tt.line == 0 {
				prefix = "a.md: "
			}
			if refused.Name != "a.md" || refused.Line != tt.line || !strings.HasPrefix(err.Error(), prefix) {
				t.Errorf("got %q in line %d, want line %d", err, refused.Line, tt.line)
			}
			if !strings.Contains(refused.Reason, tt.reason) {
				t.Errorf("got the reason %q, want %q in it", refused.Reason, tt.reason)
			}
		})
	}
}

func deepList(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%s- x\n", strings.Repeat("  ", i))
	}
	return b.String()
}

// TestParseFileForms reads one document in every form that editors give it.
func TestParseFileForms(t *testing.T) {
	const plain = "# T\n\n1. one `just a b`\n\n   ```sh\n   make it\n   ```\n2. two\n\n<!-- runbook: kind=x -->\nlast\n"
	want, err := Parse("a.md", []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{
		"CRLF":     strings.ReplaceAll(plain, "\n", "\r\n"),
		"CR":       strings.ReplaceAll(plain, "\n", "\r"),
		"BOM":      "\ufeff" + plain,
		"BOM CRLF": "\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"),
	} {
		got, err := Parse("a.md", []byte(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if dump(got) != dump(want) || got.Source != plain {
			t.Errorf("%s: got\n%s\nwant\n%s", name, dump(got), dump(want))
		}
		if got.Hash() == want.Hash() {
			t.Errorf("%s: has the hash of other bytes", name)
		}
		for i, s := range got.Steps {
			if s.Hash() != want.Steps[i].Hash() {
				t.Errorf("%s: %s has another hash, though its text is the same", name, s.ID)
			}
		}
	}
}

func TestParseTabs(t *testing.T) {
	d, err := Parse("a.md", []byte("1.\tone\n\n\t```sh\n\tmake it\n\t```\n\n\t\tcode\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Steps[0].Markdown(), "one\n\n```sh\nmake it\n```\n\n\tcode"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(d.Steps[0].Commands) != 1 || d.Steps[0].Commands[0].Line != 4 {
		t.Errorf("got the commands %v", d.Steps[0].Commands)
	}
}

func TestFrontMatter(t *testing.T) {
	for _, tt := range []struct{ name, src, title, source string }{
		{"YAML", "---\n# c\ntitle: \"A: b\" # c\nx: [1\n---\nbody\n", "A: b", "body\n"},
		{"YAML unquoted colon", "---\ntitle: Deploy: the guide # really\n...\nbody\n", "Deploy: the guide", "body\n"},
		{"YAML single quotes", "---\nother: 1\ntitle: 'it''s'\n---\n", "it's", ""},
		{"YAML block", "---\ntitle: >\n  long\n---\nbody\n", "a.md", "body\n"},
		{"TOML", "+++\n[x]\ntitle = \"T\"\n+++\nbody\n", "T", "body\n"},
		{"heading wins", "---\ntitle: T\n---\n# H\n", "H", "# H\n"},
		{"never closed", "---\ntitle: T\n", "a.md", "---\ntitle: T\n"},
		{"rules", "---\nprose\n---\n1. x\n", "a.md", "---\nprose\n---\n1. x\n"},
		{"not at the start", "\n---\ntitle: T\n---\n", "a.md", "\n---\ntitle: T\n---\n"},
		{"empty", "---\n---\nbody\n", "a.md", "body\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse("dir/a.md", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			if d.Title.String() != tt.title || d.Source != tt.source {
				t.Errorf("got %q and %q, want %q and %q", d.Title, d.Source, tt.title, tt.source)
			}
			for _, s := range d.Steps {
				line := 1 + strings.Count(tt.src[:strings.LastIndex(tt.src, s.Markdown())], "\n")
				if tt.name != "rules" && s.Line != line {
					t.Errorf("%s is in line %d, want %d", s.ID, s.Line, line)
				}
			}
		})
	}
}

func TestTitleIsNeverEmpty(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"", "", "Runbook"},
		{" ", "#\n", "Runbook"},
		{"a/b.md", "#\n\n## two\n", "b.md"},
		{"a/b.md", "## two\n\n# one\n", "one"},
		{"a/b.md", "# <%= title %>\n\n# {{ title }}\n", "b.md"},
		{"a/b.md", "# {% title %}\n\n# one\n", "one"},
	} {
		d, err := Parse(tt.name, []byte(tt.src))
		if err != nil {
			t.Fatal(err)
		}
		if d.Title.String() != tt.want {
			t.Errorf("%q of %q: got %q, want %q", tt.src, tt.name, d.Title, tt.want)
		}
	}
}

// TestParseManySteps makes sure of the size that the tool promises; that the
// time grows linearly is for the benchmarks to show.
func TestParseManySteps(t *testing.T) {
	const n = 10_000
	d, err := Parse("big.md", big.Document(n))
	if err != nil {
		t.Fatal(err)
	}
	items, commands := 0, 0
	for _, s := range d.Steps {
		if s.Shape == ListItem {
			items++
			commands += len(s.Commands)
		}
	}
	if items != n || commands != 2*n || len(d.Links) != n {
		t.Errorf("got %d items, %d commands, %d links", items, commands, len(d.Links))
	}
	checkDocument(t, d)
}

// TestParseConcurrently is for the race detector: all parses share one goldmark.
func TestParseConcurrently(t *testing.T) {
	src := big.Document(50)
	want, err := Parse("a.md", src)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			got, err := Parse("a.md", src)
			if err != nil || dump(got) != dump(want) {
				t.Errorf("another document, error %v", err)
			}
		})
	}
}

// TestEqualHeadings keeps unique ids from being quadratic or wrong.
func TestEqualHeadings(t *testing.T) {
	d, err := Parse("a.md", bytes.Repeat([]byte("# A\n\n1. x\n\n# A 2\n\n"), 20_000))
	if err != nil {
		t.Fatal(err)
	}
	checkDocument(t, d)
}

// checkDocument holds what is true of every document.
func checkDocument(t *testing.T, d *Document) {
	t.Helper()
	if d.Title.Empty() || len(d.Sections) == 0 || d.Sections[0].Level != 0 {
		t.Fatal("no title, or no root")
	}
	sections := map[string]bool{}
	for i, s := range d.Sections {
		if sections[s.ID] {
			t.Errorf("two sections have the id %q", s.ID)
		}
		sections[s.ID] = true
		if s.Start < 0 || s.Start > s.End || s.End > len(d.Source) {
			t.Errorf("section %q is %d to %d of %d", s.ID, s.Start, s.End, len(d.Source))
		}
		if i > 0 && (s.Parent == nil || s.Parent.Level >= s.Level || len(s.Path) != len(s.Parent.Path)+1 ||
			s.Parent.Level > 0 && (s.Start < s.Parent.Start || s.End > s.Parent.End)) {
			t.Errorf("section %q does not stand in its parent", s.ID)
		}
	}
	steps := map[StepID]bool{}
	last := 0
	for _, s := range d.Steps {
		if steps[s.ID] {
			t.Errorf("two steps have the id %q", s.ID)
		}
		steps[s.ID] = true
		if s.Start < last || s.Start > s.End || s.End > len(d.Source) || s.Line < 1 {
			t.Errorf("step %q is %d to %d of %d, after %d, in line %d", s.ID, s.Start, s.End, len(d.Source), last, s.Line)
		}
		last = s.Start
		if !sections[s.Section.ID] || s.Section.Start > s.Start || s.Section.End < s.End {
			t.Errorf("step %q is not in its section", s.ID)
		}
		if p := s.Parent; p != nil && (p.Start > s.Start || p.End < s.End) {
			t.Errorf("step %q is not in its parent", s.ID)
		}
		for _, c := range s.Commands {
			if len(c.Argv) == 0 || c.Argv[0] == "" || c.Line < s.Line {
				t.Errorf("step %q has the command %q in line %d", s.ID, c.Argv, c.Line)
			}
		}
	}
}

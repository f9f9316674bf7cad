package review_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
	. "catalog-runbook/steps/terraform/review"
)

// reportWith is a report on a plan whose every free text is the given one.
func reportWith(s string) Report {
	plan := terraform.Plan{
		JSON: true, Complete: true,
		Outputs:  []terraform.Output{{Name: clean.Line(s), Action: terraform.Update}},
		Warnings: []terraform.Warning{{Title: clean.Line(s)}},
		Changes: []terraform.Change{
			{Address: "aws_sqs_queue.a[" + s + "]", Type: "aws_sqs_queue", Action: terraform.Delete, Reason: clean.Line(s)},
			{Address: "aws_instance.catalog_airflow", Type: "aws_instance", Action: terraform.Replace, Triggers: []clean.Text{clean.Line(s)}},
			{Address: "aws_eip.a", Type: "aws_eip", Action: terraform.Update, Previous: "aws_sqs_queue.b." + s},
			{Address: "aws_eip.b", Type: "aws_eip", Action: terraform.Create},
		},
		Problems: []clean.Text{clean.Line(s)},
	}
	lines := func(i int) ([]terraform.Line, clean.Text, error) {
		switch i {
		case 0:
			return nil, clean.Block("  - resource \"a\" {\n" + s + "\n    }"), nil
		case 3:
			return nil, clean.Text{}, errors.New("reading it: " + s)
		}
		return []terraform.Line{
			{Mark: terraform.Changed, Name: clean.Line(s), Before: clean.Line(s), After: clean.Line(s)},
			{Mark: terraform.Same, Depth: 1, After: clean.Line(s)},
		}, clean.Text{}, nil
	}
	j := terraform.Judge(plan, terraform.Policy{Service: "catalog-airflow"})
	return Report{Plan: plan, Judgement: j, Counts: "resources: 1 destroyed", Lines: lines}
}

var (
	htmlTag = regexp.MustCompile(`</?[a-z][^>]*>?|<[^/a-z]`)
	// shout is what GitHub would make a mention, a reference or an emoji.
	shout = regexp.MustCompile(`@\w|#\d|(?i:gh-\d)|:\w+:`)
)

// structure is what GitHub would make of Markdown, without its texts: the elements and
// the tags of its HTML. It fails the test for what GitHub looks for in texts.
func structure(t *testing.T, source []byte) string {
	t.Helper()
	var b strings.Builder
	depth := 0
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		depth++
		switch n := n.(type) {
		case *ast.Text:
			if prose := string(util.ResolveNumericReferences(util.UnescapePunctuations(n.Segment.Value(source)))); n.Parent().Kind() != ast.KindCodeSpan && shout.MatchString(prose) {
				t.Errorf("GitHub would make more of %q", prose)
			}
			return ast.WalkContinue, nil
		case *ast.String:
			return ast.WalkContinue, nil
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				fmt.Fprintln(&b, depth, "html", htmlTag.FindAllString(string(line.Value(source)), -1))
			}
			return ast.WalkContinue, nil
		case *ast.FencedCodeBlock:
			fmt.Fprintln(&b, depth, "code", n.Lines().Len())
			return ast.WalkContinue, nil
		}
		fmt.Fprintln(&b, depth, n.Kind())
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func markdown(t testing.TB, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// FuzzMarkdown holds that no text in a plan changes the structure of the document.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"", "a", "`", "``` x", "~~~", "</details>", "</code></summary></details><script>", "<!--", "@WordPress/maintainers", "#12", "GH-12", ":tada:",
		"[a](https://example.org)", "https://example.org", "www.example.org", "a@example.org", "| a | b |", "\n\n# a\n", "\r\n\r\n- x", "1. a", "> a",
		"**a**", "_a_", "&lt;script&gt;", "&#64;a", `\`, "\\`", "![a](b)", "<b>", "a\x1b[2J", "\u202e", "$$x$$", "$`x`$", "- [ ] a", "***", "===", "    a",
		"[^1]", "[^1]: a", "<https://a>", "~~a~~", "`` ` ", " ` ", "\t", "\x00", "\xff", "::error::a", "\u2028", "+++", "{{a}}", "```\n</details>\n\n# x", "0:0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s = clean.Line(s).String(); len(s) > 300 || strings.TrimSpace(s) == "" {
			return // what is long is cut, and without a name, a line has another form
		}
		got := structure(t, []byte(markdown(t, reportWith(s))))
		if want := structure(t, []byte(markdown(t, reportWith("plain")))); got != want {
			t.Errorf("%q makes\n%s\nwant\n%s\n%s", s, got, want, markdown(t, reportWith(s)))
		}
	})
}

func TestMarkdown(t *testing.T) {
	for _, name := range []string{"cloud-database-destroy.json", "cloud-deploy.txt"} {
		r := reportOn(t, name)
		golden := filepath.Join("testdata", name+".md")
		got := markdown(t, r)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestMarkdownFits cuts a plan that is too long for a comment, and counts what is missing.
func TestMarkdownFits(t *testing.T) {
	for _, n := range []struct{ changes, lines int }{{1, 100_000}, {2_000, 3}, {30, 500}} {
		plan := terraform.Plan{JSON: true, Complete: true}
		for i := range n.changes {
			plan.Changes = append(plan.Changes, terraform.Change{Address: fmt.Sprintf("aws_sqs_queue.a[%d]", i), Type: "aws_sqs_queue", Action: terraform.Delete})
		}
		r := Report{Plan: plan, Judgement: terraform.Judge(plan, terraform.Policy{Service: "catalog-airflow"}), Counts: "many", Lines: func(int) ([]terraform.Line, clean.Text, error) {
			lines := make([]terraform.Line, n.lines)
			for i := range lines {
				lines[i] = terraform.Line{Mark: terraform.Removed, Name: clean.Line("name"), Before: clean.Line(strings.Repeat("ä", 50))}
			}
			return lines, clean.Text{}, nil
		}}
		got := markdown(t, r)
		if len(got) > 65_536 {
			t.Errorf("%+v: it has %d bytes", n, len(got))
		}
		if strings.Count(got, "<details>") != strings.Count(got, "</details>") {
			t.Errorf("%+v: something isn't closed", n)
		}
		shown := strings.Count(got, "\n<summary><code>")
		if left := fmt.Sprintf("%s changes, since GitHub", comma(n.changes-shown)); n.changes > 1 && (shown == 0 || !strings.Contains(got, left)) {
			t.Errorf("%+v: %d are shown, and it does not say %q:\n%s", n, shown, left, got[len(got)-400:])
		}
		if n.lines > 500 && !strings.Contains(got, " more lines\n```") {
			t.Errorf("%+v: lines are missing, and nothing says so", n)
		}
	}
}

func comma(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

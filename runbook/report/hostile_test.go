package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// hostile are values that want to be more than words.
var hostile = []string{
	"# Heading", "text\n# Heading\n\n---\n\n- item", "Text\n===", "- [x] task", "- item", "+ item", "* item", "+", "-", "= =", "1. one", "1) one", "> quote", "    code",
	"```\nfenced", "~~~", "***", "___", "a | b | c", "|", `\|`, `a\`, `\\|`, "| --- |",
	"<script>alert(1)</script>", "<!-- comment", "<img src=x onerror=alert(1)>", "<https://evil.example>", "&lt;b&gt; &#64;everyone",
	"[link](https://evil.example)", "![image](https://evil.example/x.png)", "[ref]: https://evil.example", "[^1]", "[]()",
	"https://evil.example/path", "see www.evil.example now", "mail root@evil.example", "mailto:root@evil.example",
	"@octocat please", "(@octocat)", "cc:@org/team", "fixes #12", "owner/repo#12", "GH-12", ":boom:", "$x$", "`code`", "``a`", "`", "*b* _i_ ~~s~~",
	"\x1b[31mred", "\u202eevil", "", " ", "   lead and trail   ",
}

// reader is GitHub's Markdown, as near as goldmark comes to it.
var reader = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

// shown is what a reader sees of some Markdown.
type shown struct {
	all, prose string   // its words; prose without those that are code
	kinds      []string // what it is made of, in order
	links      []string
}

var (
	tags  = regexp.MustCompile(`(?s)<[^>]*>`)
	codes = regexp.MustCompile(`(?s)<code>.*?</code>`)
	hrefs = regexp.MustCompile(`<a href="([^"]*)"`)
)

func read(t *testing.T, md string) shown {
	t.Helper()
	var s shown
	source := []byte(md)
	err := ast.Walk(reader.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Kind() == ast.KindText || n.Kind() == ast.KindString || n.Kind() == ast.KindCodeSpan {
			return ast.WalkContinue, nil
		}
		kind := n.Kind().String()
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock, *ast.Image, *ast.AutoLink, *ast.FencedCodeBlock, *ast.CodeBlock, *extast.TaskCheckBox:
			t.Errorf("there is a %s in\n%s", n.Kind(), md)
		case *ast.Heading:
			kind = fmt.Sprintf("%s %d", kind, n.Level)
		}
		s.kinds = append(s.kinds, kind)
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := reader.Convert(source, &page); err != nil {
		t.Fatal(err)
	}
	words := func(h string) string { return html.UnescapeString(tags.ReplaceAllString(h, "")) }
	s.all, s.prose = words(page.String()), words(codes.ReplaceAllString(page.String(), " "))
	for _, m := range hrefs.FindAllStringSubmatch(page.String(), -1) {
		s.links = append(s.links, html.UnescapeString(m[1]))
	}
	return s
}

// plainly is a text as it is shown: spaces are one.
func plainly(s string) string { return strings.Join(strings.Fields(clean.Line(s).String()), " ") }

// shows fails the test where a value is shown as anything but its words.
func shows(t *testing.T, value string) {
	t.Helper()
	for place, md := range map[string]string{
		"paragraph": "x\n\n" + inline(value) + "\n\ny",
		"item":      "- " + inline(value) + "\n- y",
		"cell":      "| a | b |\n| --- | --- |\n| " + inline(value) + " | " + codeSpan(value) + " |\n| y | z |",
		"code":      "x " + codeSpan(value) + " y",
		"heading":   "## y " + inline(value),
	} {
		want := map[string]string{
			"paragraph": "x " + value + " y", "item": value + " y", "cell": "a b " + value + " " + value + " y z", "code": "x " + value + " y", "heading": "y " + value,
		}[place]
		got := read(t, md)
		if plainly(got.all) != plainly(want) {
			t.Errorf("as a %s, %q is shown as %q, want %q; the Markdown is\n%s", place, value, plainly(got.all), plainly(want), md)
		}
		if len(got.links) > 0 {
			t.Errorf("as a %s, %q has links: %q", place, value, got.links)
		}
		for _, word := range strings.Fields(got.prose) {
			if active().MatchString(word) {
				t.Errorf("as a %s, %q is shown with %q outside of code", place, value, word)
			}
		}
	}
}

func TestHostileWords(t *testing.T) {
	for _, value := range hostile {
		shows(t, value)
	}
}

func TestAnyWords(t *testing.T) {
	signs := rapid.SampledFrom([]string{"`", "``", "|", `\`, "*", "_", "[", "]", "(", ")", "<", ">", "&", "#", "@", "a", "B1", "1.", "-", "+", "=", " ", "!", "~", ":", "$", "http://", "www.", "\n", "\t", "&#124;", "amp;", "é"})
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(signs, 0, 12), func(s []string) string { return strings.Join(s, "") }))
	rapid.Check(t, func(r *rapid.T) {
		value := text.Draw(r, "value")
		shows(t, value)
		if t.Failed() {
			r.Fatalf("%q", value)
		}
	})
}

// A report in which every text that can come from outside is hostile has the
// structure of one in which none is.
func TestHostileReport(t *testing.T) {
	harmless := read(t, markdownOf(t, spoiled(t, "word").make()))
	if len(harmless.links) == 0 || len(harmless.kinds) < 100 {
		t.Fatalf("the report to compare with says too little: %q", harmless)
	}
	for _, value := range hostile {
		if strings.TrimSpace(value) == "" {
			continue // then there is nothing to say, and less is said
		}
		r := spoiled(t, value).make()
		md := markdownOf(t, r)
		got := read(t, md)
		if !reflect.DeepEqual(got.kinds, harmless.kinds) {
			t.Errorf("%q changes the structure:\n%s", value, md)
		}
		if !reflect.DeepEqual(got.links, harmless.links) {
			t.Errorf("%q changes the links: %q", value, got.links)
		}
		if i := strings.IndexFunc(md, func(r rune) bool { return r < ' ' && r != '\n' }); i >= 0 {
			t.Errorf("%q leaves a control character", value)
		}
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range []string{`\u001b`, "\u202e"} {
			if strings.Contains(string(data), raw) {
				t.Errorf("%q is raw in the JSON", value)
			}
		}
	}
}

// spoiled is a whole walk with one value in every place that text can come from.
func spoiled(t *testing.T, value string) *story {
	s := tell(t, runbook.Live).whole()
	v, long := clean.Block(value), clean.Line(value+" and ten letters more")
	head := func(h runbook.Head) runbook.Head { return runbook.Head{At: h.At, Actor: v} }
	spoil := func(r runbook.Result) runbook.Result {
		r.Summary = v
		for i := range r.Evidence {
			r.Evidence[i].Name, r.Evidence[i].Value = v, v
			// Where something was seen is a link if it is an address, whichever.
			if address, _ := link(r.Evidence[i].Source); address == "" && !strings.HasPrefix(value, "https://") {
				r.Evidence[i].Source = v
			}
		}
		if _, ok := r.Facts["release.commit"]; ok {
			r.Facts = runbook.Facts{"release.commit": value}
		}
		return r
	}
	for i := range s.input.Records {
		rec := &s.input.Records[i]
		rec.Host = value
		switch e := rec.Event.(type) {
		case runbook.Started:
			e.Head, e.Environment, e.Document = head(e.Head), v, v
			rec.Event = e
		case runbook.Resumed:
			e.Head, e.Changed = head(e.Head), []document.StepID{document.StepID(value)}
			rec.Event = e
		case runbook.ReleaseChosen:
			e.Head, e.Tag = head(e.Head), value
			rec.Event = e
		case runbook.AccessSeen:
			e.Head, e.Text = head(e.Head), v
			rec.Event = e
		case runbook.Checked:
			e.Head, e.Result = head(e.Head), spoil(e.Result)
			rec.Event = e
		case runbook.Skipped:
			e.Head, e.Reason = head(e.Head), long
			rec.Event = e
		case runbook.Overridden:
			e.Head, e.Reason = head(e.Head), long
			rec.Event = e
		case runbook.Judged:
			e.Head = head(e.Head)
			rec.Event = e
		case runbook.Confirmed:
			e.Head, e.Phrase = head(e.Head), value
			rec.Event = e
		case runbook.EffectStarted:
			e.Head, e.Argv, e.Dir = head(e.Head), []string{"just", value}, value
			rec.Event = e
		case runbook.EffectFinished:
			e.Head, e.Result = head(e.Head), spoil(e.Result)
			rec.Event = e
		case runbook.EffectDoubted:
			e.Head, e.Text = head(e.Head), v
			rec.Event = e
		case runbook.Settled:
			e.Head, e.Reason = head(e.Head), long
			rec.Event = e
		default:
			t.Fatalf("%s is not spoiled", e.Type())
		}
	}
	doc, err := document.Parse(runbook.DefaultName, runbook.Default())
	if err != nil {
		t.Fatal(err)
	}
	doc.Title = v
	for _, step := range doc.Steps {
		step.Text = v
	}
	s.input.Document = doc
	for i := range s.input.Specs {
		s.input.Specs[i].Label = v
	}
	s.input.Problems = []clean.Text{v}
	s.input.Holder = &Holder{Actor: v, Host: v, Since: s.now}
	return s
}

func TestLink(t *testing.T) {
	for source, want := range map[string]string{
		"https://github.com/o/r/releases/tag/v1":   "https://github.com/o/r/releases/tag/v1",
		"http://127.0.0.1:8080/api?a=1&copy=2#x":   "http://127.0.0.1:8080/api?a=1&copy=2#x",
		"https://airflow.example.org/a>b<c|d`e(f)": "https://airflow.example.org/a%3Eb%3Cc%7Cd%60e%28f%29",
		"https://example.org/a b":                  "https://example.org/a%20b",
		"https://example.org/grüße":                "https://example.org/gr%C3%BC%C3%9Fe",
		"javascript:alert(1)":                      "",
		"data:text/html,x":                         "",
		"file:///etc/passwd":                       "",
		"//example.org/x":                          "",
		"https://":                                 "",
		"https://github.com@evil.example/":         "",
		"https://evil.example%2f@github.com/":      "",
		"https://exämple.org/":                     "",
		"git diff":                                 "",
		"":                                         "",
	} {
		got, host := link(clean.Line(source))
		if got != want {
			t.Errorf("%q leads to %q, want %q", source, got, want)
		}
		if got == "" {
			continue
		}
		md := read(t, "| a |\n| --- |\n| "+linkTo(got, host)+" |")
		if !reflect.DeepEqual(md.links, []string{got}) {
			t.Errorf("%q is shown as a link to %q, want %q", source, md.links, got)
		}
		if u, err := url.Parse(got); err != nil || u.Host != host {
			t.Errorf("%q: the text says %q", source, host)
		}
	}
}

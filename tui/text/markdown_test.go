package text

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/frametest"
)

// constructs are the places of Markdown in which a text can stand.
var constructs = []string{
	"%s", "# %s", "> %s", "- %s", "1. %s", "- [ ] %s", "**%s**", "_%s_", "~~%s~~", "`%s`", "```\n%s\n```", "```go\n%s\n```", "    %s",
	"| a | b |\n|---|---|\n| %s | %[1]s |", "[%s](https://example.org/)", "[a](https://example.org/%s)", "[a](https://example.org \"%s\")",
	"![%s](x.png)", "![a](%s)", "<b>%s</b>", "<div title=\"%s\">\n%[1]s\n</div>", "<!-- %s -->", "<https://example.org/%s>", "[a]: /x '%s'\n\n[a]",
	"Term\n: %s", "a[^1]\n\n[^1]: %s", "Title %s\n===",
}

// payloads are texts that a terminal must not get as they are, also when their
// references have been decoded once or twice, or joined over marks.
var payloads = []string{
	"\x1b]52;c;QQ==\x07", "\x1b[2J", "\x1b[31m", "\x1bP1$r\x1b\\", "\u009b31m", "\u009d0;title\u009c", "\x9b31m", "\x00\x08\x0b\x0c\x7f", "a\rb",
	"&#27;]52;c;QQ==&#7;", "&#x1b;[31m", "&#X1B;[31m", "&#0000000000000027;[31m", "&#27[31m", "&amp;#27;[31m", "&amp;amp;#27;[31m", "&#38;#27;[31m", "&#x26;#27;[31m",
	"&**#27;**[31m", "~~&**#27;**[31mX~~", "&#2**7;**[31m", "&#**27;**[31m", "&_#27;_[31m", "&`#27;`[31m", "&<b>#27;</b>[31m", "&amp**#27;**[31m", "&AMP;#27;", "&AMP#27;",
	"&#155;31m", "&#x9b;31m", "&#157;0;x&#156;", "\u202ereversed\u202c", "&#8238;reversed", "&#x202E;reversed", "&rlm;&lrm;&zwj;&zwnj;&shy;&ZeroWidthSpace;&NoBreak;",
	"&amp;zwj;", "&ampzwj;", "&zw**j;**", "&#82**06;**", "&#82\\06;", "\ufeffmark", "&#xFEFF;", "\u200b\u2060\u00ad\u034f\u115f\u3164\ufe0f\U000e0041\U000e01ef",
	"\u2028\u2029", "&NewLine;&Tab;", "^[[31m", "&bsol;", "&#x110000;", "&#xD800;", "&#0;", "a\u0300\u0300\u0300\u0300\u0300\u0300\u0300\u0300",
}

func TestMarkdownIsHarmless(t *testing.T) {
	for i, construct := range constructs {
		for j, payload := range payloads {
			if frametest.RaceDetector && (i+j)%5 != 0 {
				continue
			}
			source := fmt.Sprintf(construct, payload)
			check := func(lines []string, theme Theme) {
				t.Helper()
				if problem := markdownProblem(lines, 60, theme); problem != "" {
					t.Errorf("%q: %s in %q", source, problem, lines)
				}
			}
			check(PlainMarkdown(source, 60), Plain)
			for _, theme := range []Theme{dark, light, Plain} {
				check(Markdown(source, 60, theme), theme)
			}
		}
	}
}

var plainSGR = regexp.MustCompile(`\x1b\[0?m`)

// markdownProblem says what is wrong with drawn Markdown, "" if nothing is. The
// plain theme has no colours of its own, so any in it come from the source.
func markdownProblem(lines []string, width int, theme Theme) string {
	for _, l := range lines {
		if problem := frametest.Raw(l); problem != "" {
			return problem
		}
		if strings.IndexFunc(ansi.Strip(l), unicode.IsControl) >= 0 {
			return "a control character"
		}
		if theme == Plain && strings.Contains(plainSGR.ReplaceAllString(l, ""), "\x1b") {
			return "a colour of the source's own"
		}
		if got := ansi.StringWidth(l); got > max(width, 2) {
			return fmt.Sprintf("a line of %d cells", got)
		}
	}
	return ""
}

func FuzzMarkdown(f *testing.F) {
	for _, construct := range constructs {
		f.Add(fmt.Sprintf(construct, "\x9b000"), uint8(6))
		for i, payload := range payloads {
			if i%7 == len(construct)%7 {
				f.Add(fmt.Sprintf(construct, payload), uint8(40))
			}
		}
	}
	f.Fuzz(func(t *testing.T, source string, width uint8) {
		for _, theme := range []Theme{dark, Plain} {
			lines := Markdown(source, int(width%140)+1, theme)
			if problem := markdownProblem(lines, int(width%140)+1, theme); problem != "" {
				t.Errorf("%s in %q", problem, lines)
			}
		}
	})
}

// TestMarkdownStaysReadable holds that making it harmless does not spoil what
// ordinary documents say.
func TestMarkdownStaysReadable(t *testing.T) {
	for source, want := range map[string]string{
		"AT&T, R & D, a&b":                    "AT&T, R & D, a&b",
		"&lt;b&gt; &amp; &copy; &#65;&#x42;C": "<b> & © ABC",
		"`a && b`":                            "a && b",
		"<https://a.example/?x=1&copy=2>":     "https://a.example/?x=1＆copy=2",
		"\x1b[31mred":                         "␛[31mred",
		"\u202eabc":                           "⟦U+202E⟧abc",
		"a\ufeffb":                            "a⟦U+FEFF⟧b",
		"a\u00a0b":                            "a b",
		"&#Xffff;":                            "⟦U+FFFF⟧",
		"bad \xff byte":                       "bad ⟦FF⟧ byte",
		"Größe 日本語 🔒":                         "Größe 日本語 🔒",
		"&#42;not emphasis&#42;":              "*not emphasis*",
		"key ghp_abcdefghijklmnopqrstuvwxyz0": "key [redacted]",
		"⚠\ufe0f `👍🏽` a\ufe0f":                "⚠ 👍 a⟦U+FE0F⟧",
		"e\u0301":                             "e\u0301",
	} {
		if got := strings.Join(Markdown(source, 80, Plain), "\n"); got != want {
			t.Errorf("%q is drawn as %q, want %q", source, got, want)
		}
	}
}

// TestMarkdownLimits draws what is made to be dear to draw.
func TestMarkdownLimits(t *testing.T) {
	big, most := markdownLimit/2, 5*time.Second // generous, for a busy machine
	if frametest.RaceDetector {
		most *= 10
	}
	for name, source := range map[string]string{
		"quotes":    strings.Repeat(">", big) + " a",
		"lists":     strings.Repeat("- ", big/2) + "a",
		"numbers":   strings.Repeat("1. ", big/3) + "a",
		"mixed":     strings.Repeat("> - 1. ", 2000) + "a",
		"stairs":    stairs(400),
		"brackets":  strings.Repeat("[", 4000) + "a" + strings.Repeat("](b)", 4000),
		"emphasis":  strings.Repeat("*a _b ", 2000),
		"backticks": strings.Repeat("`a``b", 3000),
		"tables":    "|" + strings.Repeat("a|", 300) + "\n|" + strings.Repeat("-|", 300) + "\n" + strings.Repeat("|b|c|\n", 300),
		"ampersand": strings.Repeat("&", big),
		"long word": strings.Repeat("x", 2*markdownLimit),
	} {
		start := time.Now()
		lines := Markdown(source, 60, Plain)
		if took := time.Since(start); took > most {
			t.Errorf("%s took %s", name, took)
		} else {
			t.Logf("%s: %s", name, took.Round(time.Millisecond))
		}
		if problem := markdownProblem(lines, 60, Plain); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

func TestStyledRuns(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"plain", "a b", "a b"},
		{"spaces at the end", "a   ", "a"},
		{"coloured spaces at the end", "a\x1b[31m \x1b[0m\x1b[31m \x1b[0m", "a"},
		{"the same colour twice", "\x1b[31ma\x1b[0m\x1b[31mb\x1b[0m", "\x1b[31mab\x1b[0m"},
		{"a colour that is not ended", "\x1b[31ma", "\x1b[31ma\x1b[0m"},
		{"colours for nothing", "\x1b[31m\x1b[0m\x1b[4m\x1b[ma", "a"},
	} {
		if got := new(styledRuns).draw(c.line); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	var p styledRuns
	if got := p.draw("a\x1b[31mb") + p.draw("c") + p.draw("d\x1b[0me"); got != "a\x1b[31mb\x1b[0m\x1b[31mc\x1b[0m\x1b[31md\x1b[0me" {
		t.Errorf("a colour over three lines is drawn as %q", got)
	}
}

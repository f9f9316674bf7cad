package clean

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLineAndBlock(t *testing.T) {
	for _, c := range []struct{ name, in, line, block string }{
		{"nothing", "", "", ""},
		{"ASCII", "just plan prod", "just plan prod", "just plan prod"},
		{"other scripts", "Größe 大小 🔒", "Größe 大小 🔒", "Größe 大小 🔒"},
		{"line ends", "a\nb\r\nc", "a b c", "a\nb\nc"},
		{"tab", "a\tb", "a b", "a\tb"},
		{"lone carriage return", "done\rfail", "done^Mfail", "done^Mfail"},
		{"two carriage returns", "a\r\r\nb", "a^M b", "a^M\nb"},
		{"carriage return at the end", "a\r", "a^M", "a^M"},
		{"escape", "\x1b[2J", "^[[2J", "^[[2J"},
		{"bell and null", "\x07\x00", "^G^@", "^G^@"},
		{"delete", "a\x7fb", "a^?b", "a^?b"},
		{"C1: control sequence introducer", "\u009b31m", "<009B>31m", "<009B>31m"},
		{"C1: next line", "a\u0085b", "a<0085>b", "a<0085>b"},
		{"C1 as a raw byte", "\x9b31m", "<9B>31m", "<9B>31m"},
		{"broken UTF-8", "a\xc3(\xff", "a<C3>(<FF>", "a<C3>(<FF>"},
		{"overlong slash", "\xc0\xaf", "<C0><AF>", "<C0><AF>"},
		{"surrogate", "\xed\xa0\x80", "<ED><A0><80>", "<ED><A0><80>"},
		{"replacement character", "\ufffd", "\ufffd", "\ufffd"},
		{"line and paragraph separators", "a\u2028b\u2029c", "a<2028>b<2029>c", "a<2028>b<2029>c"},
		{"wide and fixed spaces", "a\u00a0b\u3000c\u2009d", "a b c d", "a b c d"},
		{"override of the direction", "user\u202etxt.exe", "user<202E>txt.exe", "user<202E>txt.exe"},
		{"zero width", "ad\u200bmin\ufeff", "ad<200B>min<FEFF>", "ad<200B>min<FEFF>"},
		{"tag characters", "x\U000e0041\U000e007f", "x<E0041><E007F>", "x<E0041><E007F>"},
		{"private use", "\ue0b0", "<E0B0>", "<E0B0>"},
		{"form of an emoji", "⚠\ufe0f ☎\ufe0e ‼\ufe0f ℹ\ufe0f ↔\ufe0f ©\ufe0f", "⚠ ☎ ‼ ℹ ↔ ©", "⚠ ☎ ‼ ℹ ↔ ©"},
		{"keycaps", "1\ufe0f\u20e3#\ufe0f\u20e3", "1\u20e3#\u20e3", "1\u20e3#\u20e3"},
		{"joined emoji", "👩\u200d💻 👁\ufe0f\u200d🗨\ufe0f 👩🏽\u200d💻", "👩💻 👁🗨 👩💻", "👩💻 👁🗨 👩💻"},
		{"colours of skin", "👍🏽 ☝\ufe0f🏽 🏽 a🏽", "👍 ☝ 🏽 a🏽", "👍 ☝ 🏽 a🏽"},
		{"forms of nothing", "\ufe0fa\ufe0f⚠\ufe0f\ufe0f1\ufe0fa\u20e3\ufe0f", "<FE0F>a<FE0F>⚠<FE0F>1<FE0F>a\u20e3<FE0F>", "<FE0F>a<FE0F>⚠<FE0F>1<FE0F>a\u20e3<FE0F>"},
		{"joined words", "ad\u200dmin👩\u200dx👩\u200d\u200d💻", "ad<200D>min👩<200D>x👩<200D><200D>💻", "ad<200D>min👩<200D>x👩<200D><200D>💻"},
		{"our own codes", "^[<202E><9B>^?…", "^[<202E><9B>^?…", "^[<202E><9B>^?…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Line(c.in).String(); got != c.line {
				t.Errorf("Line(%q) = %q, want %q", c.in, got, c.line)
			}
			if got := Block(c.in).String(); got != c.block {
				t.Errorf("Block(%q) = %q, want %q", c.in, got, c.block)
			}
		})
	}
}

func TestLinef(t *testing.T) {
	if got, want := Linef("%s has %d", "a\x1bb", 2).String(), "a^[b has 2"; got != want {
		t.Errorf("Linef = %q, want %q", got, want)
	}
	if got := Linef("%s", Linef("%q", "\x1b")).String(); got != `"\x1b"` {
		t.Errorf("a Text inside a Text = %q", got)
	}
}

func TestEmpty(t *testing.T) {
	var zero Text
	if !zero.Empty() || zero.String() != "" || !Line("").Empty() || Line(" ").Empty() {
		t.Error("only the empty text is empty")
	}
}

// TestEveryCharacter checks all of Unicode against Go's tables.
func TestEveryCharacter(t *testing.T) {
	bidi := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		out := Block("a" + string(r) + "b").String()
		if bad := unsafeRune(out, true); bad >= 0 {
			t.Fatalf("U+%04X leaves U+%04X in %q", r, bad, out)
		}
		if unicode.Is(unicode.Bidi_Control, r) {
			bidi++
			if want := fmt.Sprintf("a<%04X>b", r); out != want {
				t.Errorf("the bidirectional control U+%04X is shown as %q, want %q", r, out, want)
			}
		}
		if len(out) < 3 {
			t.Fatalf("U+%04X is gone: %q", r, out)
		}
	}
	if bidi != 12 {
		t.Errorf("%d bidirectional controls were tried, want 12", bidi)
	}
}

// hidden are the characters that a terminal obeys or does not show. Variation
// selectors and Other_Default_Ignorable_Code_Point make, with Cf, Unicode's
// Default_Ignorable_Code_Point.
var hidden = []*unicode.RangeTable{
	unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp,
	unicode.Bidi_Control, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point,
}

// unsafeRune returns the first character that must not be in a clean text, or -1.
func unsafeRune(s string, block bool) rune {
	if !utf8.ValidString(s) {
		return utf8.RuneError
	}
	for _, r := range s {
		if block && (r == '\n' || r == '\t') {
			continue
		}
		if unicode.In(r, hidden...) || (r != ' ' && unicode.Is(unicode.Zs, r)) {
			return r
		}
	}
	return -1
}

func TestCombiningMarks(t *testing.T) {
	zalgo := "a" + strings.Repeat("\u0301", 100) + "b" + strings.Repeat("\u20dd", 3)
	want := "a" + strings.Repeat("\u0301", maxMarks) + "b" + strings.Repeat("\u20dd", 3)
	if got := Line(zalgo).String(); got != want {
		t.Errorf("Line = %q, want %q", got, want)
	}
	// Two sorts of marks on one character count together.
	if got := Line("a" + strings.Repeat("\u0301\u20dd", 50)).String(); utf8.RuneCountInString(got) != 1+maxMarks {
		t.Errorf("Line keeps %q", got)
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    string
		clean func(string) Text
		want  string
	}{
		{"fits", strings.Repeat("x", maxLine), Line, strings.Repeat("x", maxLine)},
		{"one too many", strings.Repeat("x", maxLine+1), Line, strings.Repeat("x", maxLine) + "…"},
		{"between characters", strings.Repeat("x", maxLine-1) + "äö", Line, strings.Repeat("x", maxLine-1) + "…"},
		{"longer when visible", strings.Repeat("\x00", maxLine), Line, strings.Repeat("^@", maxLine/2) + "…"},
		{"block", strings.Repeat("x", maxBlock+1), Block, strings.Repeat("x", maxBlock) + "…"},
		{"a line's limit is not a block's", strings.Repeat("x", maxLine+1), Block, strings.Repeat("x", maxLine+1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.clean(c.in).String(); got != c.want {
				t.Errorf("%d bytes ending in %q, want %d ending in %q", len(got), tail(got), len(c.want), tail(c.want))
			}
		})
	}
}

func tail(s string) string { return s[max(0, len(s)-12):] }

// TestCutKeepsSecretsMasked puts a secret across the cut: half a secret must
// not be left there.
func TestCutKeepsSecretsMasked(t *testing.T) {
	forget(t)
	Secret("correct-horse-battery")
	for before := maxLine - 25; before <= maxLine; before++ {
		got := Line(strings.Repeat(".", before) + "correct-horse-battery").String()
		if strings.Contains(got, "corr") {
			t.Fatalf("with %d bytes before it, the cut leaves %q", before, tail(got))
		}
	}
}

func TestJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Block(hostile.Draw(t, "text"))
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Text
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

func TestJSONIsNotTrusted(t *testing.T) {
	var got Text
	if err := json.Unmarshal([]byte(`"\u001b[2J\u202e<b>\ud800"`), &got); err != nil {
		t.Fatal(err)
	}
	if want := "^[[2J<202E><b>\ufffd"; got.String() != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range []string{`7`, `["a"]`, `{}`, `"a`} {
		before := Line("kept")
		if err := json.Unmarshal([]byte(bad), &before); err == nil || before != Line("kept") {
			t.Errorf("%s: error %v, text %q", bad, err, before)
		}
	}
}

// hostile draws text that mixes what is harmless with all that is not.
var hostile = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom(nil, hidden...), 0, 8, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{
			"\r\n", "\r", "\t", "\u00a0", "a\u0301\u0301\u0301\u0301\u0301\u0301", "^[", "<202E>", "…", Mask,
			"gh", "p_", "github_pat_", "AKIA", "eyJ", "eyJ.", "xoxb-", "://", ":", "@", "/", "-----BEGIN ", "PRIVATE KEY-----", "-----END ",
			"Authorization", "AUTHORIZATION:", "authorization\u00a0=", " bearer ", "Basic ", "to\u212aen ", "ba\u017fic ",
			"0123456789012345", "ABCDEFGHIJKLMNOP", "abcdefghijklmnopqrstuvwx",
		}),
	)
	return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "")
})

func TestIdempotent(t *testing.T) {
	forget(t)
	Secret("ABCDEFGHIJKL", "redacted", "[redacted", "a\tsecret with a tab")
	rapid.Check(t, func(t *rapid.T) { checkClean(t, hostile.Draw(t, "text")) })
}

// TestIdempotentWhereCleaningReveals has texts in which one part of cleaning
// makes work for another.
func TestIdempotentWhereCleaningReveals(t *testing.T) {
	forget(t)
	for _, s := range []string{
		"authorization:\u00a0bearer\u00a0hunter2hunter2",
		"authorization:a \r b c d e f",
		strings.Repeat("\x00", maxLine/2-10) + "AKIAABCDEFGHIJKLMNOPQ",
		strings.Repeat("\x1b", maxLine),
		strings.Repeat("é", maxLine),
		strings.Repeat("\u202e", maxLine),
	} {
		checkClean(t, s)
	}
	if got := Line("authorization:\u00a0bearer\u00a0hunter2hunter2").String(); strings.Contains(got, "hunter2") {
		t.Errorf("a secret behind a no-break space is shown: %q", got)
	}
}

// checkClean holds what is promised of every text.
func checkClean(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) {
	t.Helper()
	for _, c := range []struct {
		name  string
		clean func(string) Text
		block bool
		most  int
	}{{"Line", Line, false, maxLine}, {"Block", Block, true, maxBlock}} {
		once := c.clean(s).String()
		if r := unsafeRune(once, c.block); r >= 0 {
			t.Fatalf("%s(%q) = %q holds U+%04X", c.name, s, once, r)
		}
		if again := c.clean(once).String(); again != once {
			t.Fatalf("%s(%q) = %q, and again %q", c.name, s, once, again)
		}
		if limit := min(c.most, 9*len(s)+len(Mask)) + len("…"); len(once) > limit {
			t.Fatalf("%s makes %d bytes of %d, more than %d", c.name, len(once), len(s), limit)
		}
		if !c.block && strings.ContainsAny(once, "\n\t\r") {
			t.Fatalf("Line(%q) = %q is not one line", s, once)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\r\nb", "\x1b]8;;http://a\x07", "\u202e", "\xff\xfe", "a\u0301\u0301\u0301\u0301\u0301",
		"https://user:hunter2hunter2@example.org", "authorization:\u00a0basic\u00a0x", "ghp_0123456789012345678901",
		strings.Repeat("\x00", maxLine),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkClean(t, s)
		if got, want := mask(s), maskPlainly(s); got != want {
			t.Fatalf("mask(%q) = %q, the expressions alone make %q", s, got, want)
		}
	})
}

func BenchmarkLine(b *testing.B) {
	for name, s := range map[string]string{
		"ascii":   "module.catalog.aws_instance.this must be replaced, for its user_data has changed at github.com",
		"text":    "Größe: 大小 — the DAG run is queued since 12:04 and nobody knows for how long it will be so…",
		"hostile": strings.Repeat("\x1b[2J\u202e\xffa\u0301\u0301\u0301\u0301\u0301\u0301", 5),
		"secret":  "Authorization: Bearer ghp_0123456789012345678901234567890123456789 to https://a:b@example.org",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Line(s)
			}
		})
	}
}

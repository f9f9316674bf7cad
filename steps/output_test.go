package steps

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
)

// screen takes what a stream shows.
type screen struct {
	lines   []string
	notes   []string
	partial string
}

func (s *screen) show(o Output) {
	for _, l := range o.Lines {
		if o.Note {
			s.notes = append(s.notes, l.String())
		} else {
			s.lines = append(s.lines, l.String())
		}
	}
	s.partial = o.Partial.String()
}

// play writes a text in pieces that end at the given places.
func play(text string, cuts ...int) *screen {
	var at screen
	s := &stream{show: at.show}
	from := 0
	for _, cut := range append(cuts, len(text)) {
		s.write([]byte(text[from:cut]))
		from = cut
	}
	s.end()
	return &at
}

func TestOutputLines(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", maxPartial/16)
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"lines", "a\nb\r\n\nc", []string{"a", "b", "", "c"}},
		{"a progress bar shows its last state", "10%\r50%\r100%\ndone\n", []string{"100%", "done"}},
		{"a progress bar that ends without a line", "10%\r50%\r", []string{"50%"}},
		{"colours are dropped", "\x1b[1m\x1b[38;5;208mred\x1b[0m\x1b[K\n", []string{"red"}},
		{"tabs", "a\tb\n", []string{"a    b"}},
		{"a title, a link and a cursor stay visible", "\x1b]0;x\x07\x1b]8;;http://e\x1b\\y\x1bc\n", []string{`^[]0;x^G^[]8;;http://e^[\y^[c`}},
		{"what is dropped does not join into something else", "\x1b\x1b[0m[31mred\n", []string{"^[[31mred"}},
		{"direction and width", "a\u202eb\u200bc\u009b2Jd\n", []string{"a<202E>b<200B>c<009B>2Jd"}},
		{"no UTF-8", "a\xffb\n", []string{"a<FF>b"}},
		{"words", "é 🔒 ok\n", []string{"é 🔒 ok"}},
		{"a line as long as it may be", long + "\nb\n", []string{long, "b"}},
		{"a line that is too long loses nothing", long + "xyz\nb", []string{long, "xyz", "b"}},
		{"a rune is not cut", long[:maxPartial-1] + "éx\n", []string{long[:maxPartial-1], "éx"}},
		{"a colour is not cut", long[:maxPartial-3] + "\x1b[31mx\n", []string{long[:maxPartial-3], "x"}},
		{"a long progress bar", strings.Repeat(long[:100]+"\r", 200) + "end\n", []string{"end"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := play(tt.text).lines; !slices.Equal(got, tt.want) {
				t.Errorf("at once: got %q, want %q", got, tt.want)
			}
			stride := 1
			if len(tt.text) > 1_000 && !*LongTests {
				stride = 37
			}
			for cut := 0; cut < len(tt.text); cut += stride {
				if got := play(tt.text, cut).lines; !slices.Equal(got, tt.want) {
					t.Fatalf("cut at %d: got %q, want %q", cut, got, tt.want)
				}
			}
			every := make([]int, len(tt.text))
			for i := range every {
				every[i] = i
			}
			if got := play(tt.text, every...).lines; !slices.Equal(got, tt.want) {
				t.Errorf("byte by byte: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOutputPartial(t *testing.T) {
	var at screen
	s := &stream{show: at.show}
	for _, step := range []struct{ chunk, partial string }{
		{"Enter", "Enter"}, {" a value: ", "Enter a value: "}, {"\x1b[1mx", "Enter a value: x"}, {"\r10% ", "10% "}, {"\nSure? ", "Sure? "}, {"\n", ""},
	} {
		s.write([]byte(step.chunk))
		if at.partial != step.partial {
			t.Errorf("after %q the line is %q, want %q", step.chunk, at.partial, step.partial)
		}
	}
	s.end()
	if want := []string{"10% ", "Sure? "}; !slices.Equal(at.lines, want) {
		t.Errorf("got %q, want %q", at.lines, want)
	}
}

// TestOutputIsCleanWhateverComes writes random hostile bytes in random pieces.
func TestOutputIsCleanWhateverComes(t *testing.T) {
	parts := []string{"\x1b", "[", "]", "0", ";", "m", "31", "H", "\r", "\n", "\x9b", "\xc2", "\x9d", "\u202e", "\u2028", "\u00ad", "é", "a", "\x07", "\x1b[0m", "\x00", "\xff", "\t", "yes"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		var b strings.Builder
		for range random.IntN(60) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		text := b.String()
		var cuts []int
		for range random.IntN(5) {
			cuts = append(cuts, random.IntN(len(text)+1))
		}
		slices.Sort(cuts)
		whole, pieces := play(text), play(text, cuts...)
		if !slices.Equal(whole.lines, pieces.lines) {
			t.Fatalf("%q cut at %v: got %q, want %q", text, cuts, pieces.lines, whole.lines)
		}
		for _, line := range whole.lines {
			if !utf8.ValidString(line) || line != clean.Line(line).String() || strings.ContainsAny(line, "\x1b\x07\r\n\t\u009b\u202e\u2028") {
				t.Fatalf("%q is shown as %q", text, line)
			}
		}
	}
}

// asker makes a stream that answers a question at the end of the output.
func asker(at *screen, question string) (s *stream, replies *[]string, judged *[]string) {
	replies, judged = new([]string), new([]string)
	s = &stream{show: at.show, reply: func(_ int64, r string) { *replies = append(*replies, r) }}
	s.answer = func(text string) (string, clean.Text) {
		if !strings.HasSuffix(strings.TrimRight(text, " "), question) {
			return "", clean.Text{}
		}
		*judged = append(*judged, text)
		return "yes\n", clean.Line("answering yes")
	}
	return s, replies, judged
}

func TestOutputAnswersAQuestionOnce(t *testing.T) {
	var at screen
	s, replies, _ := asker(&at, "value?")
	for _, step := range []struct {
		chunk   string
		answers int
	}{
		{"plan\nval", 0}, {"ue?", 1}, {" ", 1}, {"\n", 1}, {"yes", 1}, {"\r\n", 1}, {"done\n", 1}, {"value?", 2}, {" yes\r\n", 2}, {"value? ", 3},
	} {
		s.write([]byte(step.chunk))
		if len(*replies) != step.answers {
			t.Fatalf("after %q: answers %q, want %d", step.chunk, *replies, step.answers)
		}
	}
	s.end()
	if want := []string{"answering yes", "answering yes", "answering yes"}; !slices.Equal(at.notes, want) {
		t.Errorf("notes %q", at.notes)
	}
	if want := []string{"plan", "value?", " ", "yes", "done", "value?", " yes", "value? "}; !slices.Equal(at.lines, want) {
		t.Errorf("lines %q, want %q", at.lines, want)
	}
}

func TestOutputIsKeptUpToALimit(t *testing.T) {
	var at screen
	s, replies, judged := asker(&at, "value?")
	s.show = func(Output) {}
	begin := "the beginning\n"
	s.write([]byte(begin))
	line := []byte(strings.Repeat("x", 1<<10-1) + "\n")
	for s.kept.Len() < outputKept {
		if s.lost {
			t.Fatal("something was lost before the limit")
		}
		s.write(line)
	}
	for range 1 << 10 {
		s.write(line)
	}
	s.write([]byte("the end\nvalue? "))
	text := s.text()
	if len(text) > outputKept+len(outputCut)+2*outputTail || s.kept.Len() != outputKept {
		t.Errorf("%d bytes are kept", len(text))
	}
	if !strings.HasPrefix(text, begin) || !strings.HasSuffix(text, "the end\nvalue? ") || strings.Count(text, outputCut) != 1 {
		t.Error("the beginning, the end or the mark between them is missing")
	}
	if len(*replies) != 1 || !strings.HasPrefix((*judged)[0], outputCut) {
		t.Errorf("the question after the limit has the answers %q", *replies)
	}
}

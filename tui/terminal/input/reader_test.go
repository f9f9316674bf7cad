package input

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"
)

// line is a terminal from which the pieces come one after the other.
type line struct {
	pieces []string
	slow   bool // a piece doesn't come before the one before has been taken for what it is
	at     time.Time
}

func (l *line) Read(p []byte) (int, error) {
	if len(l.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.pieces[0])
	if l.pieces[0] = l.pieces[0][n:]; l.pieces[0] == "" {
		l.pieces = l.pieces[1:]
	}
	return n, nil
}

func (*line) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }
func (*line) Close() error              { return nil }
func (*line) Fd() uintptr               { return 0 }
func (*line) Name() string              { return "line" }

// reading reads everything, and returns the keys of each read and the messages, in the order
// in which they came.
func reading(l *line, size int) (got []any) {
	r := New(l, func(msg tea.Msg) { got = append(got, msg) })
	r.now = func() time.Time { return l.at }
	r.more = func(d time.Duration) bool {
		if d != cutLimit {
			panic("another limit")
		}
		return !l.slow && len(l.pieces) > 0
	}
	for p := make([]byte, size); ; {
		n, err := r.Read(p)
		if n > 0 {
			got = append(got, string(p[:n]))
		}
		if err != nil {
			return got
		}
		l.at = l.at.Add(10 * time.Millisecond)
	}
}

func TestRead(t *testing.T) {
	dark := Reply{']', "11;rgb:0000/0000/0000"}
	for name, c := range map[string]struct {
		pieces []string
		slow   bool
		want   []any
	}{
		"keys":                    {pieces: []string{"jé", "\r", "\x1b[A", "\x1bOP", "\x1b[[A", "\x1bx"}, want: []any{"jé", "\r", "\x1b[A", "\x1bOP", "\x1b[[A", "\x1bx"}},
		"a background and a key":  {pieces: []string{"j\x1b]11;rgb:0000/0000/0000\x07k"}, want: []any{dark, "jk"}},
		"ended by ST":             {pieces: []string{"\x1b]11;rgb:0000/0000/0000\x1b\\"}, want: []any{dark}},
		"with its attributes":     {pieces: []string{"\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;22c"}, want: []any{dark, Reply{'[', "?62;22c"}}},
		"cut by a slow line":      {slow: true, pieces: []string{"\x1b]11;rgb:00", "00/0000/0000", "\x07j"}, want: []any{dark, "j"}},
		"cut before its ST":       {pieces: []string{"\x1b]11;rgb:0000/0000/0000\x1b", "\\"}, want: []any{dark}},
		"cut in its introducer":   {pieces: []string{"\x1b", "]", "11;rgb:0000/0000/0000\x07"}, want: []any{dark}},
		"ended by ctrl+c":         {pieces: []string{"\x1b]11;rgb:0000", "\x03"}, want: []any{"\x03"}},
		"ended by esc":            {slow: true, pieces: []string{"\x1b]11;rgb:0000", "\x1b", "j"}, want: []any{"\x1b", "j"}},
		"ended by another":        {pieces: []string{"\x1b]11;rgb:00\x1b]11;rgb:0000/0000/0000\x07"}, want: []any{dark}},
		"a version":               {pieces: []string{"\x1bP>|kitty(0.26.5)\x1b\\"}, want: []any{Reply{'P', ">|kitty(0.26.5)"}}},
		"a place":                 {pieces: []string{"\x1b[24;80R", "\x1b[0n"}, want: []any{Reply{'[', "24;80R"}, Reply{'[', "0n"}}},
		"modes":                   {pieces: []string{"\x1b[?2026;2$yj", "\x1b[?997;1n"}, want: []any{Reply{'[', "?2026;2$y"}, "j", Reply{'[', "?997;1n"}}},
		"focus":                   {pieces: []string{"\x1b[Ij", "\x1b[O\x1b[I"}, want: []any{tea.FocusMsg{}, "j", tea.BlurMsg{}, tea.FocusMsg{}}},
		"esc":                     {slow: true, pieces: []string{"\x1b", "j"}, want: []any{"\x1b", "j"}},
		"esc, and soon a key":     {pieces: []string{"\x1b", "j"}, want: []any{tea.KeyMsg{Type: tea.KeyEsc}, "j"}},
		"esc twice":               {slow: true, pieces: []string{"\x1b", "\x1b"}, want: []any{"\x1b", "\x1b"}},
		"alt+]":                   {slow: true, pieces: []string{"\x1b]", "j"}, want: []any{"\x1b]", "j"}},
		"alt+P and more":          {pieces: []string{"\x1bPj"}, want: []any{"\x1bPj"}},
		"a click":                 {pieces: []string{"\x1b[<0;1", "0;5M"}, want: []any{"\x1b[<0;10;5M"}},
		"a drag":                  {pieces: []string{"\x1b[<32;10;5Mj\x1b[<64;10;5M"}, want: []any{"j\x1b[<64;10;5M"}},
		"a click without SGR":     {pieces: []string{"\x1b[M \xc3", "\x85"}, want: []any{"\x1b[M \xc3\x85"}},
		"a character cut in two":  {pieces: []string{"\xe6\x97", "\xa5"}, want: []any{"日"}},
		"half a character":        {slow: true, pieces: []string{"\xe6\x97", "j"}, want: []any{"\xe6\x97", "j"}},
		"a paste":                 {pieces: []string{"\x1b[200~\x1b]11;x\x07\x1b[I", "\x1b[24;80R\x1b[20", "1~\x1b[24;80R"}, want: []any{"\x1b[200~\x1b]11;x\x07\x1b[I", "\x1b[24;80R\x1b[20", Reply{'[', "24;80R"}, "1~"}},
		"a paste with its end":    {pieces: []string{"\x1b[200~\x1b\x1b[2\x1b[201~\x1b[Ij"}, want: []any{tea.FocusMsg{}, "\x1b[200~\x1b\x1b[2\x1b[201~j"}},
		"a paste without its end": {pieces: []string{"\x1b[200~r", "\x03", "\x1b[Ij"}, want: []any{"\x1b[200~r", "\x1b[201~\x03", tea.FocusMsg{}, "j"}},
		"function keys":           {pieces: []string{"\x1b[15~\x1b[1;5A\x1b[99;5u"}, want: []any{"\x1b[15~\x1b[1;5A\x1b[99;5u"}},
		"an aborted sequence":     {pieces: []string{"\x1b[1;\x03"}, want: []any{"\x1b[1;\x03"}},
		"no sequence":             {pieces: []string{"\x1b[" + strings.Repeat("1", 70) + "j"}, want: []any{"\x1b[" + strings.Repeat("1", 70) + "j"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := reading(&line{pieces: c.pieces, slow: c.slow}, 256); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q\n got %#v\nwant %#v", c.pieces, got, c.want)
			}
		})
	}
}

// TestReplyWithoutEnd: keys are keys again soon, and a reply is never too long to be forgotten.
func TestReplyWithoutEnd(t *testing.T) {
	l := &line{slow: true, pieces: append([]string{"\x1b]11;rgb:00"}, strings.Split(strings.Repeat("j", 200), "")...)}
	var keys strings.Builder
	for _, got := range reading(l, 256) {
		keys.WriteString(got.(string))
	}
	if n := keys.Len(); n < 90 || n > 110 { // 10 ms for each
		t.Errorf("%d of 200 keys came through", n)
	}
	got := reading(&line{pieces: []string{"\x1b]52;c;" + strings.Repeat("A", 3*textBytes) + "\x07j"}}, 256)
	if r, ok := got[0].(Reply); len(got) != 2 || !ok || len(r.Body) != textBytes || got[1] != "j" {
		t.Errorf("a long reply became %d messages", len(got))
	}
}

// TestCutAnywhere: however a line cuts what is sent, the same arrives.
func TestCutAnywhere(t *testing.T) {
	all := []string{
		"j", "é", "日", "\r", "\x1b[A", "\x1b[15~", "\x1bOP", "\x1b[<0;10;5M", "\x1b[<0;10;5m", "\x1b[<35;1;1M", "\x1b[I", "\x1b[O",
		"\x1b]11;rgb:0000/0000/0000\x07", "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b[?62;22c", "\x1bP>|x\x1b\\", "\x1b[200~日\x1b[I \x1b[201~",
	}
	rapid.Check(t, func(t *rapid.T) {
		sent := strings.Join(rapid.SliceOfN(rapid.SampledFrom(all), 1, 30).Draw(t, "sent"), "")
		var pieces []string
		for rest := sent; rest != ""; {
			n := rapid.IntRange(1, min(len(rest), 40)).Draw(t, "piece")
			if rest[n-1] == esc && n < len(rest) && !introduces(rest[n]) {
				n++ // the ST of a reply: esc and \ are two keys elsewhere
			}
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		size := rapid.IntRange(64, 256).Draw(t, "size")
		wantKeys, want := joined(reading(&line{pieces: []string{sent}}, 1<<20))
		gotKeys, got := joined(reading(&line{pieces: pieces}, size))
		if gotKeys != wantKeys || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q in pieces\n got %q %#v\nwant %q %#v", pieces, gotKeys, got, wantKeys, want)
		}
	})
}

// joined separates the keys from the messages.
func joined(all []any) (keys string, messages []any) {
	for _, one := range all {
		if s, ok := one.(string); ok {
			keys += s
		} else {
			messages = append(messages, one)
		}
	}
	return keys, messages
}

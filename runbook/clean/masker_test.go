package clean

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// masked writes a text in pieces that end at the given places.
func masked(t interface {
	Helper()
	Fatal(...any)
}, text string, cuts ...int) string {
	t.Helper()
	var out bytes.Buffer
	m := NewMasker(&out)
	from := 0
	for _, cut := range append(cuts, len(text)) {
		if n, err := m.Write([]byte(text[from:cut])); err != nil || n != cut-from {
			t.Fatal(n, err)
		}
		from = cut
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// shown returns what a terminal shows in the end, after lines were overwritten.
func shown(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = line[strings.LastIndexByte(line, '\r')+1:]
	}
	return strings.Join(lines, "\n")
}

const canary = "k7Qz/w3rT+y9Lm"

// keyText is a private key as it goes over lines.
const keyText = "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\n  MIIEowIBAAKCAQEAx\r\nMIIEowIBAAKCAQEAy\r\n-----END RSA PRIVATE KEY-----\r\n"

func TestMaskerInPieces(t *testing.T) {
	forget(t)
	Secret(canary)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"lines", "a\r\n\r\n b\nc", "a\r\n\r\n b\nc"},
		{"colours and other bytes stay", "\x1b[1m\xff\u202e\x00\x07\tx\x1b[0m\r\n", "\x1b[1m\xff\u202e\x00\x07\tx\x1b[0m\r\n"},
		{"a known secret", "a " + canary + "\r\n" + canary, "a " + Mask + "\r\n" + Mask},
		{"encoded", "?q=k7Qz%2Fw3rT%2By9Lm\n", "?q=" + Mask + "\n"},
		{"a shape", "x ghp_0123456789012345678901\nghp_short\n", "x " + Mask + "\nghp_short\n"},
		{"a header", "Authorization: Bearer abc.def\n", "Authorization: Bearer " + Mask + "\n"},
		{"a URL", "https://me:hunter2@example.org/x\n", "https://" + Mask + "@example.org/x\n"},
		{"a progress bar", "10%\r50%\r100%\r\ndone\n", "10%\r50%\r100%\r\ndone\n"},
		{"a private key", "a\n" + keyText + "b\n", "a\n" + strings.Repeat(Mask+"\r\n", 6) + "b\n"},
		{"a private key that does not end", strings.TrimSuffix(keyText, "-----END RSA PRIVATE KEY-----\r\n") + "# a resource will be destroyed\nx\n", strings.Repeat(Mask+"\r\n", 5) + "# a resource will be destroyed\nx\n"},
		{"a private key in a plan", "  + -----BEGIN PRIVATE KEY-----\n  + MIIEowIBAAKCAQEAx\n  + -----END PRIVATE KEY-----\n", "  + " + Mask + "\n" + Mask + "\n" + Mask + "\n"},
		{"a question", "Enter a value: yes\r\n", "Enter a value: yes\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := masked(t, c.text); got != c.want {
				t.Errorf("at once: got %q, want %q", got, c.want)
			}
			for cut := range len(c.text) {
				if got := masked(t, c.text, cut); shown(got) != shown(c.want) {
					t.Fatalf("cut at %d: got %q, want %q", cut, got, c.want)
				}
			}
			every := make([]int, len(c.text))
			for i := range every {
				every[i] = i
			}
			if got := masked(t, c.text, every...); shown(got) != shown(c.want) {
				t.Errorf("byte by byte: got %q, want %q", got, c.want)
			}
		})
	}
}

// TestMaskerOfAnyText compares it with masking line by line.
func TestMaskerOfAnyText(t *testing.T) {
	forget(t)
	Secret(canary)
	word := rapid.OneOf(rapid.StringMatching(`[a-z ]{0,12}`), rapid.StringMatching(shapes().String()),
		rapid.SampledFrom([]string{canary, canary[:7], "\r", "Enter a value: ", "? ", "://", "u:p@", "Authorization: ", "bearer ", "\x1b[0m", "é", "\xff"}))
	rapid.Check(t, func(t *rapid.T) {
		var text, want strings.Builder
		for range rapid.IntRange(0, 6).Draw(t, "lines") {
			line := strings.NewReplacer("\n", "", "BEGIN", "").Replace(strings.Join(rapid.SliceOfN(word, 0, 6).Draw(t, "words"), ""))
			end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
			text.WriteString(line + end)
			body := strings.TrimRight(line, "\r")
			want.WriteString(mask(body) + line[len(body):] + end)
		}
		cuts := rapid.SliceOfN(rapid.IntRange(0, text.Len()), 0, 8).Draw(t, "cuts")
		slices.Sort(cuts)
		if got := masked(t, text.String()); got != want.String() {
			t.Fatalf("%q: got %q, want %q", text.String(), got, want.String())
		}
		if got := masked(t, text.String(), cuts...); shown(got) != shown(want.String()) {
			t.Fatalf("%q cut at %v: got %q, want %q", text.String(), cuts, got, want.String())
		}
	})
}

// TestMaskerPauses has a pause at every place of a text: what is shown in the end
// is the same, and no part of a secret that would reveal it is shown before.
func TestMaskerPauses(t *testing.T) {
	forget(t)
	Secret(canary, "correct horse battery")
	for _, c := range []struct{ text, paused, want string }{
		{"Continue?", "Continue?", "Continue?"},
		{"Press enter to continue", "Press enter to continue", "Press enter to continue"},
		{"Really [y/N]", "Really [y/N]", "Really [y/N]"},
		{"key " + canary, "key " + Mask, "key " + Mask},
		{"key " + canary[:9], "key ", "key " + canary[:9]},
		{"type correct horse", "type ", "type correct horse"},
		{"x ghp_0123456789012345", "x ", "x ghp_0123456789012345"},
		{"to https://me:hunter2", "to ", "to https://me:hunter2"},
		{"-----BEGIN RSA PRIVATE KEY-----MIIE abc", Mask, Mask},
		{"Authorization: Bearer abc", "Authorization: Bearer " + Mask, "Authorization: Bearer " + Mask},
	} {
		var out bytes.Buffer
		m := NewMasker(&out)
		for i := range c.text {
			_, _ = m.Write([]byte{c.text[i]})
		}
		if err := m.Pause(); err != nil || out.String() != c.paused {
			t.Errorf("%q: got %q, want %q", c.text, out.String(), c.paused)
		}
		if err := m.Close(); err != nil || shown(out.String()) != c.want {
			t.Errorf("%q in the end: got %q, want %q", c.text, out.String(), c.want)
		}
		out.Reset()
		m = NewMasker(&out)
		for i := range c.text {
			_, _ = m.Write([]byte{c.text[i]})
			_ = m.Pause()
			if strings.Contains(out.String(), canary[:minSecret]) || strings.Contains(out.String(), "correct ") {
				t.Errorf("%q paused everywhere shows %q", c.text, out.String())
			}
		}
		if err := m.Close(); err != nil || shown(out.String()) != c.want {
			t.Errorf("%q with pauses: got %q, want %q", c.text, out.String(), c.want)
		}
	}
}

func TestMaskerPassesOnQuestions(t *testing.T) {
	forget(t)
	Secret(canary, "pass: word-with-space", "p: hrase of words")
	for _, c := range []struct {
		name   string
		pieces []string
		passed []string // after each piece
	}{
		{"terraform's", []string{"\nEnter", " a value: ", "y", "es\r\n"}, []string{"\n", "Enter a value: ", "", "yes\r\n"}},
		{"in colours", []string{"\x1b[1mEnter a value:\x1b[0m \x1b[0m", "no\n"}, []string{"\x1b[1mEnter a value:\x1b[0m \x1b[0m", "no\n"}},
		{"two on one line", []string{"a? ", "b? ", "c\n"}, []string{"a? ", "b? ", "c\n"}},
		{"half a word", []string{"tok", "en"}, []string{"", ""}},
		{"what is typed is a secret", []string{"Token: ", canary[:5], canary[5:] + "\r\n"}, []string{"Token: ", "", Mask + "\r\n"}},
		{"a secret before it", []string{canary + ": "}, []string{Mask + ": "}},
		{"it turns out to belong to a secret", []string{"Authorization: ", "Bearer abc", "\n"}, []string{"Authorization: ", "", "Bearer " + Mask + "\n"}},
		{"it was a part of a secret", []string{"ask p: ", "hrase of words", "\n"}, []string{"ask p: ", "", "\rask " + Mask + "\n"}},
		{"it may be half a secret", []string{"pass: ", "word-with-space\n"}, []string{"", Mask + "\n"}},
		{"it was not", []string{"pass: ", "fail\n"}, []string{"", "pass: fail\n"}},
		{"in a key", []string{"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: ", "4\n"}, []string{Mask + "\n", Mask + "\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			m := NewMasker(&out)
			for i, piece := range c.pieces {
				out.Reset()
				if _, err := m.Write([]byte(piece)); err != nil || out.String() != c.passed[i] {
					t.Errorf("after %q: got %q, %v; want %q", piece, out.String(), err, c.passed[i])
				}
			}
		})
	}
}

// TestMaskerOfLongLines puts a secret at each place round the cut, among what
// may be cut and among what may not.
func TestMaskerOfLongLines(t *testing.T) {
	forget(t)
	Secret(canary)
	var jwt strings.Builder
	jwt.WriteString("eyJ")
	for jwt.Len() < 6000 {
		jwt.WriteString("abcdefgh")
	}
	jwt.WriteString(".eyJabcdefgh.sig")
	for _, secret := range []string{canary, "ghp_0123456789012345678901", jwt.String(), "-----BEGIN PRIVATE KEY-----\\n" + strings.Repeat("MIIE\\n", 900) + "-----END PRIVATE KEY-----"} {
		for _, fill := range []string{"-", "x ", `","`, "é"} {
			first := max(0, maskedPiece-len(secret)-40)
			for before := first; before < maskedPiece+20; before += (maskedPiece + 20 - first) / 3 {
				head := strings.Repeat(fill, before/len(fill)) + "!"
				tail := "!" + strings.Repeat(fill, 2*(maskedPiece+maskedAhead)/len(fill))
				text, want := head+secret+tail+"\n", head+Mask+tail+"\n"
				if got := masked(t, text); got != want {
					t.Fatalf("%.20q after %d of %q: got %d bytes, want %d", secret, before, fill, len(got), len(want))
				}
				if got := masked(t, text, before/2, before+5, before+len(secret)/2, len(text)-1); got != want {
					t.Fatalf("%.20q after %d of %q, in pieces: got %d bytes, want %d", secret, before, fill, len(got), len(want))
				}
			}
		}
	}
}

// TestMaskerDoesNotWaitForEver has lines that never end, and secrets that are
// longer than anybody would hold back.
func TestMaskerDoesNotWaitForEver(t *testing.T) {
	forget(t)
	var out bytes.Buffer
	m := NewMasker(&out)
	const total = 1 << 20
	for i := 0; i < total; i += 1000 {
		_, _ = m.Write(bytes.Repeat([]byte("x"), 1000))
		if len(m.held) > maskedPiece+maskedAhead {
			t.Fatalf("%d bytes are held back", len(m.held))
		}
	}
	if out.Len() < total-maskedPiece-maskedAhead {
		t.Errorf("%d bytes of %d were passed on", out.Len(), total)
	}
	out.Reset()
	m = NewMasker(&out)
	_, _ = m.Write([]byte("eyJabcdefgh.eyJabcdefgh."))
	for range 100 {
		_, _ = m.Write([]byte(strings.Repeat("abcdefgh", 1000)))
	}
	_, _ = m.Write([]byte(" after\n"))
	if got := out.String(); got != Mask+" after\n" {
		t.Errorf("got %d bytes that end in %q", len(got), tail(got))
	}
}

func TestMaskerSaysWhatItCannotWrite(t *testing.T) {
	m := NewMasker(failing{})
	if _, err := m.Write([]byte("half")); err != nil {
		t.Errorf("nothing was to be passed on: %v", err)
	}
	if _, err := m.Write([]byte(" a line\n")); !errors.Is(err, errFailing) {
		t.Errorf("got %v", err)
	}
	if _, err := m.Write([]byte("rest")); err != nil {
		t.Errorf("what failed is tried again: %v", err)
	}
	if err := m.Close(); !errors.Is(err, errFailing) {
		t.Errorf("got %v", err)
	}
}

var errFailing = errors.New("failing")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

// TestKnownIsAsThorough compares the search with a plain one.
func TestKnownIsAsThorough(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab\xff"[random.IntN(3)]
		}
		return string(b)
	}
	found := 0
	for range 2_000 {
		forms := []string{text(8), text(9 + random.IntN(20))}
		k := newKnown(forms)
		s := text(random.IntN(300))
		want := strings.Contains(s, forms[0][:8]) || strings.Contains(s, forms[1][:8])
		if got := k.mayBeIn(s); got != want {
			t.Fatalf("%q in %q: got %v", forms, s, got)
		}
		if want {
			found++
		}
	}
	if found < 20 {
		t.Errorf("only %d texts had one", found)
	}
}

func TestSecretOfSeveralLines(t *testing.T) {
	forget(t)
	Secret("{\n  \"account\": \"a-long-secret-line\",\n  \"b\": 1\n}")
	if got, want := masked(t, "x\r\n    \"account\": \"a-long-secret-line\",\r\n    \"b\": 1\r\n"), "x\r\n    "+Mask+"\r\n    \"b\": 1\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMaskedChangesNothingElse(t *testing.T) {
	forget(t)
	Secret(canary)
	if got, want := Masked("\x1b[2J\r\xff"+canary+"\u202e"), "\x1b[2J\r\xff"+Mask+"\u202e"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"GITHUB_TOKEN": true, "aws_secret_access_key": true, "MYSQL_PWD": true, "DB_PASS": true, "TF_VAR_db_pass": true, "SSH_PASSPHRASE": true, "AIRFLOW_CONN_PG": true, "DD_APIKEY": true, "GH_PAT": true, "SESSION_COOKIE": true, "SENTRY_DSN": true, "PGPASSWORD": true, "TF_VAR_PAT": true,
		"PWD": false, "OLDPWD": false, "BYPASS_CHECKS": true, "CONNECTION_POOL": false, "COMPATIBLE": false, "DB_PASSWORD": true, "API_KEY": true, "KEY": true, "MY_KEY_ID": true,
		"PATH": false, "KEYBOARD": false, "MONKEY": false, "HOME": false,
	} {
		if SecretName(name) != want {
			t.Errorf("%s: want %v", name, want)
		}
	}
}

func BenchmarkMasker(b *testing.B) {
	var secrets []string
	for i := range 20 {
		secrets = append(secrets, fmt.Sprintf("secret-%d-%s", i, strings.Repeat(string(rune('a'+i)), 20)))
	}
	Secret(secrets...)
	lines := map[string]string{
		"plain":     "aws_instance.catalog: Still creating... (10s elapsed)\r\n",
		"terraform": "      ~ github_token_arn = \"arn:aws:ssm:us-east-1:1:parameter/github_pat\" -> (known after apply)\r\n",
		"secret":    "token secret-3-dddddddddddddddddddd and more of the same line here\r\n",
		"endless":   strings.Repeat("x", 1<<16),
	}
	for _, name := range []string{"plain", "terraform", "secret", "endless"} {
		for _, size := range []int{4 << 10, 64 << 10} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				m := NewMasker(devNull{})
				chunk := []byte(strings.Repeat(lines[name], size/len(lines[name])+1)[:size])
				b.SetBytes(int64(size))
				for b.Loop() {
					_, _ = m.Write(chunk)
				}
			})
		}
	}
}

type devNull struct{}

func (devNull) Write(p []byte) (int, error) { return len(p), nil }

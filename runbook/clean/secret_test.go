package clean

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// forget begins a test without known secrets and ends it so.
func forget(t *testing.T) {
	t.Helper()
	clear := func() {
		secretsMu.Lock()
		defer secretsMu.Unlock()
		secrets, registered = map[string]struct{}{}, map[string]struct{}{}
		replacer.Store(nil)
	}
	clear()
	t.Cleanup(clear)
}

// maskPlainly is what mask means: the expressions without the look ahead for
// their literals.
func maskPlainly(s string) string {
	if r := replacer.Load(); r != nil {
		s = r.Replace(s)
	}
	s = shapes().ReplaceAllString(s, "${1}"+Mask)
	s = maskUserInfo(s)
	return labelled().ReplaceAllString(s, "${1}${2}"+Mask)
}

// TestMaskIsAsThorough compares the fast way with the plain one, on texts drawn
// from the expressions themselves and on texts that nearly match.
func TestMaskIsAsThorough(t *testing.T) {
	matching := rapid.OneOf(rapid.StringMatching(shapes().String()), rapid.StringMatching(`://[a-z@]{0,5}:[a-z0-9/@:]{1,9}@[a-z]+`), rapid.StringMatching(labelled().String()))
	masked := 0
	rapid.Check(t, func(t *rapid.T) {
		text := hostile.Draw(t, "before") + matching.Draw(t, "match") + hostile.Draw(t, "after")
		if rapid.Bool().Draw(t, "spoil") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text = text[:at] + text[at+1:]
		}
		if strings.ContainsAny(text, "\u212a\u017f") {
			t.Skip("letters that fold to k and s: nobody writes a header with them")
		}
		want := maskPlainly(text)
		if got := mask(text); got != want {
			t.Fatalf("mask(%q) = %q, the expressions alone make %q", text, got, want)
		}
		if want != text {
			masked++
		}
	})
	if masked == 0 {
		t.Error("no text had anything to mask")
	}
}

// TestShortestShapes takes each shape alone and as short as it can be.
func TestShortestShapes(t *testing.T) {
	ten := "0123456789"
	for _, s := range []string{
		"ghp_" + ten + ten, "gho_" + ten + ten, "ghu_" + ten + ten, "ghs_" + ten + ten, "ghr_" + ten + ten,
		"github_pat_" + ten + ten,
		"AKIA" + "ABCDEFGHIJKLMNOP", "ASIA" + "0123456789ABCDEF",
		"eyJabcdefgh.eyJabcdefgh.", "eyJabcdefgh.eyJabcdefgh.sig-_",
		"xoxa-" + ten, "xoxb-" + ten, "xoxp-" + ten, "xoxr-" + ten, "xoxs-" + ten,
		"xoxe-" + ten, "xapp-" + ten, "hooks.slack.com/services/T0/B0/x", "glpat-" + ten + ten, "glrt-" + ten + ten, "hvs." + ten + ten, "hvb." + ten + ten,
		"dckr_pat_" + ten + ten, "npm_" + ten + ten + ten + "abcdef",
		"-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----",
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE, and the end is missing",
	} {
		if got := Block(s).String(); got != Mask {
			t.Errorf("%q is shown as %q", s, got)
		}
		if got := Line("see " + s).String(); got != "see "+Mask {
			t.Errorf("%q in a line is shown as %q", s, got)
		}
	}
}

func TestShapesInContext(t *testing.T) {
	for in, want := range map[string]string{
		"https://me:hunter2@example.org/x":         "https://" + Mask + "@example.org/x",
		"https://me:p@ss:w@rd@example.org/x":       "https://" + Mask + "@example.org/x",
		"postgres://:hunter2@db:5432/a":            "postgres://" + Mask + "@db:5432/a",
		"Authorization: Bearer abc.def":            "Authorization: Bearer " + Mask,
		`{"AUTHORIZATION": "basic YTpi"}`:          `{"AUTHORIZATION": "basic ` + Mask + `"}`,
		"authorization=token\tabc":                 "authorization=token " + Mask,
		"https://example.org:8080/a@b":             "https://example.org:8080/a@b",
		"ssh://git@github.com/o/n":                 "ssh://git@github.com/o/n",
		"postgres://me@corp.example:p2pw@h/db":     "postgres://" + Mask + "@h/db",
		"postgres://u:pw/3slash@h/db":              "postgres://" + Mask + "@h/db",
		"http://[::1]:8080/a@b":                    "http://[::1]:8080/a@b",
		"see 'https://u:p@h/x' and http://a:1/b@c": "see 'https://" + Mask + "@h/x' and http://a:1/b@c",
		"Authorization: ApiKey k12":                "Authorization: ApiKey " + Mask,
		"Authorization: abc":                       "Authorization: " + Mask,
		"Authorization: a b c d e f":               "Authorization: " + Mask,
		"Authorization: a x-api-key: s3cret":       "Authorization: " + Mask,
		"Proxy-Authorization: Negotiate abc==":     "Proxy-Authorization: Negotiate " + Mask,
		"authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0a1b": "authorization: AWS4-HMAC-SHA256 " + Mask,
		"X-Api-Key: k9 next":                          "X-Api-Key: " + Mask + " next",
		`"x-vault-token":"abc"`:                       `"x-vault-token":"` + Mask + `"`,
		"aws_secret_access_key = abc/def+123":         "aws_secret_access_key = " + Mask,
		`"SecretAccessKey": "abc"`:                    `"SecretAccessKey": "` + Mask + `"`,
		"https://b.s3/x?a=1&X-Amz-Signature=0a&b=2":   "https://b.s3/x?a=1&X-Amz-Signature=" + Mask + "&b=2",
		"https://c.blob/x?sv=1&sig=abc%3D":            "https://c.blob/x?sv=1&sig=" + Mask,
		"public_key = \"ssh-ed25519 AAAA\"":           "public_key = \"ssh-ed25519 AAAA\"",
		"token: is read from the environment":         "token: is read from the environment",
		"https://example.org/?q=1 by me:you@there":    "https://example.org/?q=1 by me:you@there",
		"XAKIAABCDEFGHIJKLMNOP":                       "XAKIAABCDEFGHIJKLMNOP",
		"AKIAABCDEFGHIJKLMNOPQ":                       "AKIAABCDEFGHIJKLMNOPQ",
		"ghp_tooshort github_pat_tooshort":            "ghp_tooshort github_pat_tooshort",
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae",
		"authorization is needed: ask a maintainer":   "authorization is needed: ask a maintainer",
		"-----BEGIN CERTIFICATE-----":                 "-----BEGIN CERTIFICATE-----",
	} {
		if got := Line(in).String(); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// TestSecretForms puts a known value into a text as services write it.
func TestSecretForms(t *testing.T) {
	for _, secret := range []string{"hunter2-hunter2", `a<b>&"c"\d`, `ends with a quote"`, "p@ss wörd/+?", "12345678", "line one\nline two\t!"} {
		t.Run(secret, func(t *testing.T) {
			forget(t)
			Secret(secret)
			html, err := json.Marshal(secret)
			if err != nil {
				t.Fatal(err)
			}
			var plain strings.Builder
			enc := json.NewEncoder(&plain)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(secret); err != nil {
				t.Fatal(err)
			}
			for form, text := range map[string]string{
				"raw":                 "<<" + secret + ">>",
				"URL query":           "?t=" + url.QueryEscape(secret) + "&x",
				"URL path":            "/a/" + url.PathEscape(secret) + "/b",
				"JSON":                string(html),
				"JSON without HTML's": strings.TrimSpace(plain.String()),
				"twice":               secret + secret,
			} {
				got := mask(text)
				want := strings.NewReplacer(
					secret, Mask, url.QueryEscape(secret), Mask, url.PathEscape(secret), Mask,
					string(html[1:len(html)-1]), Mask, strings.Trim(strings.TrimSpace(plain.String()), `"`), Mask,
				).Replace(text)
				if got != want || !strings.Contains(got, Mask) {
					t.Errorf("%s: %q is shown as %q, want %q", form, text, got, want)
				}
			}
		})
	}
}

// TestSecretInBase64 encodes the value with every number of bytes before and
// after it, so that it starts at each of the three places in a group.
func TestSecretInBase64(t *testing.T) {
	forget(t)
	const secret = "sw0rdf?sh>~~x"
	Secret(secret)
	for before := range 7 {
		for after := range 5 {
			plain := strings.Repeat("u", before) + secret + strings.Repeat("z", after)
			for name, enc := range map[string]*base64.Encoding{
				"standard": base64.StdEncoding, "raw": base64.RawStdEncoding, "URL": base64.URLEncoding, "raw URL": base64.RawURLEncoding,
			} {
				coded := enc.EncodeToString([]byte(plain))
				got := mask("Basic " + coded + " end")
				if !strings.Contains(got, Mask) {
					t.Fatalf("%s, %d before and %d after: %q is shown", name, before, after, got)
				}
				// Only the characters that hold bits of a neighbour may stay: six
				// bits at most at either end.
				left := strings.TrimSuffix(strings.TrimPrefix(got, "Basic "), " end")
				if most := len(coded) - len(secret)*8/6 + 2; len(left)-len(Mask) > most {
					t.Fatalf("%s, %d before and %d after: %q keeps too much of %q", name, before, after, left, coded)
				}
			}
		}
	}
}

func TestSecretIgnores(t *testing.T) {
	forget(t)
	Secret("", "short", "1234567", "redacted", "[redacted]")
	for _, s := range []string{"short cuts", "1234567", "redacted", "c2hvcnQ="} {
		if got := Line(s).String(); got != s {
			t.Errorf("%q is shown as %q", s, got)
		}
	}
	Secret("12345678")
	if got := Line("1234567 12345678").String(); got != "1234567 "+Mask {
		t.Errorf("got %q", got)
	}
}

func TestLongerSecretWins(t *testing.T) {
	forget(t)
	Secret("password")
	Secret("password-and-more")
	if got, want := Line("password-and-more password").String(), Mask+" "+Mask; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretConcurrently(t *testing.T) {
	forget(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s := fmt.Sprintf("secret-number-%d", i)
			Secret(s)
			if got := Line(s).String(); got != Mask {
				t.Errorf("%s is shown as %q once it is known", s, got)
			}
		})
	}
	group.Wait()
}

package clean

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"catalog-runbook/runbook/pattern"
)

// Mask replaces a secret.
const Mask = "[redacted]"

// minSecret is the length in bytes of the shortest value that is masked: shorter
// ones are part of too many ordinary words.
const minSecret = 8

var (
	secretsMu sync.Mutex
	secrets   = map[string]struct{}{}
	replacer  atomic.Pointer[strings.Replacer]
)

// Secret registers values as secrets for the rest of the process: every Text made
// afterwards has Mask in their place, also if they are encoded for a URL, for JSON or
// in base64. Secret ignores values that are shorter than eight bytes or part of Mask.
// It may be called concurrently. The set is global, because a value that is secret in
// one place is secret everywhere.
func Secret(values ...string) {
	secretsMu.Lock()
	defer secretsMu.Unlock()
	changed := false
	for _, v := range values {
		if len(v) < minSecret || strings.Contains(Mask, v) {
			continue
		}
		for _, part := range append(longLines(v), v) {
			for _, form := range forms(part) {
				if _, ok := secrets[form]; !ok {
					secrets[form] = struct{}{}
					changed = true
				}
			}
		}
	}
	if !changed {
		return
	}
	all := make([]string, 0, len(secrets))
	for s := range secrets {
		all = append(all, s)
	}
	// The longest first, because a Replacer uses the first pair that matches.
	sort.Slice(all, func(i, j int) bool { return len(all[i]) > len(all[j]) })
	pairs := make([]string, 0, 2*len(all))
	for _, s := range all {
		pairs = append(pairs, s, Mask)
	}
	current.Store(newKnown(all))
	replacer.Store(strings.NewReplacer(pairs...))
}

// minLine is the length in bytes of the shortest line of a multi-line secret that is
// masked by itself.
const minLine = 16

// longLines returns the lines of a multi-line value without their indentation.
// They must be masked one by one, because a command may print them with other line
// ends and indentation, and text that is cleaned line by line never contains the
// whole value.
func longLines(v string) []string {
	if !strings.ContainsRune(v, '\n') {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(v, "\n") {
		if line = strings.TrimSpace(line); len(line) >= minLine {
			lines = append(lines, line)
		}
	}
	return lines
}

// forms returns the encodings of a value that may occur in a text. In base64 it has
// three, one for each offset in a group of three bytes. Each is returned once up to
// its last complete group and once up to the last character, without the characters
// at the ends that also depend on neighbouring bytes.
func forms(v string) []string {
	out := []string{v}
	if q := url.QueryEscape(v); q != v {
		out = append(out, q, url.PathEscape(v))
	}
	for _, html := range []bool{true, false} { // some encoders escape <, > and &
		if j := inJSON(v, html); j != v {
			out = append(out, j)
		}
	}
	for shift := range 3 {
		padded := strings.Repeat("\x00", shift) + v
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			s := enc.EncodeToString([]byte(padded))
			from := (shift*8 + 5) / 6
			for _, to := range []int{len(padded) / 3 * 4, len(padded) * 8 / 6} {
				if to-from >= minSecret {
					out = append(out, s[from:to])
				}
			}
		}
	}
	return out
}

// inJSON returns v as the content of a JSON string, without the quotes.
func inJSON(v string, html bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	if enc.Encode(v) != nil {
		return v
	}
	quoted := strings.TrimSuffix(b.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

// shapes matches credentials that are recognisable by their form: GitHub tokens, AWS
// key IDs, JSON web tokens, Slack tokens and private keys.
var shapes = pattern.Lazy(
	`gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}` +
		`|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b` +
		`|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*` +
		`|xox[abprs]-[A-Za-z0-9-]{10,}` +
		`|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

var (
	userInfo      = pattern.Lazy(`(://)[^/\s:@]*:[^/\s]+@`)
	authorization = pattern.Lazy(`(?i)(authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)[^\s"']+`)
)

func mask(s string) string {
	if r := replacer.Load(); r != nil && current.Load().mayBeIn(s) {
		s = r.Replace(s)
	}
	// Searching for a literal that a match must contain is much cheaper than the
	// expression, and few texts contain one.
	if mayHaveShape(s) {
		s = shapes().ReplaceAllString(s, Mask)
	}
	if mayHaveUserInfo(s) {
		s = userInfo().ReplaceAllString(s, "${1}"+Mask+"@")
	}
	if mayHaveAuthorization(s) {
		s = authorization().ReplaceAllString(s, "${1}"+Mask)
	}
	return s
}

// mayHaveShape reports whether s contains a literal with which a match of shapes
// begins.
func mayHaveShape(s string) bool {
	return strings.IndexByte(s, '_') >= 0 && (strings.Contains(s, "gh") || strings.Contains(s, "github_pat_")) ||
		strings.Contains(s, "AKIA") || strings.Contains(s, "ASIA") ||
		strings.Contains(s, "eyJ") || strings.Contains(s, "xox") || strings.Contains(s, "-----BEGIN")
}

// mayHaveUserInfo reports whether s contains the literals of a match of userInfo.
func mayHaveUserInfo(s string) bool {
	return strings.Contains(s, "://") && strings.IndexByte(s, '@') >= 0
}

// mayHaveAuthorization reports whether s contains the word "authorization" in any
// case. It searches for the rarest letter of the word.
func mayHaveAuthorization(s string) bool {
	const word, at = "authorization", 7
	for _, z := range []byte{'z', 'Z'} {
		for from := 0; ; from++ {
			i := strings.IndexByte(s[from:], z)
			if i < 0 {
				break
			}
			from += i
			if begin := from - at; begin >= 0 && begin+len(word) <= len(s) && strings.EqualFold(s[begin:begin+len(word)], word) {
				return true
			}
		}
	}
	return false
}

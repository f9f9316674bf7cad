package clean

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// Mask is what stands in the place of a secret.
const Mask = "[redacted]"

// minSecret is the shortest value that is masked: a shorter one stands in too
// many innocent words.
const minSecret = 8

var (
	secretsMu sync.Mutex
	secrets   = map[string]struct{}{}
	replacer  atomic.Pointer[strings.Replacer]
)

// Secret makes values known as secrets for the rest of the process: every Text
// made afterwards shows a mask in their place, also where they stand encoded
// for a URL, for JSON or in base64. A value shorter than eight bytes is ignored,
// and so is one that the mask itself contains.
// It may be called concurrently. The set is the process's, because a value that
// is a secret in one place is one everywhere.
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
	// The longest first: a Replacer takes the first of its pairs that matches.
	sort.Slice(all, func(i, j int) bool { return len(all[i]) > len(all[j]) })
	pairs := make([]string, 0, 2*len(all))
	for _, s := range all {
		pairs = append(pairs, s, Mask)
	}
	current.Store(newKnown(all))
	replacer.Store(strings.NewReplacer(pairs...))
}

// minLine is the shortest line of a value of several that is masked by itself.
const minLine = 16

// longLines returns the lines of a value that has several, without their
// indentation: a command prints them with other line ends and indentation, and
// what is looked at line by line never holds the value as a whole.
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

// forms lists how a value may stand in a text. Base64 has three, one for each
// place the value can have among groups of three bytes, and each of them is
// taken up to its last whole group and up to its last character: those at the
// ends that depend on the neighbours are left out.
func forms(v string) []string {
	out := []string{v}
	if q := url.QueryEscape(v); q != v {
		out = append(out, q, url.PathEscape(v))
	}
	for _, html := range []bool{true, false} { // some writers escape <, > and &, others do not
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

// inJSON returns v as it stands between the quotes of a JSON string.
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

// shapes are credentials that are known by their form: GitHub tokens, AWS key
// ids, JSON web tokens, Slack tokens, private keys, user information in URLs
// and Authorization headers.
var shapes = regexp.MustCompile(
	`gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}` +
		`|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b` +
		`|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*` +
		`|xox[abprs]-[A-Za-z0-9-]{10,}` +
		`|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

var (
	userInfo      = regexp.MustCompile(`(://)[^/\s:@]*:[^/\s]+@`)
	authorization = regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)[^\s"']+`)
)

func mask(s string) string {
	if r := replacer.Load(); r != nil && current.Load().mayBeIn(s) {
		s = r.Replace(s)
	}
	// The expressions are dear; the literals that each of them needs are cheap to
	// look for, and nearly no text has one.
	if mayHaveShape(s) {
		s = shapes.ReplaceAllString(s, Mask)
	}
	if mayHaveUserInfo(s) {
		s = userInfo.ReplaceAllString(s, "${1}"+Mask+"@")
	}
	if mayHaveAuthorization(s) {
		s = authorization.ReplaceAllString(s, "${1}"+Mask)
	}
	return s
}

// mayHaveShape reports whether s holds a literal that every match of an
// alternative of shapes begins with.
func mayHaveShape(s string) bool {
	return strings.IndexByte(s, '_') >= 0 && (strings.Contains(s, "gh") || strings.Contains(s, "github_pat_")) ||
		strings.Contains(s, "AKIA") || strings.Contains(s, "ASIA") ||
		strings.Contains(s, "eyJ") || strings.Contains(s, "xox") || strings.Contains(s, "-----BEGIN")
}

// mayHaveUserInfo does the same for userInfo.
func mayHaveUserInfo(s string) bool {
	return strings.Contains(s, "://") && strings.IndexByte(s, '@') >= 0
}

// mayHaveAuthorization does the same for authorization, by its rarest letter.
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

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
		for _, form := range forms(v) {
			if _, ok := secrets[form]; !ok {
				secrets[form] = struct{}{}
				changed = true
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
	replacer.Store(strings.NewReplacer(pairs...))
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
	if r := replacer.Load(); r != nil {
		s = r.Replace(s)
	}
	// The expressions are dear; the literals that each of them needs are cheap to
	// look for, and nearly no text has one.
	if mayHaveShape(s) {
		s = shapes.ReplaceAllString(s, Mask)
	}
	if strings.Contains(s, "://") && strings.IndexByte(s, '@') >= 0 {
		s = userInfo.ReplaceAllString(s, "${1}"+Mask+"@")
	}
	if containsFold(s, "authorization") {
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

// containsFold reports whether s holds the lower-case ASCII word in any case.
func containsFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0] && strings.EqualFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

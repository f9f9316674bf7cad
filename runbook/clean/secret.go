package clean

import (
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
// for a URL, for JSON or in base64. A value shorter than eight bytes is ignored.
// It may be called concurrently. The set is the process's, because a value that
// is a secret in one place is one everywhere.
func Secret(values ...string) {
	secretsMu.Lock()
	defer secretsMu.Unlock()
	changed := false
	for _, v := range values {
		if len(v) < minSecret {
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
// place the value can have among groups of three bytes; their ragged ends are
// left out, because they depend on the neighbours.
func forms(v string) []string {
	out := []string{v}
	if q := url.QueryEscape(v); q != v {
		out = append(out, q, url.PathEscape(v))
	}
	if j, err := json.Marshal(v); err == nil {
		if s := strings.Trim(string(j), `"`); s != v {
			out = append(out, s)
		}
	}
	for shift := range 3 {
		padded := strings.Repeat("\x00", shift) + v
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			s := enc.EncodeToString([]byte(padded))
			from, to := (shift*8+5)/6, len(padded)/3*4
			if to-from >= minSecret {
				out = append(out, s[from:to])
			}
		}
	}
	return out
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
	userInfo      = regexp.MustCompile(`(://)[^/\s:@]*:[^/\s@]+@`)
	authorization = regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)[^\s"']+`)
)

func mask(s string) string {
	if r := replacer.Load(); r != nil {
		s = r.Replace(s)
	}
	// Each shape has one of these characters; most lines have none of them
	// beside a letter that fits, so the cheap look saves the dear one.
	if !strings.ContainsAny(s, "_-@.") && !strings.Contains(s, "AKIA") && !strings.Contains(s, "ASIA") && !strings.Contains(strings.ToLower(s), "authorization") {
		return s
	}
	s = shapes.ReplaceAllString(s, Mask)
	s = userInfo.ReplaceAllString(s, "${1}"+Mask+"@")
	return authorization.ReplaceAllString(s, "${1}"+Mask)
}

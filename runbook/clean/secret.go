package clean

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
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
	secretsMu  sync.Mutex
	secrets    = map[string]struct{}{} // in all forms
	registered = map[string]struct{}{} // as they were registered
	replacer   atomic.Pointer[strings.Replacer]
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
		registered[v] = struct{}{}
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

// Known returns all values that Secret has registered, for another process that has to
// mask them too. Never write them anywhere.
func Known() []string {
	secretsMu.Lock()
	defer secretsMu.Unlock()
	return slices.Collect(maps.Keys(registered))
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

// shapes matches credentials that are recognisable by their form: tokens of GitHub,
// GitLab, Slack, Vault, Docker and npm, AWS key IDs, JSON web tokens and private keys. A
// color, whose last letter hides that a word begins, is in the first group.
var shapes = pattern.Lazy(
	`gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}` +
		`|(?:\b|(` + color + `))(?:(?:AKIA|ASIA)[A-Z0-9]{16}\b|hv[sbr]\.[A-Za-z0-9_-]{20,}|s\.[A-Za-z0-9]{24}\b)` +
		`|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*` +
		`|xox[a-eprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/[A-Za-z0-9/]+` +
		`|gl(?:pat|dt|rt|cbt|ptt|oas|agent|soat|ft|imt|ffct)-[A-Za-z0-9_.-]{20,}` +
		`|dckr_[a-z]{3}_[A-Za-z0-9_-]{20,}` +
		`|npm_[A-Za-z0-9]{36}` +
		`|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

// labelled matches credentials by what stands before them: headers, the secret keys of AWS
// and Azure, and the parameters of signed URLs (of AWS, Google, Azure and CloudFront). The
// label is in one of the first two groups. A word after "Authorization" stays only if it is
// a known scheme; otherwise it may be the credential, as may every other word of the line: one
// of them may be the label of the next. Quotes may be escaped, as JSON in JSON has them, and
// colors may stand in between, as jq prints them.
var labelled = pattern.Lazy(`(?i)(?:(` +
	`authorization` + assigned + scheme + `(?:[ \t]|` + color + `)+` +
	`|(?:\b|` + color + `)(?:x-(?:api-key|auth-token|vault-token|amz-security-token)|private-token|(?:set-)?cookie)` + assigned +
	`|(?:secret_?access_?key|session_?token|accountkey|sharedaccesskey)` + assigned +
	`|(?:[?&;]|\\u0026|%26|%3f)(?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig|awsaccesskeyid|access_token)(?:=|%3d)` +
	`)|(authorization` + assigned + `)(?:` + opaque + `(?:[ \t]|` + color + `)+)*)` + opaque + `(?:[,;][ \t]*` + opaque + `)*`)

// Parts of labelled. The schemes are those of the registry of IANA, "Hypertext Transfer
// Protocol (HTTP) Authentication Scheme Registry", and some that services have made up.
const (
	scheme   = `(?:basic|bearer|token|digest|negotiate|ntlm|oauth|dpop|gnap|hoba|mutual|vapid|hawk|apikey|api-key|privatetoken|scram-sha-(?:1|256)|aws4-hmac-sha256|aws|sharedkey|sharedaccesssignature|googlelogin|splunk)`
	color    = `\x1b\[[0-9;:]*m`
	assigned = `(?:` + color + `)*(?:\\*["'])?(?:\s|` + color + `)*[:=](?:\s|` + color + `)*(?:\\*["'])?(?:` + color + `)*`
	opaque   = `[^\s"'&,;\x1b]+(?:(?:` + color + `)+[^\s"'&,;\x1b]+)*`
)

// userInfo returns where the names and passwords of URLs are in s. A password may have
// "@" and "/" in it, although it shouldn't, so that it ends at the last "@" of the URL; the
// number of a port is none.
func userInfo(s string) [][]int {
	var all [][]int
	for from := 0; ; {
		begins := slashes().FindStringIndex(s[from:])
		if begins == nil {
			return all
		}
		from += begins[1]
		url := s[from:]
		if end := strings.IndexAny(url, " \t\r\n\"'<>`"); end >= 0 {
			url = url[:end]
		}
		colon := strings.IndexAny(url, "/:?#")
		if colon < 0 || url[colon] != ':' || url[0] == '[' {
			continue
		}
		rest := url[colon+1:]
		at, slash := strings.LastIndexByte(rest, '@'), strings.IndexByte(rest, '/')
		if slash >= 0 {
			if strings.Trim(rest[:slash], "0123456789") == "" {
				continue // a port
			}
		}
		if at > 0 {
			all = append(all, []int{from, from + colon + 1 + at + 1})
		}
	}
}

// slashes matches what stands before the authority of a URL; some encoders of JSON escape
// the slashes.
var slashes = pattern.Lazy(`:\\*/\\*/`)

// maskUserInfo masks the names and passwords of URLs.
func maskUserInfo(s string) string {
	var b strings.Builder
	last := 0
	for _, span := range userInfo(s) {
		b.WriteString(s[last:span[0]] + Mask + "@")
		last = span[1]
	}
	return b.String() + s[last:]
}

func mask(s string) string {
	if r := replacer.Load(); r != nil && current.Load().mayBeIn(s) {
		s = r.Replace(s)
	}
	// Searching for a literal that a match must contain is much cheaper than the
	// expression, and few texts contain one.
	if mayHaveShape(s) {
		s = shapes().ReplaceAllString(s, "${1}"+Mask)
	}
	if mayHaveUserInfo(s) {
		s = maskUserInfo(s)
	}
	if mayHaveLabel(s) {
		s = labelled().ReplaceAllString(s, "${1}${2}"+Mask)
	}
	return s
}

// mayHaveShape reports whether s contains a literal with which a match of shapes
// begins.
func mayHaveShape(s string) bool {
	return strings.IndexByte(s, '_') >= 0 && (strings.Contains(s, "gh") || strings.Contains(s, "github_pat_") || strings.Contains(s, "dckr_") || strings.Contains(s, "npm_")) ||
		strings.Contains(s, "hv") || strings.Contains(s, "s.") || strings.Contains(s, "xapp-") || strings.Contains(s, "hooks.slack.com") || strings.IndexByte(s, '-') >= 0 && strings.Contains(s, "gl") ||
		strings.Contains(s, "AKIA") || strings.Contains(s, "ASIA") ||
		strings.Contains(s, "eyJ") || strings.Contains(s, "xox") || strings.Contains(s, "-----BEGIN")
}

// mayHaveUserInfo reports whether s contains the literals of a match of userInfo.
func mayHaveUserInfo(s string) bool {
	return strings.IndexByte(s, '@') >= 0 && (strings.Contains(s, "://") || strings.Contains(s, `:\`))
}

// mayHaveLabel reports whether s contains one of the words with which a match of labelled
// begins, in any case. It looks for ":" or "=" first, which a match must have.
func mayHaveLabel(s string) bool {
	if strings.IndexByte(s, '=') < 0 && strings.IndexByte(s, ':') < 0 && strings.IndexByte(s, '%') < 0 {
		return false
	}
	switch {
	case hasFold(s, "authorization", 'z'), hasFold(s, "api-key", 'y'), hasFold(s, "access_key", 'y'), hasFold(s, "accesskey", 'y'),
		hasFold(s, "accountkey", 'y'), hasFold(s, "cookie", 'k'),
		hasFold(s, "-token", 'k'), hasFold(s, "session_token", 'k'), hasFold(s, "sessiontoken", 'k'):
		return true
	case !strings.ContainsAny(s, `?&;%\`):
		return false
	}
	return hasFold(s, "sig", 'g') || hasFold(s, "credential", 'd') || hasFold(s, "access_token", 'k')
}

// hasFold reports whether s contains a word in any case. It searches for one letter of
// the word, which should be rare.
func hasFold(s, word string, letter byte) bool {
	at := strings.IndexByte(word, letter)
	for _, l := range []byte{letter, letter - 'a' + 'A'} {
		for from := 0; ; from++ {
			i := strings.IndexByte(s[from:], l)
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

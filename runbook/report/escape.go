package report

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
)

// inline escapes a text so that Markdown shows exactly its words, without markup,
// HTML, links or mentions. The result may stand at the beginning of a line and in
// a table cell. A space at its end stays.
func inline(s string) string {
	first, rest, more := strings.Cut(strings.TrimLeft(oneSpace(s), " "), " ")
	switch digits := strings.TrimLeft(first, "0123456789"); {
	case active().MatchString(first):
		first = asCode(first)
	case strings.HasPrefix(first, "-"), strings.HasPrefix(first, "+"), strings.HasPrefix(first, "="):
		first = `\` + escape(first) // a list, or a line below a heading
	case digits != first && (strings.HasPrefix(digits, ".") || strings.HasPrefix(digits, ")")):
		first = first[:len(first)-len(digits)] + `\` + escape(digits) // a numbered list
	default:
		first = escape(first)
	}
	if !more {
		return first
	}
	return first + " " + inlineRest(rest)
}

// inlineRest is inline for text that isn't at the beginning of a line. Spaces at
// both ends stay.
func inlineRest(s string) string {
	fields := strings.Split(oneSpace(s), " ")
	for i, f := range fields {
		if active().MatchString(f) {
			fields[i] = asCode(f)
		} else {
			fields[i] = escape(f)
		}
	}
	return strings.Join(fields, " ")
}

// active matches words that GitHub interprets in spite of a backslash, because it
// looks for them after Markdown has been rendered: mentions and addresses, issue
// numbers, formulas and emoji. They are shown as code.
var active = pattern.Lazy(`(?i)@|://|www\.|mailto:|xmpp:|#[0-9]|\bgh-[0-9]|\$|:[a-z0-9_+-]*[a-z+_-][a-z0-9_+-]*:`)

// asCode formats an active word as code, without the punctuation around it.
func asCode(word string) string {
	core := strings.TrimLeft(word, `("'`)
	before := word[:len(word)-len(core)]
	core = strings.TrimRight(core, `.,:;!?)"'`)
	after := word[len(before)+len(core):]
	return escape(before) + codeSpan(core) + escape(after)
}

// spaces matches several spaces, which Markdown shows as one.
var spaces = pattern.Lazy(` {2,}`)

func oneSpace(s string) string {
	return spaces().ReplaceAllString(clean.Line(s).String(), " ")
}

// escape escapes every character with a meaning inside of a line. A bar becomes a
// character reference, because tables are split at bars before backslashes are
// processed.
func escape(s string) string { return escapes.Replace(s) }

var escapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`,
	"&", `\&`, "~", `\~`, "#", `\#`, "|", "&#124;",
)

// codeSpan formats a text as code. Bars are outside of the code, where they can be
// escaped.
func codeSpan(s string) string {
	parts := strings.Split(clean.Line(s).String(), "|")
	for i, p := range parts {
		parts[i] = fenced(p)
	}
	return strings.Join(parts, "&#124;")
}

func fenced(s string) string {
	if s == "" {
		return ""
	}
	if strings.Trim(s, " ") == "" {
		return " "
	}
	longest, n := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			n = 0
			continue
		}
		n++
		longest = max(longest, n)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// link returns an address that is safe to follow and its host, or "" for anything
// else: only http and https, with a plain host and without user information, which
// could look like a host.
func link(source clean.Text) (address, host string) {
	u, err := url.Parse(source.String())
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || !plainHost().MatchString(u.Host) {
		return "", ""
	}
	var b strings.Builder
	s := u.String()
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && strings.IndexByte(inAddress, c) >= 0 {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String(), u.Host
}

var plainHost = pattern.Lazy(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?$`)

// inAddress lists the characters that aren't percent-encoded in an address.
const inAddress = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&*+,;=%"

// linkTo formats a link whose text is the host.
func linkTo(address, host string) string {
	return "[" + escape(host) + "](<" + strings.ReplaceAll(address, "&", "&amp;") + ">)"
}

// shorten returns t on one line, in at most limit characters.
func shorten(t clean.Text, limit int) string { return say.Shorten(oneSpace(t.String()), limit) }

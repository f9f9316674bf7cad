package text

import (
	"strings"

	"catalog-runbook/runbook/pattern"
)

// unwrap joins the lines of each paragraph, which an author has wrapped for an editor,
// because glamour keeps these line breaks if it does not wrap itself. It does not change
// what line breaks have a meaning in: code, tables, quotations, HTML, headings, list
// items and hard breaks.
func unwrap(source string) string {
	var out []string
	fence := ""
	for line := range strings.SplitSeq(source, "\n") {
		text := strings.TrimSpace(line)
		if mark := fenceMark().FindString(text); mark != "" && (fence == "" || strings.HasPrefix(text, fence)) {
			if fence == "" {
				fence = mark
			} else {
				fence = ""
			}
			out = append(out, line)
			continue
		}
		if n := len(out); fence == "" && n > 0 && flows(out[n-1]) && continues(text) && !(indented(out[n-1]) && indented(line)) {
			out[n-1] = strings.TrimRight(out[n-1], " ") + " " + text
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

var (
	fenceMark = pattern.Lazy("^(?:```+|~~~+)")
	newBlock  = pattern.Lazy(`^(?:[#>|<]|[-*+] |[0-9]{1,9}[.)] |=+$|-+$|\[[^\]]*\]:)|^(?:[-*_] *){3,}$|^(?:` + "```" + `|~~~)`)
	endsBlock = pattern.Lazy(`^ *[#>|<]|\|$|  $|\\$|^ *(?:=+|-+|(?:[-*_] *){3,})$|^ *\[[^\]]*\]:`)
)

// flows reports whether the paragraph of a line may continue after it.
func flows(line string) bool {
	text := strings.TrimSpace(line)
	return text != "" && !endsBlock().MatchString(line) && !fenceMark().MatchString(text)
}

// continues reports whether a line, without its indentation, may continue a paragraph.
func continues(text string) bool { return text != "" && !newBlock().MatchString(text) }

// indented reports whether a line may be indented code.
func indented(line string) bool { return strings.HasPrefix(line, "    ") }

package hazard

import (
	"cmp"
	"strings"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/wording"
)

// readParagraphs finds the commands of a step that their paragraph doesn't plainly tell to
// run. What a block of code has is told by the paragraph at the step's beginning.
func readParagraphs(s *document.Step, all []command) {
	var lines []string
	var text string // of the group
	var group []*command
	judge := func() {
		if len(group) == 0 {
			return
		}
		words := make([][]string, len(group))
		for i, c := range group {
			words[i] = c.words
		}
		if !wording.Tells(text, words) {
			for _, c := range group {
				c.vague = c.Recipe != "plan"
			}
		}
		group = group[:0]
	}
	for i := range all {
		c := &all[i]
		if !c.direct || c.Negated != "" {
			continue
		}
		in := s.Text.String()
		if !c.fenced && !strings.Contains(in[:min(len(in), longest)], strings.Join(c.words, " ")) {
			if lines == nil {
				lines = strings.Split(s.Markdown(), "\n")
			}
			in = cmp.Or(paragraph(lines, c.Line-s.Line), in)
		}
		if in != text {
			judge()
			text = in
		}
		group = append(group, c)
	}
	judge()
}

// longest is how many bytes of a paragraph are read.
const longest = 2000

// paragraph returns the plain text of the paragraph in which a line with code spans stands,
// "" if the line has none.
func paragraph(lines []string, at int) string {
	if at < 0 || at >= len(lines) || !strings.Contains(lines[at], "`") {
		return ""
	}
	first, last := at, at
	for size := 0; first > 0 && !startsItem(lines[first]) && continues(lines[first-1]) && size < longest; first-- {
		size += len(lines[first])
	}
	for size := 0; last+1 < len(lines) && continues(lines[last+1]) && !startsItem(lines[last+1]) && size < longest; last++ {
		size += len(lines[last])
	}
	text := strings.Join(lines[first:last+1], " ")
	if startsItem(text) {
		_, text, _ = strings.Cut(strings.TrimLeft(text, " \t"), " ")
	}
	return strings.Trim(strings.NewReplacer("`", "", "*", "", "🔒", "", "[ ] ", "", "[x] ", "").Replace(text), " \t")
}

// continues reports whether a line is part of a paragraph that goes on.
func continues(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "~~~") && line[0] != '#'
}

// startsItem reports whether a line begins an item of a list.
func startsItem(line string) bool {
	marker, _, ok := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	if !ok || marker == "" {
		return false
	}
	return marker == "-" || marker == "*" || marker == "+" || strings.Trim(marker, "0123456789") == "." || strings.Trim(marker, "0123456789") == ")"
}

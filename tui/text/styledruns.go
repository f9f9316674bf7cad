package text

import "strings"

// styledRuns draws lines with as few colour sequences as possible. Glamour styles each
// space up to the end of the line separately, so that a step of three lines would take
// kilobytes.
type styledRuns struct {
	now string // the sequences since the last reset, also of the line before
}

// draw returns a line without trailing spaces, which begins and ends without colours.
func (p *styledRuns) draw(line string) string {
	type run struct{ look, text string }
	var runs []run
	for line != "" {
		if n := sgr(line); n > 0 {
			if seq := line[:n]; seq == "\x1b[0m" || seq == "\x1b[m" {
				p.now = ""
			} else {
				p.now += seq
			}
			line = line[n:]
			continue
		}
		n := strings.IndexByte(line[1:], '\x1b') + 1
		if n == 0 {
			n = len(line)
		}
		if last := len(runs) - 1; last >= 0 && runs[last].look == p.now {
			runs[last].text += line[:n]
		} else {
			runs = append(runs, run{p.now, line[:n]})
		}
		line = line[n:]
	}
	for len(runs) > 0 {
		last := &runs[len(runs)-1]
		if last.text = strings.TrimRight(last.text, " "); last.text != "" {
			break
		}
		runs = runs[:len(runs)-1]
	}
	var b strings.Builder
	look := ""
	for _, r := range runs {
		if r.look != look {
			if look != "" {
				b.WriteString("\x1b[0m")
			}
			b.WriteString(r.look)
			look = r.look
		}
		b.WriteString(r.text)
	}
	if look != "" {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

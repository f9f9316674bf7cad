package display

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// longestLink is how long an address may be: some terminals drop longer ones.
const longestLink = 2000

var (
	address  = regexp.MustCompile(`https?://[!-~]+…?`) // what the rows of a frame show of one
	linkable = regexp.MustCompile(`^https?://[!-~]+$`)
)

// span is a part of a row that leads somewhere: bytes of the row without its sequences.
type span struct {
	from, end int
	to        string
}

// link makes links (OSC 8) of the addresses in a frame. An address that is cut or wrapped leads
// where the whole one does, on each of its rows; one that isn't among the links stays text, since
// a part of an address leads somewhere else. Each row opens and closes its links itself, because
// Bubble Tea writes and cuts rows one by one.
func link(frame string, links []string) string {
	if len(links) == 0 || !strings.Contains(frame, "://") {
		return frame
	}
	rows := strings.Split(frame, "\n")
	stripped := make([]string, len(rows))
	plain := func(i int) string { // most rows are never asked for
		if stripped[i] == "" {
			stripped[i] = ansi.Strip(rows[i])
		}
		return stripped[i]
	}
	spans := make([][]span, len(rows))
	for i := range rows {
		if !strings.Contains(rows[i], "://") {
			continue
		}
		row := plain(i)
		for _, at := range address.FindAllStringIndex(row, -1) {
			shown, to := row[at[0]:at[1]], ""
			var more []span
			for _, l := range links {
				if len(l) <= len(to) {
					continue
				}
				if found := wrapped(plain, i, len(rows), at, l); len(found) > 0 {
					to, more = l, found
				}
			}
			if to == "" {
				to = whole(strings.TrimSuffix(shown, "…"), links)
			}
			if to == "" {
				continue
			}
			spans[i] = append(spans[i], span{at[0], at[1], to})
			for j, s := range more {
				spans[i+1+j] = append(spans[i+1+j], s)
			}
		}
	}
	for i, all := range spans {
		if len(all) > 0 {
			rows[i] = linkRow(rows[i], all)
		}
	}
	return strings.Join(rows, "\n")
}

func linkRow(row string, spans []span) string {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var out strings.Builder
	at := 0 // in row
	for _, s := range spans {
		begin, end := styled(row, s.from), styled(row, s.end-1)+1
		out.WriteString(row[at:begin] + openLink(s.to) + row[begin:end] + endLink)
		at = end
	}
	return out.String() + row[at:]
}

// border is what stands between two panes.
const border = "│"

// wrapped returns where a link goes on below the first of n rows, in which it is shown at a
// place up to the end of its pane. It returns nothing if what follows isn't the rest of the link.
func wrapped(row func(int) string, first, n int, at []int, l string) (spans []span) {
	begin := row(first)
	rest, begins := strings.CutPrefix(l, begin[at[0]:at[1]])
	after, _, _ := strings.Cut(begin[at[1]:], border)
	if !begins || rest == "" || len(l) > longestLink || !linkable.MatchString(l) || strings.TrimSpace(after) != "" {
		return nil
	}
	pane := strings.Count(begin[:at[0]], border)
	for i := first + 1; i < n; i++ {
		row, from := row(i), 0
		for range pane {
			i := strings.Index(row[from:], border)
			if i < 0 {
				return nil
			}
			from += i + len(border)
		}
		part, _, _ := strings.Cut(row[from:], border)
		trimmed := strings.TrimLeft(part, " ")
		from += len(part) - len(trimmed)
		word, after, _ := strings.Cut(trimmed, " ")
		switch {
		case word == "":
			return nil
		case strings.HasPrefix(word, rest) && strings.Trim(word[len(rest):], ".,;:)") == "":
			return append(spans, span{from, from + len(rest), l})
		case !strings.HasPrefix(rest, word) || strings.TrimSpace(after) != "":
			return nil
		}
		spans = append(spans, span{from, from + len(word), l})
		rest = rest[len(word):]
	}
	return nil
}

// whole returns the link of which shown is the beginning, "" if there is none or several. A
// sentence may go on behind the address.
func whole(shown string, links []string) string {
	for _, text := range []string{shown, strings.TrimRight(shown, ".,;:)")} {
		found := ""
		for _, l := range links {
			switch {
			case len(l) > longestLink || !linkable.MatchString(l):
			case l == text:
				return l
			case strings.HasPrefix(l, text) && found != "":
				return ""
			case strings.HasPrefix(l, text):
				found = l
			}
		}
		if found != "" && strings.Count(text, "/") > 2 { // more than the host
			return found
		}
	}
	return ""
}

// styled returns the index in a row of the byte that has the index i without the sequences.
func styled(row string, i int) int {
	state := byte(0)
	for at := 0; at < len(row); {
		sequence, width, n, next := ansi.DecodeSequence(row[at:], state, nil)
		state = next
		if width > 0 || len(ansi.Strip(sequence)) > 0 {
			if i < n {
				return at + i
			}
			i -= n
		}
		at += n
	}
	return len(row)
}

// openLink begins a link. The rows of one address get the same id, so that terminals show them
// as one.
func openLink(to string) string {
	return fmt.Sprintf("\x1b]8;id=%08x;%s\x1b\\", crc32.ChecksumIEEE([]byte(to)), to)
}

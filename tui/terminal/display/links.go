package display

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// longestLink is how long an address may be: some terminals drop longer ones.
const longestLink = 2000

var (
	address  = regexp.MustCompile(`https?://[!-~]+…?`) // what the rows of a frame show of one
	linkable = regexp.MustCompile(`^https?://[!-~]+$`)
)

// link makes links (OSC 8) of the addresses in a frame. An address that is cut or wrapped leads
// where the whole one does; one that isn't among the links stays text, since a part of an
// address leads somewhere else. Each row opens and closes its links itself, because Bubble Tea
// writes and cuts rows one by one.
func link(frame string, links []string) string {
	if len(links) == 0 || !strings.Contains(frame, "://") {
		return frame
	}
	rows := strings.Split(frame, "\n")
	for i, row := range rows {
		if strings.Contains(row, "://") {
			rows[i] = linkRow(row, links)
		}
	}
	return strings.Join(rows, "\n")
}

func linkRow(row string, links []string) string {
	plain := ansi.Strip(row)
	var out strings.Builder
	at := 0 // in row
	for _, span := range address.FindAllStringIndex(plain, -1) {
		to := whole(strings.TrimSuffix(plain[span[0]:span[1]], "…"), links)
		if to == "" {
			continue
		}
		begin, end := styled(row, span[0]), styled(row, span[1]-1)+1
		out.WriteString(row[at:begin] + openLink(to) + row[begin:end] + endLink)
		at = end
	}
	return out.String() + row[at:]
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

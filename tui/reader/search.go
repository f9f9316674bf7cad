package reader

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/pager"
)

// marks are those of Markdown that stand within words and aren't on the screen.
var marks = strings.NewReplacer("*", "", "`", "")

// StartSearch looks for words in the text of the document, each piece of which counts as
// one place. No words end the search.
func (r *Reader) StartSearch(words string) (clean.Text, tea.Cmd) {
	r.Pager.StartSearch(words)
	if words == "" {
		return clean.Text{}, nil
	}
	search := pager.NewSearch(words)
	var hits []pager.Position
	for i, p := range r.pieces {
		// A line of the source ends where it likes, and one on the screen elsewhere.
		words := strings.Join(strings.Fields(p.source), " ")
		for _, as := range []string{words, marks.Replace(words)} {
			if start, _ := search.Find(as, 0); start >= 0 {
				hits = append(hits, pager.Position{Item: i})
				break
			}
		}
	}
	if len(hits) > 0 {
		r.AddHits(hits)
	}
	return clean.Text{}, nil
}

// Final returns true: the document doesn't change.
func (r *Reader) Final() bool { return true }

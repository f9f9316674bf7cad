package help

import (
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

func binding(k, does string) key.Binding {
	return key.NewBinding(key.WithKeys(k), key.WithHelp(k, does))
}

var down, up = binding("j", "down"), binding("k", "up")

func page() *Page {
	groups := []Group{
		{Title: "Here", Keys: []key.Binding{down, up}}, {Title: "The step", Keys: []key.Binding{binding("v", "verify")}},
		{Title: "The rest", Keys: []key.Binding{binding("q", "quit")}},
		Signs(text.NewStyles(text.Plain)), Others(), Terms(), Mode(runbook.DryRun),
	}
	return New(groups, pager.KeyMap{Down: down, Up: up}, nil, text.NewStyles(text.Plain))
}

func TestHelp(t *testing.T) {
	h := page()
	for w := range 130 {
		h.SetSize(w, 500)
		all := strings.Join(h.View(), "\n")
		for _, line := range h.View() {
			if ansi.StringWidth(line) > w {
				t.Fatalf("at %d cells a line has %d", w, ansi.StringWidth(line))
			}
		}
		if w < 20 {
			continue
		}
		for _, part := range []string{" Here", "j       down", "v       verify", "q       quit", "DRY", "✗", "¿"} {
			if !strings.Contains(all, part) {
				t.Fatalf("%q is not in the help at %d cells:\n%s", part, w, all)
			}
		}
	}
	h.SetSize(40, 3)
	first := h.View()[0]
	h.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("j")})
	if h.View()[0] == first || len(h.View()) != 3 {
		t.Errorf("it is not scrolled:\n%s", strings.Join(h.View(), "\n"))
	}
}

// TestSearch finds a term, and finds it again after the screen has got another size.
func TestSearch(t *testing.T) {
	h := page()
	h.SetSize(80, 6)
	h.StartSearch("digest")
	if shown := strings.Join(h.View(), "\n"); h.Hits() == 0 || !strings.Contains(shown, "digest") {
		t.Errorf("%d hits:\n%s", h.Hits(), shown)
	}
	h.SetSize(30, 6)
	if h.Hits() == 0 {
		t.Error("nothing is found at another width")
	}
	if h.StartSearch("nowhere"); h.Hits() != 0 {
		t.Error("what isn't there is found")
	}
}

// TestSignsAreDistinct: no sign means two things, and none is a border.
func TestSignsAreDistinct(t *testing.T) {
	seen := map[string]string{"│": "a border", "─": "a border", "…": "more"}
	for _, g := range []Group{Signs(text.NewStyles(text.Plain)), Others()} {
		for _, term := range g.Terms {
			for _, sign := range strings.Fields(term.Name) {
				if other := seen[sign]; other != "" {
					t.Errorf("%s means %q and %q", sign, other, term.Means)
				}
				seen[sign] = term.Means
			}
		}
	}
}

func TestExplain(t *testing.T) {
	p := Explain("Step 3: Look", "## Why\n\nBecause it **matters**.\n", pager.KeyMap{Down: down, Up: up}, nil, text.NewStyles(text.Plain))
	for w := range 60 {
		p.SetSize(w, 20)
		for _, line := range p.View() {
			if ansi.StringWidth(line) > w {
				t.Fatalf("at %d cells a line has %d", w, ansi.StringWidth(line))
			}
		}
	}
	if shown := strings.Join(p.View(), "\n"); !strings.Contains(shown, "Step 3: Look") || !strings.Contains(shown, "Because it matters.") {
		t.Errorf("got\n%s", shown)
	}
}

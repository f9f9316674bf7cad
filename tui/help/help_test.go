package help

import (
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

func TestMain(m *testing.M) {
	lipgloss.SetColorProfile(termenv.Ascii)
	os.Exit(m.Run())
}

func TestHelp(t *testing.T) {
	b := func(k, does string) key.Binding { return key.NewBinding(key.WithKeys(k), key.WithHelp(k, does)) }
	down, up := b("j", "down"), b("k", "up")
	groups := []Group{{"Move", []key.Binding{down, up}}, {"The step", []key.Binding{b("v", "verify")}}, {"The rest", []key.Binding{b("q", "quit")}}}
	h := New(groups, []string{Signs(text.NewStyles(true)), Mode(runbook.DryRun)}, pager.KeyMap{Down: down, Up: up}, text.NewStyles(true))
	for w := range 130 {
		h.SetSize(w, 50)
		all := strings.Join(h.View(), "\n")
		for _, line := range h.View() {
			if ansi.StringWidth(line) > w {
				t.Fatalf("at %d cells a line has %d", w, ansi.StringWidth(line))
			}
		}
		if w < 20 {
			continue
		}
		for _, part := range []string{" Move", "j      down", "v      verify", "q      quit", "DRY RUN:"} {
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

// Floor is an empty Bubble Tea program. It links what catalog-runbook has to link,
// with the same go.mod, so what it takes is the least that catalog-runbook can take.
package main

import (
	"fmt"
	"os"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/glamour"
	"github.com/go-resty/resty/v2"
)

type floor struct {
	view  viewport.Model
	moved int
}

func (floor) Init() tea.Cmd { return nil }

func (f floor) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok {
		if key.String() == "q" {
			return f, tea.Quit
		}
		f.moved++
	}
	return f, nil
}

func (f floor) View() string {
	f.view.SetContent(fmt.Sprintf("Floor %d", f.moved))
	return f.view.View()
}

func main() {
	if len(os.Args) > 1 {
		fmt.Println("floor")
		return
	}
	if os.Getenv("FLOOR_LINKS") != "" { // keeps the linker from leaving them out
		_ = resty.New()
		_, _ = glamour.Render("", "dark")
	}
	if _, err := tea.NewProgram(floor{view: viewport.New(20, 1)}, tea.WithAltScreen()).Run(); err != nil {
		os.Exit(1)
	}
}

//go:build failpoints

package main

import (
	"errors"
	"fmt"
	"os"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/failpoint"
	"catalog-runbook/tui/terminal/input"
)

// breakKey is the key that reaches the fail points show:update, show:view, show:cmd
// and show:goroutine, each where its name says. If CATALOG_RUNBOOK_BREAK is "input",
// reading the terminal fails instead.
const breakKey = "!"

// breakable returns the checklist and its input with places to break them in.
func breakable(model tea.Model, in *os.File) (tea.Model, input.File) {
	return fragile{Model: model}, brittle{in}
}

// fragile is a checklist with fail points in it.
type fragile struct {
	tea.Model
	pressed bool
}

func (f fragile) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok && key.String() == breakKey {
		f.pressed = true
		reach("show:update")
		go reach("show:goroutine")
		return f, func() tea.Msg { reach("show:cmd"); return nil }
	}
	model, cmd := f.Model.Update(msg)
	f.Model = model
	return f, cmd
}

func (f fragile) View() string {
	if f.pressed {
		reach("show:view")
	}
	return f.Model.View()
}

// reach panics with secrets and escape sequences, which must not be printed.
func reach(name string) {
	defer func() {
		if r := recover(); r != nil {
			panic(fmt.Sprintf("%v: \x1b]0;title\x07 %s\n%s", r, os.Getenv("AIRFLOW_PASSWORD"), os.Getenv("GH_TOKEN")))
		}
	}()
	failpoint.Reach(name)
}

// brittle is a terminal that can't be read once the key has been pressed.
type brittle struct{ *os.File }

func (b brittle) Read(p []byte) (int, error) {
	n, err := b.File.Read(p)
	if n > 0 && string(p[:n]) == breakKey && os.Getenv("CATALOG_RUNBOOK_BREAK") == "input" {
		return 0, errors.New("the input is broken")
	}
	return n, err
}

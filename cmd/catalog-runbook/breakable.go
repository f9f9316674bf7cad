//go:build !failpoints

package main

import (
	"os"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/tui/terminal/input"
)

// breakable is the place where a test breaks the checklist; see breakable_failpoints.go.
func breakable(model tea.Model, in *os.File) (tea.Model, input.File) { return model, in }

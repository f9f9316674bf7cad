//go:build !failpoints

package main

import (
	"io"
	"os"

	tea "github.com/charmbracelet/bubbletea"
)

// breakable is the place where a test breaks the checklist; see breakable_failpoints.go.
func breakable(model tea.Model, in *os.File) (tea.Model, io.Reader) { return model, in }

#!/bin/sh
# Lip Gloss v1.1.1-0.20250404203927-76690c660834 and the hyperlinks (OSC 8) of charmbracelet/x/ansi v0.11.9.
#
# A style with Underline or Strikethrough renders its text rune by rune, and takes the
# runes of an escape sequence for text: the sequence that opens a link comes out with SGR
# codes between its bytes. A terminal then shows the address as text, and no link. Bold,
# colour and Reverse leave the same link whole. So a link has to be put around a finished
# style, never into one, although underlined is how links usually look.
#
# Seen:
#   bold       link whole
#   reverse    link whole
#   underline  link broken
#   strike     link broken
#
# It wants Go 1.24 or later.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

func main() {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.TrueColor)
	open := ansi.SetHyperlink("https://example.org/release")
	for _, style := range []struct {
		name string
		is   lipgloss.Style
	}{
		{"bold", r.NewStyle().Bold(true)},
		{"reverse", r.NewStyle().Reverse(true)},
		{"underline", r.NewStyle().Underline(true)},
		{"strike", r.NewStyle().Strikethrough(true)},
	} {
		state := "broken"
		if strings.Contains(style.is.Render(open+"v1.5.4"+ansi.ResetHyperlink()), open) {
			state = "whole"
		}
		fmt.Printf("%-9s  link %s\n", style.name, state)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/charmbracelet/lipgloss@v1.1.1-0.20250404203927-76690c660834 github.com/charmbracelet/x/ansi@v0.11.9 github.com/charmbracelet/x/cellbuf@v0.0.15 github.com/muesli/termenv@v0.16.0 >got 2>&1 || { cat got >&2; exit 1; }
go mod tidy >got 2>&1 || { cat got >&2; exit 1; }
go run . >seen
cat seen
printf '%s\n' 'bold       link whole' 'reverse    link whole' 'underline  link broken' 'strike     link broken' | diff - seen

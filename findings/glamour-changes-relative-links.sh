#!/bin/sh
# Glamour v1.0.0, relative links.
#
# Beside the text of a link Glamour prints its destination. Of a relative one it prints
# another: "./dag-sync.sh" becomes "/dag-sync.sh", and "../README.md" and "docs/run.md"
# become absolute as well. What is read, and copied from the terminal, names a file at the
# root of the file system. No base URL is set (WithBaseURL), so there is nothing to resolve
# it against. A destination with a scheme stays as it is.
#
# Seen, each as the destination and what is printed for "[file](destination)":
#   ./dag-sync.sh          file /dag-sync.sh
#   ../README.md           file /README.md
#   docs/run.md            file /docs/run.md
#   https://example.org/a  file https://example.org/a
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
	"strings"

	"github.com/charmbracelet/glamour"
)

func main() {
	r, err := glamour.NewTermRenderer(glamour.WithStandardStyle("notty"), glamour.WithWordWrap(0))
	if err != nil {
		panic(err)
	}
	for _, to := range []string{"./dag-sync.sh", "../README.md", "docs/run.md", "https://example.org/a"} {
		out, err := r.Render("[file](" + to + ")")
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-22s %s\n", to, strings.TrimSpace(out))
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/charmbracelet/glamour@v1.0.0 >got 2>&1 || { cat got >&2; exit 1; }
go mod tidy >got 2>&1 || { cat got >&2; exit 1; }
go run . >seen
cat seen
printf '%s\n' './dag-sync.sh          file /dag-sync.sh' '../README.md           file /README.md' \
  'docs/run.md            file /docs/run.md' 'https://example.org/a  file https://example.org/a' | diff - seen

package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

// TestGuardStartsBeforeTheRest holds the guard of the terminal to what makes it small:
// it waits before the styles and lexers that come with glamour are initialized.
func TestGuardStartsBeforeTheRest(t *testing.T) {
	cmd := exec.Command(program(t), "keep-terminal") // without orders, so that it does not wait
	cmd.Env = []string{"CATALOG_RUNBOOK_KEEPER=1", "GODEBUG=inittrace=1", "PATH=" + os.Getenv("PATH")}
	var trace bytes.Buffer
	cmd.Stderr = &trace
	_ = cmd.Run() // there is nothing to guard
	var packages []string
	for _, line := range regexp.MustCompile(`(?m)^init (\S+) `).FindAllSubmatch(trace.Bytes(), -1) {
		packages = append(packages, string(line[1]))
	}
	guard := slices.Index(packages, "catalog-runbook/tui/terminal/restore")
	chroma := slices.Index(packages, "github.com/alecthomas/chroma/v2")
	if guard < 0 || chroma < 0 || guard > chroma {
		t.Errorf("the guard comes at place %d and chroma at place %d of %d:\n%s", guard, chroma, len(packages), trace.Bytes())
	}
}

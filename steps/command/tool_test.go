package command

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tool makes a folder with this script as its only program.
func tool(t *testing.T, script string) (dir string, env []string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "just"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir, []string{"PATH=" + dir, "SAID=1.2.3"}
}

func TestFindTool(t *testing.T) {
	for name, tc := range map[string]struct{ script, version, problem string }{
		"just":              {script: `[ "$1" = --version ] && echo just 1.57.0`, version: "1.57.0"},
		"terraform":         {script: "echo Terraform v1.11.4; echo on linux_amd64; echo Your version is out of date, 2.0.0 is there", version: "1.11.4"},
		"a candidate":       {script: "echo v1.12.0-rc1", version: "1.12.0-rc1"},
		"git of a Mac":      {script: `echo "git version 2.39.5 (Apple Git-154)"`, version: "2.39.5"},
		"its environment":   {script: `echo $SAID`, version: "1.2.3"},
		"on stderr only":    {script: "echo 1.2.3 >&2", problem: "printed none"},
		"nothing":           {script: ":", problem: "printed none"},
		"it fails":          {script: "echo 1.2.3; exit 3", problem: "exit status 3"},
		"more than is read": {script: `while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done`, problem: "asking just"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, env := tool(t, tc.script)
			got, err := FindTool(t.Context(), env, "", "just", "--version")
			if got.Path != filepath.Join(dir, "just") || got.Version != tc.version {
				t.Errorf("got %+v", got)
			}
			if (err != nil) != (tc.problem != "") || err != nil && !strings.Contains(err.Error(), tc.problem) {
				t.Errorf("error is %v, want %q", err, tc.problem)
			}
		})
	}
	if got, err := FindTool(t.Context(), []string{"PATH=" + t.TempDir()}, "", "just", "--version"); err == nil || got.Path != "" {
		t.Errorf("one that is not there: %+v, %v", got, err)
	}
}

// A tool that never ends is ended with all that it has started.
func TestFindToolIsEnded(t *testing.T) {
	_, env := tool(t, "while :; do :; done & while :; do :; done")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	got, err := FindTool(ctx, env, "", "just", "--version")
	if !errors.Is(err, context.DeadlineExceeded) || got.Path == "" || time.Since(begin) > 10*time.Second {
		t.Errorf("got %+v, %v after %v", got, err, time.Since(begin))
	}
}

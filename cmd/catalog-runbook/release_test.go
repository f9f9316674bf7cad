package main

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rhysd/actionlint"
)

// The workflows are ones that GitHub takes, and run only actions that are pinned to a commit.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("the workflows are %q: %v", files, err)
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9.]+$`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := linter.Lint(file, source, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s:%d: %s", file, p.Line, p.Message)
		}
		for _, use := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(string(source), -1) {
			if !pinned.MatchString(use[1]) {
				t.Errorf("%s: %s is not pinned", file, use[1])
			}
		}
	}
}

// What .goreleaser.yaml packs is what .ci/release-files writes, twice the same.
func TestReleaseFiles(t *testing.T) {
	config, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sources := regexp.MustCompile(`src: \.release/(\S+)`).FindAllStringSubmatch(string(config), -1)
	if len(sources) < 9 {
		t.Fatalf("%d files are packed", len(sources))
	}
	var before map[string]string
	for range 2 {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), "bash", "../../.ci/release-files", program(t), dir)
		cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1795996800")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, source := range sources {
			if found, err := filepath.Glob(filepath.Join(dir, source[1])); err != nil || len(found) == 0 {
				t.Errorf("nothing is written as %s: %v", source[1], err)
			}
		}
		now := map[string]string{}
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var data []byte
				data, err = os.ReadFile(filepath.Join(dir, path))
				now[path] = string(data)
			}
			return err
		})
		if err != nil || now["man/man1/catalog-runbook.1.gz"] == "" {
			t.Fatalf("%d files are written: %v", len(now), err)
		}
		if before != nil && !maps.Equal(before, now) {
			t.Error("the files differ from one time to the next")
		}
		before = now
	}
}

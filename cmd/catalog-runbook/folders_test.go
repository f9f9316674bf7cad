package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// A folder is a boundary only while a reader can keep it in mind.
const (
	mostFiles       = 16 // Go files in a folder, tests not counted
	mostSubcommands = 24 // in the folder of the subcommands, one file for each
)

// crowded are the folders that still have too many files, and how many they may
// have. Numbers and entries only go away.
var crowded = map[string]int{"tui": 36, "runbook/journal": 17}

func TestFoldersAreSmall(t *testing.T) {
	files := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			folder, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			files[filepath.ToSlash(folder)]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Errorf("only %d folders were found", len(files))
	}
	for folder, n := range files {
		most := max(mostFiles, crowded[folder])
		if folder == "cmd/catalog-runbook" {
			most = mostSubcommands
		}
		if n > most {
			t.Errorf("%s has %d Go files, more than %d: give a part of it a package of its own", folder, n, most)
		}
	}
}

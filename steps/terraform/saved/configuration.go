package saved

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Configuration is the root module that a saved plan was made from: its files by name.
// A saved plan is a zip archive that has them below tfconfig (Terraform's packages
// internal/plans/planfile and configload).
type Configuration map[string][]byte

// Limits for reading and finding a configuration.
const (
	maxConfiguration = 16 << 20 // bytes
	mostFolders      = 20_000
)

// ReadConfiguration returns the files of the root module from a saved plan. It returns
// an error if the file isn't a saved plan or is encrypted, which OpenTofu supports.
func ReadConfiguration(plan string) (Configuration, error) {
	archive, err := zip.OpenReader(plan)
	if err != nil {
		return nil, fmt.Errorf("reading the saved plan: %w", err)
	}
	defer archive.Close()
	const root = "tfconfig/m-/" // the module with the empty key
	c, left := Configuration{}, int64(maxConfiguration)
	for _, f := range archive.File {
		name, ok := strings.CutPrefix(f.Name, root)
		if !ok || name == "" || path.Base(name) != name {
			continue
		}
		if c[name], err = unpack(f, &left); err != nil {
			return nil, fmt.Errorf("reading the saved plan: %w", err)
		}
	}
	if len(c) == 0 {
		return nil, errors.New("reading the saved plan: it has no configuration")
	}
	return c, nil
}

func unpack(f *zip.File, left *int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, *left+1))
	if *left -= int64(len(data)); err == nil && *left < 0 {
		err = errors.New("its configuration is too large to read")
	}
	return data, err
}

// In reports whether a folder has exactly this configuration: the same files that
// Terraform reads, with the same content.
func (c Configuration) In(dir string) bool {
	names, err := configuration(dir)
	if err != nil || len(names) != len(c) {
		return false
	}
	for _, name := range names {
		want, ok := c[name]
		if !ok {
			return false
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			return false
		}
	}
	return true
}

// configures reports whether Terraform or OpenTofu reads a file as configuration, by
// its name. They ignore backups of editors (Terraform's package internal/configs).
func configures(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#") {
		return false
	}
	for _, end := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// Find returns the folders below root that have this configuration, initialized ones
// first. root may be a symbolic link. Find skips hidden folders and node_modules, and
// stops after 20,000 folders.
func (c Configuration) Find(root string) ([]string, error) { return findFolders(root, c.In) }

func findFolders(root string, fits func(dir string) bool) ([]string, error) {
	var initialised, others []string
	folders := 0
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && dir == root:
			return err
		case err != nil, !d.IsDir():
			return nil // a plan can't have been made in an unreadable folder
		case dir != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		}
		if folders++; folders > mostFolders {
			return fs.SkipAll
		}
		if !fits(dir) {
			return nil
		}
		if _, err := os.Stat(filepath.Join(dir, ".terraform")); err == nil {
			initialised = append(initialised, dir)
		} else {
			others = append(others, dir)
		}
		return nil
	})
	return append(initialised, others...), err
}

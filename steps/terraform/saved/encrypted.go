package saved

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxMeta is how many bytes at the beginning of an encrypted plan are searched for the
// name of its content.
const maxMeta = 64 << 10

// encrypted reports whether a saved plan was encrypted by OpenTofu, which then is a JSON
// object instead of a zip archive (OpenTofu's package internal/encryption: "meta",
// "encrypted_data", "encryption_version").
func encrypted(plan string) bool {
	file, err := os.Open(plan)
	if err != nil {
		return false
	}
	defer file.Close()
	for d, depth := json.NewDecoder(bufio.NewReader(file)), 0; d.InputOffset() < maxMeta; {
		token, err := d.Token()
		switch {
		case err != nil:
			return false
		case token == json.Delim('{'):
			depth++
		case token == json.Delim('}'):
			depth--
		case depth == 1 && token == "encrypted_data":
			return true
		}
	}
	return false
}

// mostDecrypted is how many folders are tried in which an encrypted plan may have been
// made.
const mostDecrypted = 8

// showEncrypted is Show for an encrypted plan, whose configuration can't be compared with
// that of a folder. OpenTofu can only read it where the configuration, or the
// environment, has the key. If that is so in several folders, the plan could be of any of
// them, and showEncrypted returns an error.
func (f Folder) showEncrypted(ctx context.Context, root string, how Made) (Shown, error) {
	dirs, err := how.folders(root)
	if err != nil {
		return Shown{}, fmt.Errorf("looking for its configuration: %w", err)
	}
	var found []string
	first := errors.New("no folder of the checkout has a configuration")
	for i, dir := range dirs[:min(len(dirs), mostDecrypted)] {
		switch err := f.decrypt(ctx, dir, how); {
		case err == nil:
			found = append(found, dir)
		case i == 0:
			first = err
		}
	}
	if len(found) == 1 && found[0] != dirs[min(len(dirs), mostDecrypted)-1] { // another attempt has replaced it
		first = f.decrypt(ctx, found[0], how)
	} else if len(found) == 1 {
		first = nil
	}
	switch {
	case len(found) > 1:
		first = fmt.Errorf("it is encrypted, and could belong to %s or %s", found[0], found[1])
	case len(found) == 0:
		first = fmt.Errorf("it is encrypted: %w", first)
	}
	if first != nil {
		_ = os.Remove(f.json())
		return Shown{}, first
	}
	const program = "tofu"
	version, err := Version(ctx, how.Environ, program, found[0])
	if err != nil {
		return Shown{}, err
	}
	below, err := filepath.Rel(root, found[0])
	if err != nil {
		return Shown{}, err
	}
	hash, err := HashConfiguration(found[0])
	return Shown{program, version, filepath.ToSlash(below), hash}, err
}

// decrypt writes the JSON of the plan as OpenTofu shows it in a folder. The key may be in
// the environment that the recipe has.
func (f Folder) decrypt(ctx context.Context, dir string, how Made) error {
	argv := []string{"tofu", "-chdir=" + dir, "show", "-json", f.Plan()}
	err := f.write(ctx, argv, dir, how.Environ)
	if err != nil && len(how.Through) > 0 && ctx.Err() == nil {
		err = f.write(ctx, append(slices.Clone(how.Through), argv...), dir, how.Environ)
	}
	return err
}

// folders returns the folders below root in which the plan may have been made.
func (m Made) folders(root string) ([]string, error) {
	if len(m.Folders) == 0 {
		return findFolders(root, configured)
	}
	var all []string
	for _, dir := range m.Folders {
		dir, err := filepath.EvalSymlinks(dir)
		if err != nil {
			continue
		}
		if below, err := filepath.Rel(root, dir); err == nil && filepath.IsLocal(below) && !slices.Contains(all, dir) {
			all = append(all, dir)
		}
	}
	return all, nil
}

// configured reports whether a folder has files that Terraform reads.
func configured(dir string) bool {
	files, err := configuration(dir)
	return err == nil && len(files) > 0
}

// configuration returns the names of the files in a folder that Terraform reads.
func configuration(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if configures(e.Name()) && !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// HashConfiguration returns a hash of the files in a folder that Terraform reads.
func HashConfiguration(dir string) (string, error) {
	names, err := configuration(dir)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range names {
		hash, err := Hash(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "%q %s\n", name, hash)
	}
	return hashOf(strings.NewReader(all.String()))
}

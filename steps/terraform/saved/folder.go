// Package saved reads and removes the files of a plan in the folder of the command that
// made it: the saved plan, its JSON, and the output.
package saved

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Folder is the folder of one execution of a plan command, "" if nothing is kept of
// it. It is below the folder of its run.
type Folder string

// The files of a plan. Both hold secrets in clear, so only their owner may read them,
// and they are removed as soon as they aren't needed; the SHA-256 of the saved plan
// stays on record.
const (
	planFile = "plan.saved" // as `terraform plan -out` writes it
	jsonFile = "plan.json"  // as `terraform show -json` prints it
)

// Plan returns the name of the saved plan.
func (f Folder) Plan() string { return filepath.Join(string(f), planFile) }

func (f Folder) json() string { return filepath.Join(string(f), jsonFile) }

// Hash returns the SHA-256 of the saved plan in hex.
func (f Folder) Hash() (string, error) {
	if f == "" {
		return "", os.ErrNotExist
	}
	return Hash(f.Plan())
}

// Hash returns the SHA-256 of a file in hex.
func Hash(path string) (string, error) {
	plan, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer plan.Close()
	return hashOf(plan)
}

func hashOf(r io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Adopt copies the plan that a command has saved in another file since a time, and
// returns the path of that file without symbolic links. It returns an error if the file
// is older, or isn't a regular one.
func (f Folder) Adopt(path string, since time.Time) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe would block
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file")
	case info.ModTime().Before(since):
		return "", errors.New("it is from before")
	}
	return path, writePrivate(f.Plan(), func(to *os.File) error {
		_, err := io.Copy(to, file)
		return err
	})
}

// Gone reports whether there is no saved plan.
func (f Folder) Gone() bool {
	_, err := os.Lstat(f.Plan())
	return f == "" || errors.Is(err, os.ErrNotExist)
}

// RemoveOlder removes the files of the run's plans before this one.
func (f Folder) RemoveOlder() {
	for _, file := range planFiles(f.run()) {
		if filepath.Dir(file) != string(f) {
			_ = os.Remove(file)
		}
	}
}

// RemoveAll removes the files of all plans of the run.
func (f Folder) RemoveAll() { Remove(f.run(), time.Time{}) }

func (f Folder) run() string { return filepath.Dir(string(f)) }

// Remove removes the files of plans from the folder of a run: those last written before
// the given time, or all if it is zero. A file that can't be removed stays. Remove
// reports whether it removed any.
func Remove(run string, before time.Time) (any bool) {
	for _, file := range planFiles(run) {
		info, err := os.Lstat(file)
		if err == nil && (before.IsZero() || info.ModTime().Before(before)) && os.Remove(file) == nil {
			any = true
		}
	}
	return any
}

// planFiles returns the files of plans in the folder of a run.
func planFiles(run string) []string {
	var all []string
	for _, name := range []string{planFile, jsonFile} {
		files, _ := filepath.Glob(filepath.Join(escaped(run), "*", name)) // the pattern is well formed
		all = append(all, files...)
	}
	return all
}

// escaped makes a path match itself in a pattern.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// writePrivate creates a file, in place of an older one, that only its owner may read.
func writePrivate(name string, write func(*os.File) error) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

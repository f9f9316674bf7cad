package kinds

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The files of a plan beside the record of the command that made it. Both hold
// secrets in clear, so that only their owner may read them, and they are removed
// as soon as nobody needs them; the SHA-256 of the saved plan stays on record.
const (
	savedPlanFile = "plan.saved" // as `terraform plan -out` writes it
	planJSONFile  = "plan.json"  // as `terraform show -json` prints it
)

// writePrivate makes a new file, in place of an older one, that only its owner may
// read.
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

// removeOlder removes the files of the plans before the one of this execution.
func removeOlder(attempt string) {
	run := filepath.Dir(attempt)
	for _, file := range planFiles(run) {
		if filepath.Dir(file) != attempt {
			_ = os.Remove(file)
		}
	}
}

// planFiles returns the files of plans in the folder of a run.
func planFiles(run string) []string {
	var all []string
	for _, name := range []string{savedPlanFile, planJSONFile} {
		files, _ := filepath.Glob(filepath.Join(escaped(run), "*", name)) // the pattern is well formed
		all = append(all, files...)
	}
	return all
}

// RemovePlans removes the files of plans, which hold secrets, from the folder of a
// run: those that were last written before the given time, all where it is zero.
// What cannot be removed stays. It reports whether any were removed.
func RemovePlans(run string, before time.Time) (any bool) {
	for _, file := range planFiles(run) {
		info, err := os.Lstat(file)
		if err == nil && (before.IsZero() || info.ModTime().Before(before)) && os.Remove(file) == nil {
			any = true
		}
	}
	return any
}

// escaped makes a path match itself in a pattern.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

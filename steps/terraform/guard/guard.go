// Package guard makes a recipe apply the reviewed plan or none: it puts scripts before the
// real terraform and tofu on the command's PATH, which add the plan to the arguments of
// apply. So a recipe may pass arguments of its own, which a plan in TF_CLI_ARGS_apply
// doesn't allow. A recipe that starts the programs by their full path, or that changes the
// PATH, passes the scripts by.
package guard

import (
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook/say"
)

//go:embed guard.sh
var script string

// programs are those that can apply a plan.
var programs = []string{"terraform", "tofu"}

// Folder is a folder for the scripts and for what they note. They are for one command at
// a time.
type Folder string

// Install writes the scripts and returns the PATH of a command that they are to guard.
// plan is the saved plan that may be applied, "" for none. path is the PATH without the
// scripts.
func (f Folder) Install(plan, path string) (string, error) {
	if strings.ContainsAny(string(f)+plan, "':\n") {
		return "", say.Hint(errors.New("the folder of the run has a quotation mark or a colon in its name, so it can't be on the PATH"), "set XDG_STATE_HOME to another folder")
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return "", err
	}
	for _, name := range []string{f.note(), f.in(), f.out()} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	text := strings.NewReplacer("@here@", "'"+string(f)+"'", "@plan@", "'"+plan+"'").Replace(script)
	for _, name := range programs {
		if err := os.WriteFile(filepath.Join(string(f), name), []byte(text), 0o700); err != nil {
			return "", err
		}
	}
	return string(f) + string(filepath.ListSeparator) + path, nil
}

// Refused reports whether one of the scripts has kept a program from changing something
// since Install.
func (f Folder) Refused() bool {
	_, err := os.Lstat(f.note())
	return err == nil
}

// Out returns the file in which the recipe has its plan saved by arguments of its own,
// and the time before which that file was not this plan. The path is "" if it has none,
// or several.
func (f Folder) Out() (path string, since time.Time) {
	text, err := os.ReadFile(f.out())
	if err != nil {
		return "", time.Time{}
	}
	info, err := os.Stat(f.out())
	path, end, ok := strings.Cut(string(text), "\n")
	if err != nil || !ok || end != "" {
		return "", time.Time{}
	}
	return path, info.ModTime()
}

// In returns the folders in which the recipe has made plans.
func (f Folder) In() []string {
	text, err := os.ReadFile(f.in())
	if err != nil {
		return nil
	}
	folders := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	slices.Sort(folders)
	return slices.Compact(folders)
}

// Remove removes the scripts.
func (f Folder) Remove() { _ = os.RemoveAll(string(f)) }

func (f Folder) note() string { return filepath.Join(string(f), "refused") }

func (f Folder) in() string { return filepath.Join(string(f), "in") }

func (f Folder) out() string { return filepath.Join(string(f), "out") }

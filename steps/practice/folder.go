package practice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"catalog-runbook/steps/practice/state"
)

// settle returns the folder of a world. Without a name it makes a temporary folder,
// and returns it even with an error. A named folder either holds a world already, or
// begin makes one in it: beside its place and then moved there, so that a program
// that is killed meanwhile leaves no half world under that name.
func settle(name string, begin func(state.Folder) error) (state.Folder, error) {
	if name == "" {
		temp, err := os.MkdirTemp("", "catalog-runbook-practice-")
		if err == nil {
			temp, err = filepath.Abs(temp)
		}
		if err != nil {
			return "", err
		}
		return state.Folder(temp), begin(state.Folder(temp))
	}
	f := state.Folder(name)
	if _, err := os.Lstat(f.StateFile()); !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	switch inside, err := os.ReadDir(name); {
	case err == nil && len(inside) > 0:
		return "", fmt.Errorf("%s holds %s and no practice world; hint: choose an empty folder, or one that does not exist", name, inside[0].Name())
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return "", err
	}
	making, err := os.MkdirTemp(filepath.Dir(name), filepath.Base(name)+".making-")
	if err != nil {
		return "", err
	}
	if err := move(state.Folder(making), name, begin); err != nil {
		return "", errors.Join(err, os.RemoveAll(making))
	}
	return f, nil
}

func move(from state.Folder, to string, begin func(state.Folder) error) error {
	if err := begin(from); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(string(from), to)
}

// beginWorld makes a new world in a folder. It saves the state last, so that a
// folder that has one is complete.
func beginWorld(f state.Folder, s Scenario, k state.Facts) error {
	for _, dir := range []string{f.Home(), f.Bin(), f.Temp()} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitLimit)
	defer cancel()
	if err := makeCheckout(ctx, f, s); err != nil {
		return err
	}
	return f.Save(k)
}

const gitLimit = 30 * time.Second

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

package practice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// folder is where a world lives. A world makes and changes nothing outside of it.
type folder string

func (f folder) home() string     { return filepath.Join(string(f), "home") }
func (f folder) bin() string      { return filepath.Join(string(f), "bin") }
func (f folder) temp() string     { return filepath.Join(string(f), "tmp") }
func (f folder) checkout() string { return filepath.Join(string(f), "openverse-infrastructure") }

// settle gives the folder of a world. With no name it is a new temporary one,
// which is there even after an error. A named one is that of a world that was
// left, or it is made: beside its place and then moved there, so that a program
// that is killed meanwhile leaves no half world under that name.
func settle(name string, begin func(folder) error) (folder, error) {
	if name == "" {
		temp, err := os.MkdirTemp("", "catalog-runbook-practice-")
		if err == nil {
			temp, err = filepath.Abs(temp)
		}
		if err != nil {
			return "", err
		}
		return folder(temp), begin(folder(temp))
	}
	f := folder(name)
	if _, err := os.Lstat(f.stateFile()); !errors.Is(err, fs.ErrNotExist) {
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
	if err := move(folder(making), name, begin); err != nil {
		return "", errors.Join(err, os.RemoveAll(making))
	}
	return f, nil
}

func move(from folder, to string, begin func(folder) error) error {
	if err := begin(from); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(string(from), to)
}

// begin makes a new world. The state is saved last: a folder that has one is
// complete.
func (f folder) begin(s Scenario, k facts) error {
	for _, dir := range []string{f.home(), f.bin(), f.temp()} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitLimit)
	defer cancel()
	if err := makeCheckout(ctx, f, s); err != nil {
		return err
	}
	return f.save(k)
}

const gitLimit = 30 * time.Second

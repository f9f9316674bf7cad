package practice

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// install puts our own program into the folder bin under another name, and replaces
// an earlier one. link is os.Symlink.
func install(executable, bin, as string, link func(from, to string) error) error {
	name := filepath.Join(bin, as)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	beside := name + ".new"
	err := os.RemoveAll(beside) // copying must not write through an old link to the program itself
	if err == nil && link(executable, beside) != nil {
		// No symbolic links here, as on Windows without developer mode.
		err = copyProgram(executable, beside)
	}
	if err == nil {
		err = os.Rename(beside, name)
	}
	if err != nil {
		return fmt.Errorf("making the practice %s: %w", as, err)
	}
	return nil
}

func copyProgram(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o700)
}

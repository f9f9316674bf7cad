package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// setAside writes the torn line of a journal to a new file beside it, and returns
// its path once it is on disk. The program doesn't need it; a person who
// investigates may.
func setAside(d disk, folder string, tail []byte) (string, error) {
	for n := 1; ; n++ {
		path := filepath.Join(folder, fmt.Sprintf("%s.torn-%d", fileName, n))
		f, err := openOwn(d, path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
		if errors.Is(err, fs.ErrExist) && n < 1000 {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := fill(f, tail); err != nil {
			return "", errors.Join(err, d.removeAll(path))
		}
		return path, d.syncFolder(folder)
	}
}

// fill writes, syncs and closes a new file.
func fill(f file, b []byte) error {
	n, err := f.Write(b)
	if err == nil {
		err = short(n, len(b))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

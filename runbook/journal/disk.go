package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Folders and files of runs are accessible to their owner only.
const (
	folderMode fs.FileMode = 0o700
	fileMode   fs.FileMode = 0o600
)

// disk is the file system, as far as journals use it. Tests have one that fails.
type disk interface {
	// open opens a file that is not a symbolic link. A file that it creates has
	// mode fileMode, whatever the umask.
	open(path string, flag int) (file, error)
	// mkdir creates a folder with mode folderMode, whatever the umask.
	mkdir(path string) error
	rename(from, to string) error
	removeAll(path string) error
	// syncFolder makes the list of files in a folder durable.
	syncFolder(path string) error
}

// file is an open file of a disk.
type file interface {
	io.ReaderAt
	io.Writer
	Stat() (fs.FileInfo, error)
	Chmod(fs.FileMode) error
	Truncate(size int64) error
	Sync() error
	Close() error
}

// realDisk is the operating system's file system.
type realDisk struct{}

func (realDisk) open(path string, flag int) (file, error) {
	// With O_NONBLOCK, opening a named pipe doesn't wait for its other end.
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, fileMode)
	if errors.Is(err, syscall.ELOOP) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errLink}
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (realDisk) mkdir(path string) error {
	if err := os.Mkdir(path, folderMode); err != nil {
		return err
	}
	return os.Chmod(path, folderMode)
}

func (realDisk) rename(from, to string) error { return os.Rename(from, to) }
func (realDisk) removeAll(path string) error  { return os.RemoveAll(path) }

func (realDisk) syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // this file system doesn't support it
	}
	return errors.Join(err, f.Close())
}

// Why a file or a folder is refused.
var (
	errLink  = errors.New("refused: it is a symbolic link")
	errOwner = errors.New("refused: it belongs to another user")
	errKind  = errors.New("refused: it is not what it should be")
)

// openOwn opens a regular file that belongs to this user. With O_RDWR or O_WRONLY
// it also corrects the mode of a file that others could read.
func openOwn(d disk, path string, flag int) (file, error) {
	f, err := d.open(path, flag)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = own(info, 0)
	}
	if err == nil && flag&(os.O_RDWR|os.O_WRONLY) != 0 && info.Mode().Perm() != fileMode {
		err = f.Chmod(fileMode)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// own returns an error unless the file belongs to this user and has the given
// type.
func own(info fs.FileInfo, kind fs.FileMode) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return errLink
	case info.Mode().Type() != kind:
		return errKind
	case !ok || int(stat.Uid) != os.Geteuid():
		return errOwner
	}
	return nil
}

package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// The files in a command's folder. No other file is read, and only the owner may access
// them.
const (
	claimFile   = "claim"   // who decides whether the command runs; made once, never changed
	aliveFile   = "alive"   // locked by the supervisor as long as it lives
	inputFile   = "input"   // a named pipe to the supervisor
	outputFile  = "output"  // what the command prints, secrets masked
	commandFile = "command" // the command's process
	exitFile    = "exit"    // how the command ended; appears atomically
	noEchoFile  = "no-echo" // is there while the command has turned the echo of its terminal off
	newFile     = ".new"    // suffix of a file that is being written
)

// OutputFile returns the path of the file in a command's folder with its output so far,
// secrets masked.
func OutputFile(folder string) string { return filepath.Join(folder, outputFile) }

// Hides reports whether the command that keeps its record in a folder has turned the echo
// of its terminal off, when it last waited for input: what is typed must not be shown.
func Hides(path string) bool {
	_, err := os.Lstat(folder(path).file(noEchoFile))
	return err == nil
}

// Gone reports whether the command that keeps its record in a folder, or has kept it there, no
// longer runs. One that may still be begun, or of which that isn't known, isn't gone.
func Gone(path string) bool {
	s, _, err := folder(path).status()
	return err == nil && s != runs && s != unclaimed
}

// note records for Hides whether the terminal shows what is typed.
func (f folder) note(echo bool) {
	if echo {
		_ = os.Remove(f.file(noEchoFile)) // it is rarely there
		return
	}
	if file, err := os.OpenFile(f.file(noEchoFile), os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		file.Close()
	}
}

// Who may claim a command.
const (
	bySupervisor = "supervisor" // which runs the command
	byFrontEnd   = "front end"  // so that it never runs
)

type claim struct {
	By   string    `json:"by"`
	PID  int       `json:"pid"`
	At   time.Time `json:"at"`
	Boot string    `json:"boot,omitempty"` // see boot
}

type started struct {
	Group int       `json:"group"`
	At    time.Time `json:"at"`
	Since string    `json:"since,omitempty"` // see processSince
	Boot  string    `json:"boot,omitempty"`
}

// left reports whether processes of the command may still be running.
func (s started) left() bool {
	if b := boot(); b != s.Boot || s.Group <= 0 || !running(s.Group) {
		return false
	}
	since := processSince(s.Group)
	return since == s.Since || since == "" // otherwise another process has the ID now
}

type ending struct {
	Exit    int       `json:"exit"`
	Ended   time.Time `json:"ended"`
	Whole   bool      `json:"whole"` // all output is in the file
	Size    int64     `json:"size"`  // of the file
	Overran bool      `json:"overran,omitempty"`
	NotRun  bool      `json:"not_run,omitempty"`
	Problem string    `json:"problem,omitempty"` // why the outcome is unknown, or why it was not run
}

// folder is the path of the folder with the record of one command.
type folder string

func (f folder) file(name string) string { return filepath.Join(string(f), name) }

// create makes the folder and the pipe to its supervisor. The folder survives a power
// failure.
func (f folder) create() error {
	if err := os.Mkdir(string(f), 0o700); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(string(f))); err != nil {
		return err
	}
	if err := syscall.Mkfifo(f.file(inputFile), 0o600); err != nil {
		return fmt.Errorf("making %s: %w", f.file(inputFile), err)
	}
	return nil
}

// owned returns an error unless the folder belongs to this user and no other user can
// access it.
func (f folder) owned() error {
	info, err := os.Lstat(string(f))
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ok || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s is not a folder that only its owner can open", f)
	}
	return nil
}

// claim decides for good whether the command runs. It returns an error that wraps
// fs.ErrExist if another process has claimed the command before.
func (f folder) claim(by string) error {
	data, err := json.Marshal(claim{By: by, PID: os.Getpid(), At: time.Now().UTC(), Boot: boot()})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.file(claimFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return syncFolder(string(f))
}

// read decodes one of the small files. If it doesn't exist, the error wraps
// fs.ErrNotExist.
func (f folder) read(name string, into any) error {
	data, err := os.ReadFile(f.file(name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%w: %s: %w", errUnreadable, f.file(name), err)
	}
	return nil
}

// errUnreadable is wrapped by the error for a file that can't be decoded.
var errUnreadable = errors.New("reading what is not in its form")

// write makes one of the small files atomically. The file may not survive a power
// failure.
func (f folder) write(name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.file(name+newFile), append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(f.file(name+newFile), f.file(name))
}

// lock locks the folder until this process ends or the lock is closed.
func (f folder) lock() (*flock.Flock, error) {
	l := flock.New(f.file(aliveFile), flock.SetFlag(os.O_RDWR|os.O_CREATE), flock.SetPermissions(0o600))
	if err := l.Lock(); err != nil {
		return nil, fmt.Errorf("locking %s: %w", f.file(aliveFile), err)
	}
	return l, nil
}

// locked reports whether another process has locked the folder. It tests that by taking
// a shared lock, so several processes can call it at the same time.
func (f folder) locked() (bool, error) {
	l := flock.New(f.file(aliveFile), flock.SetFlag(os.O_RDWR))
	free, err := l.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking at the lock %s: %w", f.file(aliveFile), err)
	case free:
		return false, l.Close()
	}
	return true, nil
}

// syncFolder makes the names in a folder survive a power failure.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

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
)

// The files in a command's folder. Only what is named here is ever read; all of
// it is for the owner alone.
const (
	claimFile   = "claim"   // who decides what becomes of the command: made once, never changed
	aliveFile   = "alive"   // locked by the supervisor for as long as it lives
	inputFile   = "input"   // a named pipe to the supervisor
	outputFile  = "output"  // what the command prints, secrets masked
	commandFile = "command" // the process that it runs as
	exitFile    = "exit"    // how it ended: there from one moment to the next, and whole
	newFile     = ".new"    // after the name of a file that is being written
)

// OutputFile returns the file in a command's folder that holds what it has printed
// so far, secrets masked.
func OutputFile(folder string) string { return filepath.Join(folder, outputFile) }

// Those who may claim a command.
const (
	bySupervisor = "supervisor" // it runs the command
	byFrontEnd   = "front end"  // nobody runs the command
)

type claim struct {
	By   string    `json:"by"`
	PID  int       `json:"pid"`
	At   time.Time `json:"at"`
	Boot string    `json:"boot,omitempty"` // of the system, where it has a name
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
	return since == s.Since || since == "" // else its number is another's by now
}

type ending struct {
	Exit    int       `json:"exit"`
	Ended   time.Time `json:"ended"`
	Whole   bool      `json:"whole"` // all output is in the file
	Size    int64     `json:"size"`  // of the file
	Overran bool      `json:"overran,omitempty"`
	NotRun  bool      `json:"not_run,omitempty"`
	Problem string    `json:"problem,omitempty"` // why it is not known how it ended, or why it was not run
}

// folder is where the record of one command is.
type folder string

func (f folder) file(name string) string { return filepath.Join(string(f), name) }

// create makes the folder and the way to its supervisor, and makes sure that
// they outlive a power cut.
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

// owned returns an error unless the folder is one that only we can have written.
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

// claim decides, once and for ever, what becomes of the command. An error that
// is fs.ErrExist means that somebody else has.
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

// read decodes one of the small files. It is fs.ErrNotExist if there is none.
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

// errUnreadable is wrapped by the error of a file that holds something else.
var errUnreadable = errors.New("reading what is not in its form")

// write makes one of the small files, at once. It need not outlive a power cut.
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

// lock locks the folder for as long as this process lives, or the file is open.
func (f folder) lock() (*os.File, error) {
	file, err := os.OpenFile(f.file(aliveFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(file, syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("locking %s: %w", f.file(aliveFile), err)
	}
	return file, nil
}

// locked reports whether somebody has locked the folder. It looks by taking a
// lock that others who look can share.
func (f folder) locked() (bool, error) {
	file, err := os.OpenFile(f.file(aliveFile), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	switch err := flock(file, syscall.LOCK_SH|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("looking at the lock %s: %w", f.file(aliveFile), err)
	}
	return false, nil
}

func flock(file *os.File, how int) error {
	for {
		if err := syscall.Flock(int(file.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// syncFolder makes names in a folder outlive a power cut.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

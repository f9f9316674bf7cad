// Package restore waits, as a process of its own, until a checklist has ended, and
// restores the terminal then.
//
// The process does so in an init function, before the rest of the program has been
// initialized: what only the checklist needs, such as the styles and lexers that come
// with glamour, takes most of the time and of the memory of a start, and the guard
// stays for as long as the checklist. The Go specification says which package comes
// next: of those whose imports have all been initialized the one with the first import
// path. So restore imports only packages of the standard library that the others need
// too, and golang.org/x/sys/unix. A test holds it to that.
package restore

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// How both sides tell a guard from a checklist: its only argument, and a variable
// that must be set.
const (
	Argument = "keep-terminal"
	Variable = "CATALOG_RUNBOOK_KEEPER"
)

// Orders are what the guard is told at its start, over its standard input, which is
// then closed: the arguments and the environment of a process are not secret.
type Orders struct {
	Terminal unix.Termios
	Undo     string   // ends what the checklist has begun besides the modes of mainScreen
	Secrets  [][]byte // masked in the crash report; bytes, because JSON would mend broken text
	Advice   string   // how to go on: printed last, "" for nothing
}

// The files that the guard inherits besides the standard ones.
const (
	crashFile = 3 + iota // the crash report; ends when the checklist does
	inFile               // the terminal
	outFile
	talkFile // the standard error of the checklist
)

// An End is the end of a checklist that didn't stop its guard. The terminal has been
// restored.
type End struct {
	Orders Orders
	Said   []byte    // the beginning of the crash report, empty where the checklist was killed
	Crash  io.Reader // the rest of it
	Talk   *os.File  // the standard error of the checklist
	Err    error     // the orders never came, because the checklist ended before; all else is empty
}

// Ended is the end that this process has waited for, nil where it isn't a guard.
var Ended *End

func init() {
	if len(os.Args) == 2 && os.Args[1] == Argument && os.Getenv(Variable) != "" {
		Ended = wait()
	}
}

func wait() *End {
	// It ends with the checklist and by nothing else. Ignoring TTOU also lets it
	// write to a terminal that it is in the background of.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
		syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE)
	e := &End{Crash: os.NewFile(crashFile, "crash"), Talk: os.NewFile(talkFile, "talk")}
	if err := json.NewDecoder(os.Stdin).Decode(&e.Orders); err != nil {
		return &End{Err: err}
	}
	suspended, said := listen(e.Crash)
	// Before another byte is read: until then the checklist, which crashes, has to wait.
	if !suspended {
		restore(os.NewFile(inFile, "in"), os.NewFile(outFile, "out"), &e.Orders)
	}
	e.Said = said
	return e
}

// What the checklist says in the socket of the crash report, in which no report begins with
// such a byte: that it has given the terminal back and is stopped, and that it goes on.
const (
	Suspended = 0x0e
	Resumed   = 0x0f
)

// listen waits for the end of the checklist, or the beginning of its crash report. It
// reports whether the terminal was the shell's at that time: then the shell has its own modes
// and its own screen, and nothing may be written over them but words.
func listen(crash io.Reader) (suspended bool, said []byte) {
	buffer := make([]byte, 4<<10)
	for {
		n, err := crash.Read(buffer) // its error comes again with the next read
		said = buffer[:n]
		for len(said) > 0 && (said[0] == Suspended || said[0] == Resumed) {
			suspended, said = said[0] == Suspended, said[1:]
		}
		if len(said) > 0 || err != nil {
			return suspended, said
		}
	}
}

// A terminal gets abort first, because the last thing written may be half of a sequence.
const abort = "\x18" // CAN

// mainScreen ends every mode that a checklist may have begun.
const mainScreen = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l" + // mouse and focus
	"\x1b[?2004l" + // bracketed paste
	"\x1b[0m\x1b[?1049l\x1b[?25h" // colours, alternate screen, cursor

// restore puts the terminal into the state that the checklist found it in. Where the
// terminal isn't raw any more, a shell has taken it over since and set it up for
// itself. A terminal that is gone answers with errors, and nothing is left to do.
func restore(in, out *os.File, o *Orders) {
	fd := int(in.Fd())
	if now, err := Terminal(fd); err == nil && raw(now) {
		discardInput(fd) // keys meant for the checklist are none for the shell
		_ = unix.IoctlSetTermios(fd, setTermios, &o.Terminal)
	}
	_, _ = io.WriteString(out, abort+o.Undo+mainScreen)
}

// Terminal returns the state of a terminal.
func Terminal(fd int) (*unix.Termios, error) { return unix.IoctlGetTermios(fd, getTermios) }

// raw tells the state that Bubble Tea draws in from those of shells, which keep
// ctrl+c or the translation of line ends.
func raw(t *unix.Termios) bool {
	return t.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) == 0 && t.Oflag&unix.OPOST == 0
}

// Echo turns the echo of what is typed on a terminal on or off.
func Echo(fd int, on bool) error {
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	t.Lflag &^= unix.ECHO
	if on {
		t.Lflag |= unix.ECHO
	}
	return unix.IoctlSetTermios(fd, setTermios, t)
}

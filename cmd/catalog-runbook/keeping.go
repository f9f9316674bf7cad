package main

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
)

// The files that the keeper inherits besides the standard ones.
const (
	keeperCrash = 3 + iota // ends when the checklist does; before that, what it says in a crash
	keeperIn               // the terminal
	keeperOut
	keeperTalk // the standard error of the checklist
)

// mainScreen ends every mode that a checklist may have begun. It starts with
// CAN, because the last thing written may be half of a sequence.
const mainScreen = "\x18" +
	"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l" + // mouse and focus
	"\x1b[?2004l" + // bracketed paste
	"\x1b[0m\x1b[?1049l\x1b[?25h" // colours, alternate screen, cursor

// keeperMain is called first thing in run. Where the program was started as a
// keeper it does that work until the checklist has ended, and returns the exit
// code and true. Else it does nothing and returns false.
func keeperMain(argv []string, s streams) (code int, ran bool) {
	if len(argv) != 2 || argv[1] != keeperArgument || s.getenv(keeperVariable) == "" {
		return 0, false
	}
	// It ends with the checklist and by nothing else. Ignoring TTOU also lets it
	// write to a terminal that it is in the background of.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
		syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE)
	var told keepsake
	if err := json.NewDecoder(s.in).Decode(&told); err != nil {
		return exitUsage, true // the checklist has ended before it took the terminal
	}
	k := keeping{
		told: told, crash: os.NewFile(keeperCrash, "crash"),
		in: os.NewFile(keeperIn, "in"), out: os.NewFile(keeperOut, "out"), talk: os.NewFile(keeperTalk, "talk"),
	}
	k.wait()
	return 0, true
}

// keeping is the keeper's side.
type keeping struct {
	told          keepsake
	crash         io.Reader
	in, out, talk *os.File
}

// wait returns when the checklist has ended otherwise than by sending the
// keeper away, and the terminal is as it was.
func (k keeping) wait() {
	buffer := make([]byte, 4<<10)
	n, err := k.crash.Read(buffer)
	k.giveBack() // before another byte is read: until then the one that crashes has to wait
	said := append([]byte(nil), buffer[:n]...)
	for err == nil && !saidEnough(said) {
		n, err = k.crash.Read(buffer)
		said = append(said, buffer[:n]...)
	}
	for _, secret := range k.told.Secrets {
		clean.Secret(secretForms(string(secret))...)
	}
	_, _ = io.WriteString(k.talk, lastWords(said, k.told.Advice)) // nobody is left to be told of an error
	_, _ = io.Copy(io.Discard, k.crash)
}

// giveBack puts the terminal into the state that the checklist found it in.
// Where the terminal is not raw any more, a shell has taken it over since and
// set it up for itself. A terminal that is gone answers with errors, and nothing
// has to be done then.
func (k keeping) giveBack() {
	fd := int(k.in.Fd())
	if now, err := unix.IoctlGetTermios(fd, getTermios); err == nil && raw(now) {
		discardInput(fd) // keys meant for the checklist are none for the shell
		_ = unix.IoctlSetTermios(fd, setTermios, &k.told.Terminal)
	}
	_, _ = io.WriteString(k.out, mainScreen)
}

// raw tells the state that Bubble Tea draws in from those of shells, which keep
// ctrl+c or the mending of line ends.
func raw(t *unix.Termios) bool {
	return t.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) == 0 && t.Oflag&unix.OPOST == 0
}

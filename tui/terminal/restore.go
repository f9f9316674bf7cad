package terminal

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
)

// The files that the guard inherits besides the standard ones.
const (
	guardCrash = 3 + iota // the crash report; ends when the checklist does
	guardIn               // the terminal
	guardOut
	guardTalk // the standard error of the checklist
)

// mainScreen ends every mode that a checklist may have begun. It starts with
// CAN, because the last thing written may be half of a sequence.
const mainScreen = "\x18" +
	"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l" + // mouse and focus
	"\x1b[?2004l" + // bracketed paste
	"\x1b[0m\x1b[?1049l\x1b[?25h" // colours, alternate screen, cursor

// GuardMain is the main function of a guard. Where argv and the environment say that
// the program was started as one, it works until the checklist has ended and returns
// true, with an error if its orders never came. Otherwise it does nothing and
// returns false.
func GuardMain(argv []string, in io.Reader, getenv func(string) string) (ran bool, err error) {
	if len(argv) != 2 || argv[1] != guardArgument || getenv(guardVariable) == "" {
		return false, nil
	}
	// It ends with the checklist and by nothing else. Ignoring TTOU also lets it
	// write to a terminal that it is in the background of.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
		syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE)
	var o orders
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return true, err // the checklist has ended before it took the terminal
	}
	r := restorer{
		orders: o, crash: os.NewFile(guardCrash, "crash"),
		in: os.NewFile(guardIn, "in"), out: os.NewFile(guardOut, "out"), talk: os.NewFile(guardTalk, "talk"),
	}
	r.wait()
	return true, nil
}

// restorer is what the guard's process does.
type restorer struct {
	orders        orders
	crash         io.Reader
	in, out, talk *os.File
}

// wait returns when the checklist has ended without stopping the guard, and the
// terminal is restored.
func (r restorer) wait() {
	buffer := make([]byte, 4<<10)
	n, err := r.crash.Read(buffer)
	r.restore() // before another byte is read: until then the checklist, which crashes, has to wait
	said := append([]byte(nil), buffer[:n]...)
	for err == nil && !complete(said) {
		n, err = r.crash.Read(buffer)
		said = append(said, buffer[:n]...)
	}
	for _, secret := range r.orders.Secrets {
		clean.Secret(secretForms(string(secret))...)
	}
	_, _ = io.WriteString(r.talk, crashMessage(said, r.orders.Advice)) // an error has nowhere to go
	_, _ = io.Copy(io.Discard, r.crash)
}

// restore puts the terminal into the state that the checklist found it in. Where the
// terminal isn't raw any more, a shell has taken it over since and set it up for
// itself. A terminal that is gone answers with errors, and nothing is left to do.
func (r restorer) restore() {
	fd := int(r.in.Fd())
	if now, err := unix.IoctlGetTermios(fd, getTermios); err == nil && raw(now) {
		discardInput(fd) // keys meant for the checklist are none for the shell
		_ = unix.IoctlSetTermios(fd, setTermios, &r.orders.Terminal)
	}
	_, _ = io.WriteString(r.out, mainScreen)
}

// raw tells the state that Bubble Tea draws in from those of shells, which keep
// ctrl+c or the translation of line ends.
func raw(t *unix.Termios) bool {
	return t.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) == 0 && t.Oflag&unix.OPOST == 0
}

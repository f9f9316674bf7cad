//go:build !linux

package restore

import "golang.org/x/sys/unix"

// How the state of a terminal is read and set on macOS and its relatives.
const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// reading is the kernel's FREAD: the queue of what was typed.
const reading = 1

// discardInput forgets what was typed and not read.
func discardInput(fd int) { _ = unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, reading) }

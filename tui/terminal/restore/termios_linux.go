package restore

import "golang.org/x/sys/unix"

// How the state of a terminal is read and set on this system.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

// discardInput forgets what was typed and not read.
func discardInput(fd int) { _ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH) }

//go:build unix && !linux

package command

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// How the state of a terminal is read and set on macOS and its relatives.
const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// boot returns an ID of the current boot, "" if there is none. Process IDs of another
// boot mean nothing.
func boot() string {
	id, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}

// processSince returns "": when a process was started isn't known on this system.
func processSince(int) string { return "" }

// running reports whether the group has a process.
func running(group int) bool {
	return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH)
}

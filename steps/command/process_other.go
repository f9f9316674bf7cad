//go:build unix && !linux

package command

import (
	"errors"
	"syscall"
)

// boot names the time since the system was started: a process number means
// nothing beyond it.
func boot() string {
	id, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}

// processSince would tell a process from another that gets its number later. It
// is not known here.
func processSince(int) string { return "" }

// running reports whether a process of the group is left.
func running(group int) bool {
	return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH)
}

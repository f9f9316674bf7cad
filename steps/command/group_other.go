//go:build unix && !linux

package command

import (
	"errors"
	"syscall"
)

// running reports whether a process of the group is left.
func running(group int) bool {
	return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH)
}

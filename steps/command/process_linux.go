package command

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// How the state of a terminal is read and set on this system.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

// boot returns an ID of the current boot (random(4)), "" if there is none. Process IDs
// of another boot mean nothing.
func boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(id))
}

// processSince returns when a process was started, in the kernel's clock ticks
// (proc_pid_stat(5), field 22), "" if that isn't known. It tells a process from a later
// one with the same ID.
func processSince(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return ""
	}
	return string(fields[19])
}

// running reports whether a process of the group is running. Zombies don't count: in a
// container without an init they may stay forever. Since kill(2) finds them too,
// running reads the states of all processes (proc_pid_stat(5): the fields after the
// name in parentheses are the state, the parent and the group).
func running(group int) bool {
	if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
		return false
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return true
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // the process has ended meanwhile
		}
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) < 3 || string(fields[2]) != strconv.Itoa(group) {
			continue
		}
		if state := fields[0][0]; state != 'Z' && state != 'X' {
			return true
		}
	}
	return false
}

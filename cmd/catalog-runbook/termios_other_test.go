//go:build !linux

package main

import "golang.org/x/sys/unix"

// How the state of a terminal is read and set on macOS and its relatives.
const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

package main

import "golang.org/x/sys/unix"

// How the state of a terminal is read and set on this system.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

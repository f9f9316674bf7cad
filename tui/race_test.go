//go:build race

package tui

// raceDetector reports whether the race detector is on.
const raceDetector = true

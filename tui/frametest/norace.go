//go:build !race

package frametest

// RaceDetector reports whether the race detector is on.
const RaceDetector = false

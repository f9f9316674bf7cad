//go:build race

package frametest

// RaceDetector reports whether the race detector is on. It makes drawing about ten
// times slower, and finds nothing in what one goroutine does by itself, so a test that
// tries many cases in one goroutine tries fewer of them.
const RaceDetector = true

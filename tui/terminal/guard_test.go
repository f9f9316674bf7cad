package terminal

import (
	"syscall"
	"testing"
)

// The runtime can write little before the guard reads, and much less than a crash
// report has.
func TestCrashWaitsForTheGuard(t *testing.T) {
	ours, theirs, err := crashSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	fd := int(ours.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	line, written := []byte("main.walk(0x1, 0x2)\n"), 0
	for err == nil && written < crashBytes {
		_, err = syscall.Write(fd, line)
		written += len(line)
	}
	if err != syscall.EAGAIN || written > 16<<10 {
		t.Errorf("%d bytes were taken, %v", written, err)
	}
	t.Logf("%d bytes were taken", written)
}

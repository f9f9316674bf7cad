package input

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// readable reports whether a descriptor can be read within a time. It returns false too if
// that can't be known. It uses select, because the poll of macOS doesn't know terminals.
func readable(fd int, within time.Duration) bool {
	end := time.Now().Add(within)
	for fd >= 0 && fd < unix.FD_SETSIZE {
		var set unix.FdSet
		set.Set(fd)
		left := unix.NsecToTimeval(max(time.Until(end), 0).Nanoseconds())
		n, err := unix.Select(fd+1, &set, nil, nil, &left)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && n > 0
		}
	}
	return false
}

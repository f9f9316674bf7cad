package journal

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
)

// idTime is the format of a run ID's first part: the minute, in UTC, of its start.
const idTime = "20060102-1504"

// letters are the 32 characters of an ID's last part, in ASCII order and without
// those that look like others.
const letters = "0123456789abcdefghjkmnpqrstvwxyz"

// The number of last parts in a minute, and the largest step from one run's to the
// next.
const (
	endings = 32 * 32 * 32 * 32
	stride  = endings / 64
)

// newID returns an ID for a run that starts now. It sorts after the taken ones,
// including those of the same minute.
func newID(now time.Time, taken []string) string {
	minute := now.UTC().Format(idTime) + "-"
	last := -1
	for _, id := range taken {
		if end, ok := strings.CutPrefix(id, minute); ok {
			last = max(last, number(end))
		}
	}
	next := last + 1 + random(stride)
	if next >= endings {
		next = random(endings) // after some sixty runs in a minute, only the order is lost
	}
	end := make([]byte, 4)
	for i := len(end) - 1; i >= 0; i-- {
		end[i] = letters[next%32]
		next /= 32
	}
	return minute + string(end)
}

// validID reports whether id has the form of a run ID, which can't contain a path.
func validID(id string) bool {
	if len(id) != len(idTime)+5 || id[len(idTime)] != '-' {
		return false
	}
	_, err := time.Parse(idTime, id[:len(idTime)])
	return err == nil && number(id[len(idTime)+1:]) >= 0
}

// number decodes the last part of an ID. It returns -1 if that is malformed.
func number(end string) int {
	n := 0
	for i := range len(end) {
		digit := strings.IndexByte(letters, end[i])
		if digit < 0 {
			return -1
		}
		n = n*32 + digit
	}
	return n
}

func random(below int) int {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int(binary.LittleEndian.Uint64(b[:]) % uint64(below))
}

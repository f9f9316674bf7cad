package journal

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
)

// idTime is how the name of a run begins: the minute, in UTC, of its beginning.
const idTime = "20060102-1504"

// letters are the signs of the end of a name, in the order of ASCII and without
// those that look like others. There are 32.
const letters = "0123456789abcdefghjkmnpqrstvwxyz"

// Where the ends of names begin in a minute, and how far they go on at most from
// one run to the next.
const (
	endings = 32 * 32 * 32 * 32
	stride  = endings / 64
)

// newID returns a name for a run that begins now. It sorts after the names that
// are taken, also after those of the same minute.
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
		next = random(endings) // some sixty runs in a minute: order is lost, not more
	}
	end := make([]byte, 4)
	for i := len(end) - 1; i >= 0; i-- {
		end[i] = letters[next%32]
		next /= 32
	}
	return minute + string(end)
}

// validID reports whether a text has the form of a run's name. What has it
// leads out of no folder.
func validID(id string) bool {
	if len(id) != len(idTime)+5 || id[len(idTime)] != '-' {
		return false
	}
	_, err := time.Parse(idTime, id[:len(idTime)])
	return err == nil && number(id[len(idTime)+1:]) >= 0
}

// number reads the end of a name, -1 where it is none.
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

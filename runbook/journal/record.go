package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	"catalog-runbook/runbook"
)

// version is the form of the records that this program writes.
const version = 1

// maxRecord is the size of the longest record with its line end. A longer one
// is never written, and so never read either.
const maxRecord = 8 << 20

// ErrTooLarge is in the error of an Append of a record beyond 8 MiB. Nothing
// was written, and the journal can still be used.
var ErrTooLarge = errors.New("more than 8 MiB")

// Record is an event and who wrote it where in the journal. Its texts are clean.
type Record struct {
	Seq   int // the first is 1
	Host  string
	PID   int
	Event runbook.Event
}

// Events returns the events of records, in order.
func Events(records []Record) []runbook.Event {
	all := make([]runbook.Event, len(records))
	for i, r := range records {
		all[i] = r.Event
	}
	return all
}

// frame is a record as it stands in the file.
type frame struct {
	seq   int
	run   string
	host  string
	pid   int
	prev  digest
	kind  string // of the event
	event []byte // JSON
}

type digest [sha256.Size]byte

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The end of every line: the checksum of what stands before it.
const (
	sumBegins = `,"crc":"`
	sumEnds   = `"}`
	sumSize   = len(sumBegins) + 8 + len(sumEnds)
)

// appendLine appends the record with its line end.
func (f frame) appendLine(to []byte) []byte {
	begin := len(to)
	to = f.appendHead(to)
	to = append(to, f.event...)
	to = appendSum(to, crc32.Checksum(to[begin:], castagnoli))
	return append(to, '\n')
}

func (f frame) appendHead(to []byte) []byte {
	to = strconv.AppendInt(append(to, `{"v":`...), version, 10)
	to = strconv.AppendInt(append(to, `,"seq":`...), int64(f.seq), 10)
	to = appendText(append(to, `,"run":`...), f.run)
	to = appendText(append(to, `,"host":`...), f.host)
	to = strconv.AppendInt(append(to, `,"pid":`...), int64(f.pid), 10)
	to = hex.AppendEncode(append(to, `,"prev":"`...), f.prev[:])
	to = appendText(append(to, `","type":`...), f.kind)
	return append(to, `,"event":`...)
}

func appendSum(to []byte, sum uint32) []byte {
	return append(fmt.Appendf(append(to, sumBegins...), "%08x", sum), sumEnds...)
}

// appendText appends the one JSON string in which a text stands in a record.
func appendText(to []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '.' {
			quoted, err := json.Marshal(s)
			if err != nil { // never for a string
				panic(err)
			}
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), s...), '"')
}

// parseLine reads a record from its line without the line end. The event is not
// decoded. The error wraps runbook.ErrNewer where the record is in a later form.
func parseLine(line []byte) (frame, error) {
	head, ok := cutSum(line)
	if !ok {
		return frame{}, errors.New("the checksum is wrong or missing")
	}
	c := cursor{rest: head, ok: true}
	c.word(`{"v":`)
	if v := c.number(); c.ok && v > version {
		return frame{}, fmt.Errorf("version %d of the form of records: %w", v, runbook.ErrNewer)
	}
	var f frame
	c.word(`,"seq":`)
	f.seq = c.number()
	c.word(`,"run":`)
	f.run = c.text()
	c.word(`,"host":`)
	f.host = c.text()
	c.word(`,"pid":`)
	f.pid = c.number()
	c.word(`,"prev":`)
	if prev := c.text(); len(prev) == hex.EncodedLen(len(f.prev)) {
		_, _ = hex.Decode(f.prev[:], []byte(prev)) // what is no hexadecimal shows below
	}
	c.word(`,"type":`)
	f.kind = c.text()
	c.word(`,"event":`)
	f.event = c.rest
	// Reading is lenient in details; that the same bytes would be written again
	// is what counts.
	if !c.ok || !bytes.HasPrefix(head, f.appendHead(nil)) || !isObject(f.event) {
		return frame{}, errors.New("not in the form of a record")
	}
	return f, nil
}

// cutSum takes the checksum off a line and reports whether it is there and right.
func cutSum(line []byte) (head []byte, ok bool) {
	if len(line) < sumSize {
		return nil, false
	}
	head, end := line[:len(line)-sumSize], line[len(line)-sumSize:]
	return head, bytes.Equal(end, appendSum(nil, crc32.Checksum(head, castagnoli)))
}

// beginsWithRecord reports whether b is one whole record and at least one byte
// more. No line that was torn off looks like that: a line end was changed.
func beginsWithRecord(b []byte) bool {
	sum := uint32(0)
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(sumBegins))
		if i < 0 || at+i+sumSize >= len(b) {
			return false
		}
		sum = crc32.Update(sum, castagnoli, b[at:at+i])
		at += i
		if bytes.Equal(b[at:at+sumSize], appendSum(nil, sum)) {
			return true
		}
		sum = crc32.Update(sum, castagnoli, b[at:at+1])
		at++
	}
}

func isObject(b []byte) bool {
	return len(b) > 1 && b[0] == '{' && b[len(b)-1] == '}' && json.Valid(b)
}

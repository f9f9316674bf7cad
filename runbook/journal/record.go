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
	"strings"

	"catalog-runbook/runbook"
)

// version is the version of the record format that this program writes.
const version = 1

// maxRecord is the size in bytes of the longest record, including its line end.
const maxRecord = 8 << 20

// errTooLarge is wrapped by the error of Append for a record of more than maxRecord
// bytes. Nothing was written, and the journal is still usable.
var errTooLarge = errors.New("more than 8 MiB")

// Record is an event, its place in the journal and the process that wrote it. Its
// texts are clean.
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

// header holds the members of a record in the file that stand before its event.
type header struct {
	seq  int
	run  string
	host string
	pid  int
	prev string // SHA-256 of the line before, in hex
	kind string // of the event
}

// firstPrev is the prev of the first record.
var firstPrev = strings.Repeat("0", hex.EncodedLen(sha256.Size))

// sumOf returns the prev of the record that follows a line.
func sumOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Every line ends with the checksum of what precedes it.
const (
	sumBegins = `,"crc":"`
	sumEnds   = `"}`
	sumSize   = len(sumBegins) + 8 + len(sumEnds)
)

// appendLine appends the record of an event, which is JSON, with its line end.
func (h header) appendLine(to, event []byte) []byte {
	begin := len(to)
	to = append(h.append(to), event...)
	to = appendSum(to, crc32.Checksum(to[begin:], castagnoli))
	return append(to, '\n')
}

// The names of the members of a record, in their order.
var memberNames = [...]string{`{"v":`, `,"seq":`, `,"run":`, `,"host":`, `,"pid":`, `,"prev":`, `,"type":`, `,"event":`}

// append appends the part of a record before its event.
func (h header) append(to []byte) []byte {
	to = strconv.AppendInt(append(to, memberNames[0]...), version, 10)
	to = strconv.AppendInt(append(to, memberNames[1]...), int64(h.seq), 10)
	to = appendText(append(to, memberNames[2]...), h.run)
	to = appendText(append(to, memberNames[3]...), h.host)
	to = strconv.AppendInt(append(to, memberNames[4]...), int64(h.pid), 10)
	to = appendText(append(to, memberNames[5]...), h.prev)
	to = appendText(append(to, memberNames[6]...), h.kind)
	return append(to, memberNames[7]...)
}

func appendSum(to []byte, sum uint32) []byte {
	return append(fmt.Appendf(append(to, sumBegins...), "%08x", sum), sumEnds...)
}

// appendText appends s as a JSON string, in the only encoding that is valid in a record.
func appendText(to []byte, s string) []byte {
	if strings.IndexFunc(s, func(c rune) bool { return c < '-' || c > 'z' || c == '<' || c == '>' || c == '\\' }) < 0 {
		return append(append(append(to, '"'), s...), '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil { // a string can always be encoded
		panic(err)
	}
	return append(to, quoted...)
}

// parseLine splits a record's line, without its line end, into header and event,
// which it does not decode. The error wraps runbook.ErrNewer if the record is in
// a later form.
func parseLine(line []byte) (h header, event []byte, err error) {
	body, ok := cutSum(line)
	if !ok {
		return header{}, nil, errors.New("the checksum is wrong or missing")
	}
	values, event, ok := members(body)
	// A later form may have other members after this one.
	first, _, _ := bytes.Cut(values[0], []byte(","))
	if v := numberOf(first); v > version {
		return header{}, nil, fmt.Errorf("version %d of the form of records: %w", v, runbook.ErrNewer)
	}
	h = header{numberOf(values[1]), textOf(values[2]), textOf(values[3]), numberOf(values[4]), textOf(values[5]), textOf(values[6])}
	// Decoding is lenient in details. What counts is that the same bytes would be
	// written again.
	if !ok || h.pid < 0 || len(h.prev) != len(firstPrev) || !bytes.Equal(body[:len(body)-len(event)], h.append(nil)) || !isObject(event) {
		return header{}, nil, errors.New("not in the form of a record")
	}
	return h, event, nil
}

// members returns the values before the event and the event. Of a body without
// some member it returns the values up to there. A name can't be part of a value:
// its quotes would be escaped there.
func members(body []byte) (values [len(memberNames) - 1][]byte, event []byte, ok bool) {
	rest, ok := bytes.CutPrefix(body, []byte(memberNames[0]))
	for i := 0; ok && i < len(values); i++ {
		values[i], rest, ok = bytes.Cut(rest, []byte(memberNames[i+1]))
	}
	return values, rest, ok
}

// numberOf returns the number that value holds, 0 if it holds none.
func numberOf(value []byte) int {
	n, _ := strconv.Atoi(string(value))
	return n
}

// textOf returns the text of a JSON string, "" for any other value.
func textOf(value []byte) string {
	if len(value) >= 2 && bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}

// cutSum removes the checksum from a line, and reports whether it is correct.
func cutSum(line []byte) (head []byte, ok bool) {
	if len(line) < sumSize {
		return nil, false
	}
	head, end := line[:len(line)-sumSize], line[len(line)-sumSize:]
	return head, bytes.Equal(end, appendSum(nil, crc32.Checksum(head, castagnoli)))
}

// beginsWithRecord reports whether b begins with a complete record that is followed
// by something other than a line end. A torn line never does; a changed line end
// has that effect.
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

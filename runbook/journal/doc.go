// Package journal keeps the events of runs on disk, and nothing else.
//
// A run is a folder; its journal is a file of JSON lines in it, one record a
// line, that only ever grows:
//
//	{"v":1,"seq":2,"run":"20261123-0912-k3x9","host":"box","pid":7,
//	 "prev":"<SHA-256>","type":"ticked","event":{...},"crc":"0a1b2c3d"}
//
// (in one line). prev is the SHA-256 of the line before with its line end, as
// `sed -n 1p journal | sha256sum` prints it, and 64 zeros in the first record: a
// line that was changed, left out or put in elsewhere breaks the chain. crc is
// the CRC-32C of all bytes before its comma, so that damage is told from a line
// that was never finished. There is exactly one way to write a record, and
// reading accepts no other: that is what makes every changed bit show.
//
// v is the version of this form. Whatever changes about the members around the
// event needs a new number; that v comes first and crc last does not change.
//
// Append returns nil only when the record is on the disk. A line without its
// line end was acknowledged by nobody: Open keeps it in a file of its own and
// cuts it off. All other damage is reported and nothing is appended any more.
package journal

// Package journal keeps the events of runs on disk.
//
// A run is a folder. Its journal is a file in it with one record per line, as
// JSON, that is only appended to:
//
//	{"v":1,"seq":2,"run":"20261123-0912-k3x9","host":"box","pid":7,
//	 "prev":"<SHA-256>","type":"ticked","event":{...},"crc":"0a1b2c3d"}
//
// (on one line). prev is the SHA-256 of the previous line including its line end,
// as printed by `sed -n 1p journal | sha256sum`, and 64 zeros in the first record:
// a line that was changed, removed or moved breaks the chain. crc is the CRC-32C
// of all bytes before its comma; it distinguishes damage from an unfinished line.
// A record has exactly one valid encoding, so every changed bit is detected.
//
// v is the version of this format. Any change to the members around the event
// needs a new version. In all versions, v comes first and crc last.
//
// Append returns nil only once the record is on disk. A last line without a line
// end was never acknowledged: Open moves it to a file of its own. Any other damage
// is reported, and nothing is appended any more.
package journal

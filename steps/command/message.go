package command

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
)

// message is input or a stop request from a front end to a supervisor.
type message struct {
	ID   string `json:"id,omitempty"`
	Data []byte `json:"data,omitempty"`
	Stop Stop   `json:"stop,omitempty"`

	Secret bool `json:"secret,omitempty"`
}

// part is a part of a message, on a line of its own. Several front ends may write to
// the pipe, and a write is atomic only up to PIPE_BUF bytes: 512 by POSIX and on macOS.
type part struct {
	From string `json:"from"` // identifies the message
	Part int    `json:"part"`
	More bool   `json:"more,omitempty"`
	Text []byte `json:"text"`
}

const (
	partText   = 300      // bytes of a message in one part, 400 in base64
	partMost   = 512      // bytes of a part with its line end
	messageMax = 64 << 20 // bytes of a message
	unread     = 64       // incomplete messages
)

// parts encodes a message as lines to be written one by one.
func (m message) parts() ([][]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	from := make([]byte, 8)
	if _, err := rand.Read(from); err != nil {
		return nil, err
	}
	var all [][]byte
	for i := 0; i == 0 || len(text) > 0; i++ {
		n := min(len(text), partText)
		line, err := json.Marshal(part{From: hex.EncodeToString(from), Part: i, More: n < len(text), Text: text[:n]})
		if err != nil {
			return nil, err
		}
		all = append(all, append(line, '\n'))
		text = text[n:]
	}
	return all, nil
}

// receive calls take with each complete message, until reading fails. The parts of
// several messages may be interleaved. receive skips lines that aren't parts.
func receive(from io.Reader, take func(message)) {
	lines := bufio.NewReaderSize(from, partMost)
	open := map[string][]part{}
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
		var f part
		if err != nil || json.Unmarshal(line, &f) != nil {
			continue
		}
		got := open[f.From]
		if f.Part != len(got) || len(got) > messageMax/partText {
			delete(open, f.From)
			continue
		}
		if len(open) > unread {
			clear(open) // their senders have died in the middle of a message
		}
		got = append(got, f)
		if f.More {
			open[f.From] = got
			continue
		}
		delete(open, f.From)
		var text []byte
		for _, p := range got {
			text = append(text, p.Text...)
		}
		var m message
		if json.Unmarshal(text, &m) == nil {
			take(m)
		}
	}
}

package command

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
)

// message is something that a front end tells a supervisor.
type message struct {
	ID   string `json:"id,omitempty"`
	Data []byte `json:"data,omitempty"`
	Stop Stop   `json:"stop,omitempty"`
}

// part is a piece of a message, on a line of its own. A write to a pipe is whole
// and apart from those of others only up to PIPE_BUF bytes, of which POSIX grants
// 512, and macOS no more.
type part struct {
	From string `json:"from"` // by whom, and which of their messages
	Part int    `json:"part"`
	More bool   `json:"more,omitempty"`
	Text []byte `json:"text"`
}

const (
	partText   = 300      // bytes of a message in one part; base64 makes 400 of them
	partMost   = 512      // bytes of a part with its line end
	messageMax = 64 << 20 // bytes of a message
	unread     = 64       // messages that are not whole yet
)

// parts divides a message.
func (l message) parts() ([][]byte, error) {
	text, err := json.Marshal(l)
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

// receive calls take with each message that arrives whole, until nothing more can
// be read. The parts of several senders may be interleaved. Lines that are not
// parts are skipped.
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
			clear(open) // of senders that have gone in the middle of a message
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
		var l message
		if json.Unmarshal(text, &l) == nil {
			take(l)
		}
	}
}

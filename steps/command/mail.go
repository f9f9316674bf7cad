package command

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
)

// letter is something that a front end tells a supervisor.
type letter struct {
	ID   string `json:"id,omitempty"`
	Data []byte `json:"data,omitempty"`
	Stop Stop   `json:"stop,omitempty"`
}

// frame is a part of a letter, on a line of its own. A write to a pipe is whole
// and apart from those of others only up to PIPE_BUF bytes, of which POSIX grants
// 512, and macOS no more.
type frame struct {
	From string `json:"from"` // by whom, and which of their letters
	Part int    `json:"part"`
	More bool   `json:"more,omitempty"`
	Text []byte `json:"text"`
}

const (
	frameText = 300      // bytes of a letter in one frame; base64 makes 400 of them
	frameMost = 512      // bytes of a frame with its line end
	letterMax = 64 << 20 // bytes of a letter
	unread    = 64       // letters that are not whole yet
)

// frames divides a letter.
func (l letter) frames() ([][]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	from := make([]byte, 8)
	if _, err := rand.Read(from); err != nil {
		return nil, err
	}
	var all [][]byte
	for part := 0; part == 0 || len(text) > 0; part++ {
		n := min(len(text), frameText)
		line, err := json.Marshal(frame{From: hex.EncodeToString(from), Part: part, More: n < len(text), Text: text[:n]})
		if err != nil {
			return nil, err
		}
		all = append(all, append(line, '\n'))
		text = text[n:]
	}
	return all, nil
}

// receive calls take with each letter that comes whole, until nothing more can
// be read. Frames of several senders may come among each other. What is no frame
// is skipped.
func receive(from io.Reader, take func(letter)) {
	lines := bufio.NewReaderSize(from, frameMost)
	open := map[string][]frame{}
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
		var f frame
		if err != nil || json.Unmarshal(line, &f) != nil {
			continue
		}
		parts := open[f.From]
		if f.Part != len(parts) || len(parts) > letterMax/frameText {
			delete(open, f.From)
			continue
		}
		if len(open) > unread {
			clear(open) // of senders that have gone in the middle of a letter
		}
		parts = append(parts, f)
		if f.More {
			open[f.From] = parts
			continue
		}
		delete(open, f.From)
		var text []byte
		for _, p := range parts {
			text = append(text, p.Text...)
		}
		var l letter
		if json.Unmarshal(text, &l) == nil {
			take(l)
		}
	}
}

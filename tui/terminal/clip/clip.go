// Package clip puts text on the clipboard: that of the terminal, which also works over ssh, and
// that of the desktop, where the program runs on it.
package clip

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// longest is the length up to which terminals take a text: more than 100,000 characters of
// base64 are dropped by some, and the old text stays there.
const longest = 74994

// piece is the length of what screen passes on at once. It drops longer ones.
const piece = 240

// A Clipboard takes text. Its methods may be called concurrently.
type Clipboard struct {
	Getenv func(string) string
	Send   func(sequence string) error // writes to the terminal
}

// Copy puts the text, which must be masked and clean, on the clipboard and says where it went.
// It may block for toolLimit. Whether a terminal has taken the text can't be known: half of
// them don't, and none says so. Nor is a clipboard ever read: its text would be typed.
func (c Clipboard) Copy(text string) (string, error) {
	if len(text) > longest {
		name, err := keep(text)
		if err != nil {
			return "", err
		}
		return "Too long for a clipboard. Written to " + name, nil
	}
	sent := c.Send(c.sequence(text))
	local := c.local(text)
	n := utf8.RuneCountInString(text)
	switch {
	case sent != nil && local != nil:
		return "", fmt.Errorf("copying: %w", sent)
	case local == nil:
		return fmt.Sprintf("Copied (%d characters)", n), nil
	}
	said := fmt.Sprintf("Sent to the terminal's clipboard (%d characters)", n)
	if c.inTmux() {
		said += "; in tmux, this needs `set -g set-clipboard on`"
	}
	return said, nil
}

// sequence returns what the terminal is told: OSC 52, which tmux reads itself and screen only
// passes on in pieces.
func (c Clipboard) sequence(text string) string {
	sequence := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\x1b\\"
	if c.Getenv("STY") != "" && !c.inTmux() {
		return ansi.ScreenPassthrough("\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(text))+"\a", piece)
	}
	return sequence
}

// inTmux reports whether the terminal is tmux. Inside of it, screen sets TERM to its own.
func (c Clipboard) inTmux() bool {
	kind := c.Getenv("TERM")
	return c.Getenv("TMUX") != "" && (c.Getenv("STY") == "" || strings.HasPrefix(kind, "tmux"))
}

// toolLimit is how long a tool may take to read the text. Some stay, and hand it out.
const toolLimit = 2 * time.Second

// local gives the text to the desktop's tool. Over ssh there is none: it would fill the
// clipboard of the other machine.
func (c Clipboard) local(text string) error {
	tool := c.tool()
	if tool == nil {
		return exec.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.Background(), toolLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool[0], tool[1:]...)
	cmd.Stdin = strings.NewReader(text)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // not stopped with us
	return cmd.Run()
}

// tool returns the command that puts its input on the desktop's clipboard, or nil.
func (c Clipboard) tool() []string {
	if c.Getenv("SSH_CONNECTION") != "" {
		return nil
	}
	var tools [][]string
	if c.Getenv("WAYLAND_DISPLAY") != "" {
		tools = append(tools, []string{"wl-copy"})
	}
	if c.Getenv("DISPLAY") != "" {
		tools = append(tools, []string{"xclip", "-selection", "clipboard"}, []string{"xsel", "--clipboard", "--input"})
	}
	tools = append(tools, []string{"pbcopy"}) // of macOS
	for _, tool := range tools {
		if path, err := exec.LookPath(tool[0]); err == nil {
			return append([]string{path}, tool[1:]...)
		}
	}
	return nil
}

// keep writes the text to a file that only its owner can read, and returns its name.
func keep(text string) (string, error) {
	f, err := os.CreateTemp("", "catalog-runbook-copy-*.txt")
	if err != nil {
		return "", fmt.Errorf("copying: %w", err)
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", fmt.Errorf("copying: %w", err)
	}
	return f.Name(), nil
}

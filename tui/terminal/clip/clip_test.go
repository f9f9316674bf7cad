package clip

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copied copies a text in an environment, and returns what the terminal got.
func copied(t *testing.T, text string, environ map[string]string) (sent, said string) {
	t.Helper()
	c := Clipboard{Getenv: func(name string) string { return environ[name] }, Send: func(sequence string) error {
		sent += sequence
		return nil
	}}
	said, err := c.Copy(text)
	if err != nil {
		t.Fatal(err)
	}
	return sent, said
}

func TestCopy(t *testing.T) {
	t.Setenv("PATH", "")
	plain := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte("just plan é")) + "\x1b\\"
	for name, c := range map[string]struct {
		environ map[string]string
		said    string
	}{
		"bare":                     {said: "Sent to the terminal's clipboard (11 characters)"},
		"a display without a tool": {map[string]string{"DISPLAY": ":0"}, "Sent to the terminal's clipboard (11 characters)"},
		"tmux":                     {map[string]string{"TMUX": "x", "TERM": "screen-256color"}, "Sent to the terminal's clipboard (11 characters); in tmux, this needs `set -g set-clipboard on`"},
	} {
		sent, said := copied(t, "just plan é", c.environ)
		if sent != plain || said != c.said {
			t.Errorf("%s: sent %q and said %q", name, sent, said)
		}
	}
}

// TestCopyInScreen: screen drops what is longer than its pieces.
func TestCopyInScreen(t *testing.T) {
	t.Setenv("PATH", "")
	text := strings.Repeat("A command. ", 200)
	sent, _ := copied(t, text, map[string]string{"STY": "1.pts", "TERM": "screen"})
	var whole strings.Builder
	for _, p := range strings.SplitAfter(sent, "\x1b\\") {
		if p == "" {
			continue
		}
		inner, begins := strings.CutPrefix(p, "\x1bP")
		if inner, ends := strings.CutSuffix(inner, "\x1b\\"); !begins || !ends || len(p) > 300 {
			t.Fatalf("a piece of %d bytes: %q", len(p), p)
		} else {
			whole.WriteString(inner)
		}
	}
	if want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a"; whole.String() != want {
		t.Errorf("the terminal gets %q", whole.String())
	}
}

// TestCopyToADesktop: the tool gets the text where there is a display, and not over ssh.
func TestCopyToADesktop(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	got := filepath.Join(folder, "got")
	if err := os.WriteFile(filepath.Join(folder, "wl-copy"), []byte("#!/bin/sh\ncat >"+got+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	environ := map[string]string{"WAYLAND_DISPLAY": "wayland-0", "SSH_CONNECTION": "somewhere"}
	copied(t, "text", environ)
	if _, err := os.Stat(got); err == nil {
		t.Error("the clipboard of the other machine is filled")
	}
	delete(environ, "SSH_CONNECTION")
	sent, said := copied(t, "text", environ)
	if data, err := os.ReadFile(got); err != nil || string(data) != "text" || said != "Copied (4 characters)" || sent == "" {
		t.Errorf("the tool got %q (%v), and %q was said", data, err, said)
	}
}

func TestCopyTooLong(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	text := strings.Repeat("x", longest+1)
	sent, said := copied(t, text, nil)
	name, ok := strings.CutPrefix(said, "Too long for a clipboard. Written to ")
	data, err := os.ReadFile(name)
	if !ok || err != nil || string(data) != text || sent != "" {
		t.Errorf("said %q, wrote %d bytes (%v)", said, len(data), err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
}

func TestCopyFails(t *testing.T) {
	t.Setenv("PATH", "")
	broken := errors.New("broken")
	c := Clipboard{Getenv: func(string) string { return "" }, Send: func(string) error { return broken }}
	if said, err := c.Copy("text"); !errors.Is(err, broken) || said != "" {
		t.Errorf("%q, %v", said, err)
	}
}

package tui

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	commands "catalog-runbook/steps/command"
	"catalog-runbook/steps/practice/elsewhere"
)

// evil is what nobody wants on a terminal: it would set the clipboard, colour
// the screen, and turn the text round.
const evil = "\x1b]52;c;QQ==\x07\x1b[31m\u202eEVIL\u200b\x1b[2J\u009b5mX\ufe0f"

// evilJSON is evil as it may stand in a JSON string.
const evilJSON = `\u001b]52;c;QQ==\u0007\u001b[31m\u202eEVIL\u200b\u001b[2J\u009b5mX\ufe0f`

// forger makes services answer with hostile text.
type forger struct{ next http.RoundTripper }

func (f forger) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	for _, word := range []string{"metropolitan_museum_reingestion_workflow", "scheduled__", "v1.5.3", "add_license_url"} {
		body = bytes.ReplaceAll(body, []byte(word), []byte(word+evilJSON))
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// forged is a world elsewhere that tells hostile news.
type forged struct{}

func (forged) Acts() []elsewhere.Act {
	return []elsewhere.Act{{ID: "a", Label: "do " + evil, Hint: "hint " + evil, Enabled: true}, {ID: "b", Label: "off " + evil}}
}
func (forged) Do(string) error { return hostileError{} }
func (forged) News() []string  { return []string{"news " + evil + "\n" + evil} }

type hostileError struct{}

func (hostileError) Error() string { return "failed: " + evil }

// TestHostile lets everything that the checklist shows be hostile, and looks at
// every frame of a walk through it.
func TestHostile(t *testing.T) {
	document := strings.Replace(string(runbook.Default()), "# Catalog Deployments", "# Title "+evil, 1)
	document = strings.ReplaceAll(document, "Deployment workflow", "Workflow "+evil+" &#27;]52;c;QQ==&#7;")
	document = strings.ReplaceAll(document, "Make sure", "Make "+evil+" &#27;]52;c;QQ==&#7; [x](http://a.example/"+evil+") `just x "+evil+"` sure")
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {40, 12}} {
		d := practiseWith(t, "busy-dags", runbook.Practice, size.w, size.h, setting{
			document: document,
			base:     func(next http.RoundTripper) http.RoundTripper { return forger{next} },
			executor: func(commands.Executor) commands.Executor {
				return script{func(_ context.Context, io commands.Streams) int {
					io.Output([]byte("output " + evil + "\n\xff\xfe partial " + evil))
					return 1
				}}
			},
		})
		d.m.cfg.World = forged{}
		d.m.cfg.Open = func(string) error { return hostileError{} }
		seen := ""
		look := func(keys ...string) {
			t.Helper()
			d.do(keys...)
			d.pass(openGuard)
			view := d.m.View()
			checkFrame(t, view, size.w, size.h, func() string { return "after " + strings.Join(keys, " ") })
			seen += view
		}
		look()
		look("j", "j", "v")
		look("tab", "pgdown", "G")
		look("esc", "a")
		look("esc", "w")
		look("w", "l")
		look("enter")
		look("esc", "y")
		look("esc", "d")
		look("G")
		look("esc", "W")
		look("enter")
		look("j", "esc")
		look("c")
		look("j", "enter")
		look("esc", "/")
		d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(evil), Paste: true})
		look()
		look("enter")
		look("esc", "c", "g", "enter", "V")
		d.pass(10 * time.Second)
		look("j", "j", "j", "r", "esc")
		if !strings.Contains(seen, "EVIL") {
			t.Fatal("nothing hostile came as far as the screen")
		}
	}
}

// TestHostileOutput prints hostile text from a command.
func TestHostileOutput(t *testing.T) {
	d := running(t, 80, 24, func(_ context.Context, io commands.Streams) int {
		io.Output([]byte("output " + evil + "\nprogress 1\rprogress 2\n\xff\xfe\tpartial " + evil))
		return 1
	})
	d.settle()
	d.sees("output", "progress 2", "partial")
	d.missing("progress 1")
	checkFrame(t, d.m.View(), 80, 24, func() string { return "after the output" })
}

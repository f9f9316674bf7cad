package input_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/creack/pty"

	"catalog-runbook/tui/terminal/input"
)

// heard is a model that tells what it gets.
type heard chan string

func (heard) Init() tea.Cmd { return nil }
func (heard) View() string  { return "" }

func (h heard) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		h <- msg.String()
		if msg.String() == "q" {
			return h, tea.Quit
		}
	case tea.MouseMsg:
		h <- msg.String()
	case input.Reply:
		h <- fmt.Sprintf("%c%s", msg.Kind, msg.Body)
	case tea.FocusMsg, tea.BlurMsg:
		h <- fmt.Sprintf("%T", msg)
	}
	return h, nil
}

// TestProgram runs Bubble Tea on a terminal: it finds one in the Reader, can cancel its read,
// and gets everything in order.
func TestProgram(t *testing.T) {
	file, other, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	defer other.Close()
	h := make(heard, 100)
	var program *tea.Program
	in := input.New(other, func(msg tea.Msg) { program.Send(msg) })
	program = tea.NewProgram(h, tea.WithInput(in), tea.WithOutput(io.Discard), tea.WithoutSignalHandler())
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run()
		ended <- err
	}()
	for _, c := range []struct {
		typed string
		want  []string
	}{
		{"j", []string{"j"}},
		{"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;22c", []string{"]11;rgb:ffff/ffff/ffff", "[?62;22c"}},
		{"\x1b", []string{"esc"}},
		{"\x1b[Ik", []string{"tea.FocusMsg", "k"}},
		{"\x1b[<64;3;4M", []string{"wheel up"}},
		{"\x1b[200~a b\x1b[201~", []string{"[a b]"}},
		{"q", []string{"q"}},
	} {
		if _, err := file.WriteString(c.typed); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			select {
			case got := <-h:
				if got != want {
					t.Errorf("%q: got %q, want %q", c.typed, got, want)
				}
			case <-time.After(time.Minute):
				t.Fatalf("%q: %q doesn't come", c.typed, want)
			}
		}
	}
	begun := time.Now()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 450*time.Millisecond { // its limit for a read that goes on
		t.Errorf("the read couldn't be canceled: the end took %v", took)
	}
}

package help

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"catalog-runbook/cmd/catalog-runbook/appearance"
	"catalog-runbook/tui/text"
)

// widest is the longest line that reads well, in cells.
const widest = 100

// Show writes Markdown: rendered for a terminal, through the pager if there is one, and
// as it is to anything else. The pager is PAGER, else less; "" and "cat" are none.
func Show(out io.Writer, markdown string, getenv func(string) string) error {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		_, err := io.WriteString(out, markdown)
		return err
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 1 {
		width = 80
	}
	lines := text.Markdown(markdown, min(width, widest), appearance.Environment(getenv))
	rendered := strings.Join(lines, "\n") + "\n"
	argv := pager(getenv)
	if len(argv) == 0 || len(lines) < height || !term.IsTerminal(int(os.Stdin.Fd())) {
		_, err := io.WriteString(out, rendered)
		return err
	}
	return throughPager(f, argv, rendered)
}

// pager returns the command that pages, nil for none.
func pager(getenv func(string) string) []string {
	argv := strings.Fields(getenv("PAGER"))
	switch {
	case getenv("TERM") == "dumb" || len(argv) == 1 && argv[0] == "cat":
		return nil
	case len(argv) == 0:
		argv = []string{"less"}
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil
	}
	return append([]string{path}, argv[1:]...)
}

// throughPager runs the pager on a text, until the person leaves it. An interrupt is the
// pager's: most go on after one, and need the terminal for themselves.
func throughPager(out *os.File, argv []string, rendered string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(rendered), out, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv("LESS") == "" {
		cmd.Env = append(cmd.Env, "LESS=FRX") // leave a short text alone, show colours, keep the screen
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	return cmd.Run()
}

package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// built is where programs for tests are.
var built string

// TestMain lets the test binary be the supervisor, as the program is.
func TestMain(m *testing.M) {
	if code, ran := Supervise(os.Args, os.Stdin); ran {
		os.Exit(code)
	}
	var err error
	if built, err = os.MkdirTemp("", "catalog-runbook-command-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(built) // programs at most
		os.Exit(code)
	}))
}

var buildFrontend = sync.OnceValues(func() (string, error) {
	path := filepath.Join(built, "frontend")
	out, err := exec.Command("go", "build", "-tags", "failpoints", "-o", path, "./testdata/frontend").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

// frontend starts a process that runs the command and can be killed. What it
// prints is gathered on the screen.
func frontend(t *testing.T, cmd Command, environ ...string) (*exec.Cmd, *screen) {
	t.Helper()
	if testing.Short() {
		t.Skip("building takes some seconds")
	}
	path, err := buildFrontend()
	if err != nil {
		t.Fatal(err, path)
	}
	s := newScreen()
	front := exec.Command(path, append([]string{cmd.Folder}, cmd.Argv...)...)
	front.Env = append(append([]string{}, cmd.Env...), environ...)
	front.Stdout = writer(s.write)
	if err := front.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { abandon(t, cmd.Folder) })
	return front, s
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

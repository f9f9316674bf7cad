package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/practice"
)

// realDocument is the Openverse Catalog's own DEPLOYMENT.md, which lies beside
// the repository where it may not be copied into it.
const realDocument = "../../../shared/documents/openverse-catalog-DEPLOYMENT.md"

// plans are plans of real programs, as JSON and as text.
const plans = "../../steps/terraform/testdata"

func TestScripts(t *testing.T) {
	document, err := filepath.Abs(realDocument)
	if err != nil {
		t.Fatal(err)
	}
	made, err := filepath.Abs(plans)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REAL_DOCUMENT", document)
			e.Setenv("PLANS", made)
			e.Values[worldKey{}] = &worldHolder{}
			return nil
		},
		Condition: func(c string) (bool, error) {
			if c != "document" {
				return false, fmt.Errorf("there is no condition %q", c)
			}
			_, err := os.Stat(document)
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":     runProgram,
			"walk":    walkPlain,
			"world":   startWorld,
			"act":     act,
			"answers": startServer,
			"bytes":   writeBytes,
		},
	})
}

// runProgram is `run CODE ARG...`: the program must end with this exit code, and
// must not print an escape byte, since its output is no terminal.
func runProgram(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: run CODE [ARG...]")
	}
	if said := execute(ts, args[0], nil, args[1:]); strings.ContainsRune(said, 0x1b) {
		ts.Fatalf("an escape byte is in the output: %q", said)
	}
}

// walkPlain is `walk CODE INPUT ARG...`: a walk that is given a script as its input. What it
// prints must move no cursor and be readable aloud.
func walkPlain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: walk CODE INPUT [ARG...]")
	}
	said := execute(ts, args[0], strings.NewReader(ts.ReadFile(args[1])), args[2:])
	if problem := unreadable(said); problem != "" {
		ts.Fatalf("%s", problem)
	}
}

// execute runs the program and returns what it wrote to both outputs. It must end with an
// exit code.
func execute(ts *testscript.TestScript, code string, input io.Reader, args []string) string {
	want, err := strconv.Atoi(code)
	ts.Check(err)
	path, err := exec.LookPath("catalog-runbook")
	ts.Check(err)
	var out, talk bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environ(ts)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = input, &out, &talk
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	_, _ = io.Copy(ts.Stdout(), bytes.NewReader(out.Bytes()))
	_, _ = io.Copy(ts.Stderr(), bytes.NewReader(talk.Bytes()))
	if code := cmd.ProcessState.ExitCode(); code != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", code, want, out.String(), talk.String())
	}
	return out.String() + talk.String()
}

// unreadable says what in the output of a walk line by line a screen reader or a serial line
// could not take: control characters, boxes, blocks, spinners, Braille patterns and signs
// without a word.
func unreadable(output string) string {
	for n, line := range strings.Split(output, "\n") {
		for _, r := range line {
			switch {
			case unicode.IsControl(r), r >= 0x2500 && r <= 0x25ff, r >= 0x2800 && r <= 0x28ff, strings.ContainsRune("✓✎✗◷¿»≠§▶🔒…→•", r):
				return fmt.Sprintf("line %d has %q: %q", n+1, r, line)
			}
		}
	}
	return ""
}

func TestUnreadable(t *testing.T) {
	for _, bad := range []string{"a\x1b[2Kb", "50%\r60%", "│ box", "⠋ spins", "✓ done", "tab\t", "\x07"} {
		if unreadable("fine\n"+bad) == "" {
			t.Errorf("%q counts as readable", bad)
		}
	}
	if problem := unreadable("Step 1: passed.\n> \"quoted\" - à\n"); problem != "" {
		t.Error(problem)
	}
}

// passedOn are the variables that the program may see in a script.
var passedOn = []string{"CATALOG_RUNBOOK_FILE", "CATALOG_RUNBOOK_THEME", "CATALOG_RUNBOOK_WAIT", "PATH", "HOME", "TMPDIR", "GH_TOKEN", "GITHUB_TOKEN", "AIRFLOW_PASSWORD", "AIRFLOW_TOKEN", "PROXY_SECRET", "XDG_STATE_HOME", "ACCESSIBLE", "NO_COLOR", "CLICOLOR_FORCE", "DOCKER_CONFIG", "TERM"}

func environ(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range passedOn {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

type worldKey struct{}

// startWorld is `world SCENARIO`: a practice world, settings that lead to it,
// and the credentials that it wants.
func startWorld(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: world SCENARIO")
	}
	w, err := practice.Start(args[0], practice.Options{})
	ts.Check(err)
	ts.Defer(func() {
		if err := w.Close(); err != nil {
			ts.Logf("closing the world: %v", err)
		}
	})
	ts.Value(worldKey{}).(*worldHolder).world = w
	ts.Check(os.WriteFile(ts.MkAbs(settings.FileName), []byte(worldSettings(w)), 0o600))
	ts.Setenv("GH_TOKEN", w.GitHubToken())
	ts.Setenv("AIRFLOW_PASSWORD", w.AirflowPassword())
}

func worldSettings(w *practice.World) string {
	return fmt.Sprintf(`[github]
api_url = %q
repository = %q
[image]
reference = %q
plain_http = true
[airflow]
url = %q
username = %q
[infrastructure]
directory = %q
`, w.GitHubURL(), w.Repository(), w.Image(), w.AirflowURL(), w.AirflowUser(), w.InfrastructureDir())
}

type worldHolder struct{ world *practice.World }

// act is `act ID`: what a person does elsewhere.
func act(ts *testscript.TestScript, neg bool, args []string) {
	holder := ts.Value(worldKey{}).(*worldHolder)
	if neg || len(args) != 1 || holder.world == nil {
		ts.Fatalf("usage: act ID, after world")
	}
	ts.Check(holder.world.Do(args[0]))
}

// startServer is `answers STATUS`: a server that gives every request this
// status and nothing else, and settings that take it for all services.
func startServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: answers STATUS")
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "{}")
	}))
	ts.Defer(s.Close)
	ts.Check(os.WriteFile(ts.MkAbs(settings.FileName), fmt.Appendf(nil, "[github]\napi_url = %q\n[airflow]\nurl = %q\n", s.URL, s.URL), 0o600))
}

// writeBytes is `bytes FILE QUOTED`: a file that an archive of text cannot hold.
func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bytes FILE QUOTED")
	}
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

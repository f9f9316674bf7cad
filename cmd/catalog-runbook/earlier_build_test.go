package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// earlierBuild holds a run of the build of commit 842179f and what that build
// says about it. The script make in it says how it was made.
const earlierBuild = "testdata/run-842179f"

// earlierRun unpacks the run and returns what XDG_STATE_HOME is to name.
func earlierRun(t *testing.T) string {
	t.Helper()
	state := t.TempDir()
	f, err := os.Open(filepath.Join(earlierBuild, "runs.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(unzipped); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return state
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := unpack(filepath.Join(state, "catalog-runbook", h.Name), h, archive); err != nil {
			t.Fatal(err)
		}
	}
}

func unpack(path string, h *tar.Header, data io.Reader) error {
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(path, 0o700)
	case tar.TypeSymlink:
		return os.Symlink(h.Linkname, path)
	case tar.TypeFifo:
		return syscall.Mkfifo(path, 0o600)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, h.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(f, data)
	return errors.Join(err, f.Close())
}

// An earlier build's run is reported, byte for byte, as that build reports it. Only
// words were edited since: in report.md of the head and of the table of commands, and in both of
// a step that failed because it was still to do. How long a step took counts from what was first
// done or stated about it, no longer from when it was first verified.
func TestReportOfAnEarlierBuild(t *testing.T) {
	t.Parallel()
	state := earlierRun(t)
	for name, args := range map[string][]string{
		"report.json": {"report", "--json"},
		"report.md":   {"report"},
		"runs.json":   {"runs", "--json"},
	} {
		code, out, talk := ask(t, state, args...)
		if want := readFile(t, filepath.Join(earlierBuild, name)); code != 0 || talk != "" || out != want {
			t.Errorf("%q: exit code %d, %s\ngot\n%s\nwant\n%s", args, code, talk, out, want)
		}
	}
}

// An earlier build's run is resumed where it was left, and comes to its end. Its
// plan was removed when that build quit, so it is made again.
func TestResumeOfAnEarlierBuild(t *testing.T) {
	t.Parallel()
	state := earlierRun(t)
	term := onTerminal(t, 120, 40, []string{"XDG_STATE_HOME=" + state}, []string{"resume"}, nil)
	term.waitFor("PRACTICE calm", "release v1.5.4 ·", "✓ 4", "of 7 done")
	term.insist("V", "4 of 7 done")
	term.typeIn("n")
	term.waitFor("Step 5")
	term.confirm("prod")
	term.waitFor("plan of just plan prod catalog-airflow")
	term.insist(pageDown, "Press t to confirm")
	term.typeIn("t")
	term.waitFor("r to run `just apply prod")
	term.confirm("prod 1")
	term.waitFor("5 of 7 done")
	term.typeIn("q")
	if code := term.end(); code != exitOpen { // Airflow isn't back yet
		t.Errorf("exit code %d", code)
	}
	code, out, _ := ask(t, state, "report")
	for _, want := range []string{"mar@desk", "began `just bump prod catalog-airflow`", "began `just apply prod catalog-airflow`", "5 of 7 steps are done", "See that Airflow is back (added by the program)"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

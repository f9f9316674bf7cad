package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/doctor"
)

// A command in doubt in the checkout is in the way of every other.
func TestDoctorTellsOfACommandInDoubt(t *testing.T) {
	state := t.TempDir()
	r := begunRun(t, state, runbook.Live, november)
	s := streams{getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] }}
	ask := func(checkout string) (folder, doubt doctor.Finding) {
		t.Helper()
		all := runsQuestion(s, checkout).Ask(t.Context())
		if len(all) != 2 || all[0].ID != "runs" || all[1].ID != "runs.unsettled" {
			t.Fatalf("found %+v", all)
		}
		return all[0], all[1]
	}
	folder, doubt := ask("/srv/infrastructure")
	if folder.State != doctor.OK || !strings.Contains(folder.Found.String(), "1 run in "+state) || doubt.State != doctor.OK {
		t.Errorf("found %+v and %+v", folder, doubt)
	}
	r.begins(planID, "apply").doubts("apply")
	if _, doubt = ask("/srv/infrastructure"); doubt.State != doctor.Wrong || !doubt.Needed || doubt.Next.String() != "`catalog-runbook resume "+r.journal.ID()+"`" {
		t.Errorf("found %+v", doubt)
	}
	if _, doubt = ask("/srv/another"); doubt.State != doctor.OK {
		t.Errorf("in another checkout, found %+v", doubt)
	}
	if all := runsQuestion(s, "").Ask(t.Context()); len(all) != 1 {
		t.Errorf("without a checkout, found %+v", all)
	}
}

func TestRoom(t *testing.T) {
	for bytes, want := range map[uint64]string{0: "0 MiB", 255 << 20: "255 MiB", 3 << 29: "1.5 GiB", 40 << 30: "40 GiB"} {
		if got := room(bytes); got != want {
			t.Errorf("%d bytes are %s, want %s", bytes, got, want)
		}
	}
}

// Whoever can write to the runs' folder, or put another in its place, decides what is
// applied: doctor says so, and no command of a live run starts.
func TestAnExposedRunsFolder(t *testing.T) {
	state := t.TempDir()
	r := begunRun(t, state, runbook.Live, november)
	s := streams{getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] }}
	may := (&openRun{runsIn(state), r.journal}).options(steps.Options{}).Unsettled
	for _, exposed := range []string{runsIn(state).store.Dir, filepath.Dir(runsIn(state).store.Dir), state} {
		if folder := runsQuestion(s, "").Ask(t.Context())[0]; folder.State != doctor.OK {
			t.Errorf("before, doctor found %+v", folder)
		}
		if err := may("/srv/infrastructure"); err != nil {
			t.Errorf("before, a command may not start: %v", err)
		}
		info, err := os.Stat(exposed)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(exposed, 0o777); err != nil {
			t.Fatal(err)
		}
		folder := runsQuestion(s, "").Ask(t.Context())[0]
		if folder.State != doctor.Wrong || !folder.Needed || folder.Next.String() != "run `chmod go-w "+exposed+"`" || !strings.Contains(folder.Found.String(), exposed+" can be changed by everyone") {
			t.Errorf("doctor found %+v", folder)
		}
		if err := may("/srv/infrastructure"); err == nil || !strings.Contains(err.Error(), "; hint: run `chmod go-w "+exposed+"`") {
			t.Errorf("a command may start: %v", err)
		}
		if err := os.Chmod(exposed, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
}

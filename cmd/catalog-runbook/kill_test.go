package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/just"
)

// kills is how often the walk is killed. The few of every day find what is
// badly broken; .ci/run asks for 500, and 10,000 take a night.
var kills = flag.Int("kills", 4, "how often TestKillLoop kills a walk")

// killing is a place to walk in: a practice world that stays, whose commands are
// counted, and a state folder.
type killing struct {
	t       *testing.T
	dir     string
	environ []string
	log     string // one line for each command that was run: attempt and recipe
	state   string
	world   *practice.World
}

func newKilling(t *testing.T) *killing {
	t.Helper()
	var ahead atomic.Int64
	w, err := practice.Start("calm", practice.Options{Instant: true, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	ahead.Store(int64(time.Minute)) // its image has come long ago
	k := &killing{t: t, world: w, dir: t.TempDir(), state: t.TempDir()}
	k.log = filepath.Join(k.dir, "log")
	k.write(settings.FileName, 0o600, worldSettings(w)+"\n[plan]\napply = \"asks\"\n")
	// Without a saved plan apply asks, which is one more moment to be killed at.
	k.write("bin/just", 0o700, fmt.Sprintf("#!/bin/sh\nunset TF_CLI_ARGS_plan\n[ -z \"$CATALOG_RUNBOOK_ATTEMPT\" ] || echo \"$CATALOG_RUNBOOK_ATTEMPT $1\" >>%q\nexec %q \"$@\"\n", k.log, realJust(t, w)))
	for _, entry := range w.Environ() {
		if !strings.HasPrefix(entry, "PATH=") {
			k.environ = append(k.environ, entry)
		}
	}
	k.environ = append(k.environ, "PATH="+filepath.Join(k.dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"XDG_STATE_HOME="+k.state, "GH_TOKEN="+w.GitHubToken(), "AIRFLOW_PASSWORD="+w.AirflowPassword(),
		just.PaceVariable+"=0.1", "GORACE=atexit_sleep_ms=0")
	return k
}

// realJust is the practice world's own.
func realJust(t *testing.T, w *practice.World) string {
	t.Helper()
	for _, entry := range w.Environ() {
		if dir, ok := strings.CutPrefix(entry, "PATH="); ok {
			return filepath.Join(dir, "just")
		}
	}
	t.Fatal("the practice world has no PATH")
	return ""
}

func (k *killing) write(name string, mode os.FileMode, text string) {
	k.t.Helper()
	path := filepath.Join(k.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		k.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		k.t.Fatal(err)
	}
}

// start walks on in a process of its own.
func (k *killing) start(program string, environ ...string) (*exec.Cmd, *acks) {
	k.t.Helper()
	cmd := exec.Command(program)
	cmd.Args[0] = "headless-walk"
	cmd.Dir, cmd.Env = k.dir, append(slices.Clone(k.environ), environ...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	a := &acks{read: make(chan struct{})}
	go a.gather(out)
	return cmd, a
}

// acks is what a walk has said, once read is closed.
type acks struct {
	kept  int // the highest record that was acknowledged
	lines []string
	read  chan struct{}
}

func (a *acks) gather(out io.Reader) {
	defer close(a.read)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var seq int
		var kind string
		if n, _ := fmt.Sscanf(lines.Text(), "ack %d %s", &seq, &kind); n == 2 {
			a.kept = seq
		}
		a.lines = append(a.lines, lines.Text())
	}
}

// history reads the run's journal, nil where none has been begun.
func (k *killing) history() *journal.History {
	k.t.Helper()
	store := journal.Store{Dir: filepath.Join(k.state, "catalog-runbook", "runs")}
	ids, err := store.List()
	if err != nil {
		k.t.Fatal(err)
	}
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > 1 {
		k.t.Fatalf("there are %d runs, want one", len(ids))
	}
	h, err := store.Read(ids[0])
	if err != nil {
		k.t.Fatal(err)
	}
	return h
}

// holds fails if a record was lost, or a command run twice or without its
// intent; it returns what was run.
func (k *killing) holds(a *acks) []string {
	k.t.Helper()
	<-a.read
	intents := map[string]bool{}
	if h := k.history(); h != nil {
		if h.Damage != nil {
			k.t.Fatalf("the journal is damaged in line %d: %s", h.Damage.Line, h.Damage.Text)
		}
		if len(h.Records) < a.kept {
			k.t.Fatalf("%d records are kept, %d were acknowledged", len(h.Records), a.kept)
		}
		for _, r := range h.Records {
			if e, ok := r.Event.(runbook.EffectStarted); ok {
				intents[h.ID+"/"+e.Attempt] = true
			}
		}
	} else if a.kept > 0 {
		k.t.Fatalf("no run is kept, %d records were acknowledged", a.kept)
	}
	log, err := os.ReadFile(k.log)
	if err != nil && !os.IsNotExist(err) {
		k.t.Fatal(err)
	}
	ran := strings.Fields(string(log))
	seen := map[string]bool{}
	var recipes []string
	for i := 0; i+1 < len(ran); i += 2 {
		if seen[ran[i]] {
			k.t.Fatalf("%s was run twice:\n%s", ran[i], log)
		}
		if !intents[ran[i]] {
			k.t.Fatalf("%s was run, and its intent is not on record:\n%s", ran[i], log)
		}
		seen[ran[i]] = true
		recipes = append(recipes, ran[i+1])
	}
	return recipes
}

// supervisor returns the process that supervises the newest command, 0 where
// none is known.
func (k *killing) supervisor() int {
	claims, _ := filepath.Glob(filepath.Join(k.state, "catalog-runbook", "runs", "*", "*", "claim"))
	if len(claims) == 0 {
		return 0
	}
	slices.Sort(claims)
	newest := claims[len(claims)-1]
	if _, err := os.Stat(filepath.Join(filepath.Dir(newest), "exit")); err == nil {
		return 0 // it has ended, and its number may be another process's
	}
	data, err := os.ReadFile(newest)
	if err != nil {
		return 0
	}
	var claim struct {
		By  string `json:"by"`
		PID int    `json:"pid"`
	}
	if json.Unmarshal(data, &claim) != nil || claim.By != "supervisor" {
		return 0
	}
	return claim.PID
}

func (k *killing) close() {
	if err := k.world.Close(); err != nil {
		k.t.Error(err)
	}
}

// TestKillLoop kills walks at random moments, and now and then what supervises
// their commands. No record that was acknowledged is lost, no command is run
// twice, and every walk comes to its end.
func TestKillLoop(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	killed, supervisors, walks, doubts, ran := 0, 0, 0, 0, map[string]int{}
	for killed < *kills {
		k := newKilling(t)
		for ended := false; !ended; {
			cmd, a := k.start(program)
			exited := make(chan error, 1)
			go func() { <-a.read; exited <- cmd.Wait() }()
			after := time.NewTimer(time.Duration(rand.Int64N(int64(700 * time.Millisecond))))
			if killed >= *kills {
				after.Reset(time.Hour)
			}
			select {
			case err := <-exited:
				after.Stop()
				if err != nil {
					t.Fatalf("the walk ended badly: %v\n%s", err, strings.Join(a.lines, "\n"))
				}
				ended = true
			case <-after.C:
				if pid := k.supervisor(); pid > 0 && rand.IntN(8) == 0 {
					supervisors++
					_ = syscall.Kill(pid, syscall.SIGKILL) // gone already, more often than not
				}
				_ = cmd.Process.Kill()
				<-exited
				killed++
			}
			k.holds(a)
			for _, line := range a.lines {
				if strings.HasPrefix(line, "doubt ") {
					doubts++
				}
			}
			if ended {
				walks++
				for _, recipe := range k.holds(a) {
					ran[recipe]++
				}
			}
		}
		k.close()
	}
	t.Logf("%d walks, killed %d times, %d supervisors shot at, %d commands in doubt; run: %v", walks, killed, supervisors, doubts, ran)
	if walks > 0 && (ran["apply"] == 0 || ran["bump"] < walks) {
		t.Errorf("run: %v in %d walks: too little to prove anything", ran, walks)
	}
}

package journal

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// long makes the tests that try many cases try all that .ci/run tries.
var long = flag.Bool("long", false, "try as many cases as .ci/run does")

// TestMain runs another process of a test if the environment says so.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOURNAL_TEST_RACER"); dir != "" {
		race(Store{Dir: dir}, os.Stdin, os.Stdout)
		return
	}
	os.Exit(m.Run())
}

// race obeys one line at a time: "open RUN", "append TEXT", "close". It answers
// with one line.
func race(s Store, in io.Reader, out io.Writer) {
	h := Holder{Actor: "racer", Host: "box", PID: os.Getpid(), Since: time.Now()}
	var j *Journal
	for orders := bufio.NewScanner(in); orders.Scan(); {
		order, what, _ := strings.Cut(orders.Text(), " ")
		var err error
		switch order {
		case "open":
			j, _, err = s.Open(what, h)
		case "append":
			err = j.Append(note(what))
		case "close":
			err = j.Close()
		}
		var held *HeldError
		switch {
		case errors.As(err, &held):
			fmt.Fprintln(out, "held", held.Holder.PID)
		case err != nil:
			fmt.Fprintln(out, "failed", err)
		default:
			fmt.Fprintln(out, "done")
		}
	}
}

// racer is a process that opens runs.
type racer struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Reader
}

func startRacer(t *testing.T, s Store) *racer {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_TEST_RACER="+s.Dir)
	cmd.Stderr = os.Stderr
	orders, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &racer{cmd, orders, bufio.NewReader(answers)}
	t.Cleanup(r.kill)
	return r
}

func (r *racer) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

func (r *racer) order(t *testing.T, text string) {
	t.Helper()
	if _, err := fmt.Fprintln(r.orders, text); err != nil {
		t.Fatal(err)
	}
}

func (r *racer) answer(t *testing.T) string {
	t.Helper()
	line, err := r.answers.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func (r *racer) must(t *testing.T, order string) {
	t.Helper()
	r.order(t, order)
	if got := r.answer(t); got != "done" {
		t.Fatalf("%s: %s", order, got)
	}
}

// TestOneWriter lets two processes race for a run. One of them gets it, and the other
// learns who has it. Every fortieth time, the one that has it is killed.
func TestOneWriter(t *testing.T) {
	races := 100
	if *long {
		races = 1000
	}
	_, s, id := written(t)
	both := [2]*racer{startRacer(t, s), startRacer(t, s)}
	var won [2]int
	named := 0
	for n := range races {
		if n > 0 && n%50 == 0 { // a long journal would only take time to read
			recorded(t, s, id, 50)
			j, err := s.Create(me())
			if err != nil {
				t.Fatal(err)
			}
			id = j.ID()
			j.Close()
		}
		for i := range both {
			both[(n+i)%2].order(t, "open "+id)
		}
		answers := [2]string{both[0].answer(t), both[1].answer(t)}
		winner := 0
		if answers[1] == "done" {
			winner = 1
		}
		loser := 1 - winner
		if answers[winner] != "done" || !strings.HasPrefix(answers[loser], "held ") {
			t.Fatalf("race %d: %q", n, answers)
		}
		if answers[loser] == fmt.Sprint("held ", both[winner].cmd.Process.Pid) {
			named++ // else the winner had not yet written who it is
		}
		won[winner]++
		both[winner].must(t, fmt.Sprint("append ", n))
		both[loser].order(t, "open "+id)
		if got := both[loser].answer(t); got != fmt.Sprint("held ", both[winner].cmd.Process.Pid) {
			t.Fatalf("race %d: to the second try: %s", n, got)
		}
		if n%40 == 39 {
			both[winner].kill()
			both[winner] = startRacer(t, s)
		} else {
			both[winner].must(t, "close")
		}
	}
	recorded(t, s, id, 50)
	if won[0] == 0 || won[1] == 0 || named == 0 {
		t.Errorf("won %v, %d losers knew to whom: that is no race", won, named)
	}
}

func recorded(t *testing.T, s Store, id string, want int) {
	t.Helper()
	if h, err := s.Read(id); err != nil || h.Notice() != "" || len(h.Records) != want {
		t.Fatalf("%d records and not %d, %s, %v", len(h.Records), want, h.Notice(), err)
	}
}

// TestKilledWhileAppending kills a process at any moment. What it has said to be
// on the disk is there, in one run and one chain.
func TestKilledWhileAppending(t *testing.T) {
	kills := 6
	if *long {
		kills = 60
	}
	_, s, id := written(t)
	records := 0
	for n := range kills {
		r := startRacer(t, s)
		r.must(t, "open "+id)
		end := time.Now().Add(time.Duration(rand.IntN(8000)) * time.Microsecond)
		timer := time.AfterFunc(time.Until(end), func() { _ = r.cmd.Process.Kill() })
		acked := 0
		for {
			if _, err := fmt.Fprintf(r.orders, "append %d.%d\n", n, acked); err != nil {
				break
			}
			line, err := r.answers.ReadString('\n')
			if err != nil {
				break
			}
			if line != "done\n" {
				t.Fatal(line)
			}
			acked++
		}
		timer.Stop()
		r.kill()
		j, h, err := s.Open(id, me())
		if err != nil || j.Err() != nil {
			t.Fatal(err, j.Err())
		}
		if now := len(h.Records); now < records+acked || now > records+acked+1 {
			t.Fatalf("kill %d: %d records, %d acknowledged after %d", n, now, acked, records)
		}
		records = len(h.Records)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d records after %d kills", records, kills)
}

// TestFailPoints ends a process at the named places of an Append.
func TestFailPoints(t *testing.T) {
	program := filepath.Join(t.TempDir(), "append")
	if out, err := exec.Command("go", "build", "-tags", "failpoints", "-o", program, "./testdata/append").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		point   string
		records int // 0 or 1 more than were acknowledged
	}{
		{"journal:write", 0},
		{"journal:sync", 1},
		{"journal:synced", 1},
	} {
		t.Run(c.point, func(t *testing.T) {
			_, s, id := written(t)
			cmd := exec.Command(program, s.Dir, id)
			cmd.Env = append(os.Environ(), "CATALOG_RUNBOOK_FAILPOINT="+c.point+"@3")
			var talk bytes.Buffer
			cmd.Stderr = &talk
			out, err := cmd.Output()
			if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGKILL {
				t.Fatalf("ended with %v, %v: %s", status, err, talk.String())
			}
			if acked := strings.Count(string(out), "on the disk"); acked != 2 {
				t.Errorf("%d records were acknowledged, and not 2", acked)
			}
			h, err := s.Read(id)
			if err != nil || h.Notice() != "" || len(h.Records) != 2+c.records {
				t.Errorf("%d records, %s, %v; want %d", len(h.Records), h.Notice(), err, 2+c.records)
			}
			if _, held, err := s.Holder(id); held || err != nil {
				t.Errorf("the dead process still holds it: %v", err)
			}
		})
	}
}

package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

var begin = time.Date(2026, 11, 23, 9, 12, 30, 0, time.UTC)

func me() Holder { return Holder{Actor: "zack", Host: "box", PID: os.Getpid(), Since: begin} }

func newStore(t testing.TB) Store { return Store{Dir: filepath.Join(t.TempDir(), "state", "runs")} }

// realEvents returns a walk of twenty events, one of every type among them.
func realEvents() []runbook.Event {
	at := begin
	head := func() runbook.Head {
		at = at.Add(17*time.Second + 123456789)
		return runbook.Head{At: at, Actor: clean.Line("zack")}
	}
	found := runbook.Result{
		Verdict: runbook.Passed, Summary: clean.Line("the image v2026.11.23 is there: <sha256:4f…>"),
		Evidence: []runbook.Evidence{{Name: clean.Line("digest"), Value: clean.Line("sha256:4f53cda18c2baa0c"), Source: clean.Line("https://ghcr.io/v2/x"), At: at}},
		Facts:    runbook.Facts{"image.digest": "sha256:4f53cda18c2baa0c", "raw": "\x1b[31m\n"},
	}
	argv := []string{"just", "apply", "prod", "catalog-airflow"}
	const plan, apply = "plan-and-apply/1", "apply"
	return []runbook.Event{
		runbook.Started{Head: head(), Mode: runbook.Live, Environment: clean.Line("prod"), Document: clean.Line("DEPLOYMENT.md"), DocumentHash: "9f86d081",
			Source: "/home/zack/DEPLOYMENT.md", Text: "# Deployment\n\n1. Release 🔒\n\u2028"},
		runbook.ReleaseChosen{Head: head(), Tag: "v2026.11.23"},
		runbook.Filled{Head: head(), Name: "ENVIRONMENT", Value: "prod", Steps: []document.StepID{plan}, Environment: clean.Line("prod")},
		runbook.AccessSeen{Head: head(), Granted: true, Text: clean.Line("a maintainer")},
		runbook.Checked{Head: head(), Step: "image/1", Result: found},
		runbook.Ticked{Head: head(), Step: "read/1", Hash: "abc", Note: clean.Line(`says "so" \ & <more>`)},
		runbook.Unticked{Head: head(), Step: "read/1"},
		runbook.Skipped{Head: head(), Step: "read/1", Reason: clean.Line("nothing to read")},
		runbook.Overridden{Head: head(), Step: "idle/1", Reason: clean.Line("known"), Names: "a\nb"},
		runbook.EffectStarted{Head: head(), Step: plan, Effect: "plan", Argv: argv, Dir: "/srv/infra", Attempt: "effect-1"},
		runbook.EffectFinished{Head: head(), Step: plan, Effect: "plan", Result: found},
		runbook.Judged{Head: head(), Step: plan, Effect: "plan", Hash: "777"},
		runbook.Confirmed{Head: head(), Step: plan, Effect: apply, Phrase: "apply prod"},
		runbook.EffectStarted{Head: head(), Step: plan, Effect: apply, Argv: argv, Dir: "/srv/infra", Attempt: "effect-2"},
		runbook.Resumed{Head: head(), DocumentHash: "9f86d081", Changed: []document.StepID{"read/1"}},
		runbook.EffectDoubted{Head: head(), Step: plan, Effect: apply, Text: clean.Line("begun at 09:13")},
		runbook.EffectVoided{Head: head(), Step: plan, Effect: "plan", Text: clean.Line("it is gone")},
		runbook.Settled{Head: head(), Step: plan, Effect: apply, Done: true, Reason: clean.Line("the plan is empty")},
		runbook.Pretended{Head: head(), Step: plan, Effect: apply, Argv: argv},
		runbook.Checked{Head: head(), Step: "runs/1", Result: runbook.Result{Verdict: runbook.Unknown, Summary: clean.Line("403"), Denied: true}},
		runbook.EffectFinished{Head: head(), Step: plan, Effect: apply, Exit: -1, Problem: clean.Line("not found"), Adopted: true},
		runbook.Ticked{Head: head(), Step: "last/1", Hash: "def"},
	}
}

// note returns an event that is recognisable by its text.
func note(text string) runbook.Event {
	return runbook.Ticked{Head: runbook.Head{At: begin, Actor: clean.Line("zack")}, Step: "s", Note: clean.Line(text)}
}

func notes(records []Record) []string {
	texts := []string{}
	for _, r := range records {
		texts = append(texts, r.Event.(runbook.Ticked).Note.String())
	}
	return texts
}

// written returns the bytes of a journal with these events, and its run.
func written(t testing.TB, events ...runbook.Event) (data []byte, s Store, id string) {
	t.Helper()
	s = newStore(t)
	j, err := s.Create(me())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	data, err = os.ReadFile(filepath.Join(j.Folder(), fileName))
	if err != nil {
		t.Fatal(err)
	}
	return data, s, j.ID()
}

func TestAppendAndRead(t *testing.T) {
	events := realEvents()
	data, s, id := written(t, events...)
	h, err := s.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	if h.ID != id || h.Notice() != "" || len(h.Records) != len(events) {
		t.Fatalf("%d records of %d, %s: %s", len(h.Records), len(events), h.ID, h.Notice())
	}
	for i, r := range h.Records {
		if r.Seq != i+1 || r.Host != "box" || r.PID != os.Getpid() {
			t.Errorf("record %d: %d, %s, %d", i+1, r.Seq, r.Host, r.PID)
		}
		if !reflect.DeepEqual(r.Event, events[i]) {
			t.Errorf("record %d:\n got %#v\nwant %#v", i+1, r.Event, events[i])
		}
	}
	// A second process continues where the first ended.
	j, _, err := s.Open(id, Holder{Actor: "ann", Host: "other", PID: 7, Since: begin})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.Append(note("more")); err != nil {
		t.Fatal(err)
	}
	if h, err = s.Read(id); err != nil || len(h.Records) != len(events)+1 || h.Records[len(events)].Host != "other" {
		t.Errorf("after going on: %d records, %v", len(h.Records), err)
	}
	if longer, _ := os.ReadFile(filepath.Join(j.Folder(), fileName)); !bytes.HasPrefix(longer, data) {
		t.Error("what was there has changed")
	}
}

// TestForm pins the form of a record as others than this program read it.
func TestForm(t *testing.T) {
	data, _, id := written(t, note("one"), note("two"))
	all := strings.SplitAfter(string(data), "\n")
	first := `{"v":1,"seq":1,"run":"` + id + `","host":"box","pid":` + fmt.Sprint(os.Getpid()) + `,"prev":"` + strings.Repeat("0", 64) +
		`","type":"ticked","event":{"at":"2026-11-23T09:12:30Z","actor":"zack","step":"s","hash":"","note":"one"},"crc":"`
	if len(all) != 3 || all[2] != "" || !strings.HasPrefix(all[0], first) || len(all[0]) != len(first)+len("01234567\"}\n") {
		t.Fatalf("got %s", data)
	}
	for i, line := range all[:2] {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil || len(members) != 9 || members["seq"] != float64(i+1) {
			t.Errorf("line %d: %v, %v", i+1, members, err)
		}
	}
	if _, err := exec.LookPath("sha256sum"); err == nil {
		cmd := exec.Command("sha256sum")
		cmd.Stdin = strings.NewReader(all[0])
		out, err := cmd.Output()
		if err != nil || !strings.Contains(all[1], `"prev":"`+strings.Fields(string(out))[0]+`"`) {
			t.Errorf("the second line does not name %s, %v", out, err)
		}
	}
	// The check value of CRC-32C for "123456789".
	if line := string(appendSum(nil, 0xe3069283)); line != `,"crc":"e3069283"}` {
		t.Errorf("got %s", line)
	}
	if _, ok := cutSum([]byte(`123456789,"crc":"e3069283"}`)); !ok {
		t.Error("the checksum is not CRC-32C")
	}
}

func TestAppendConcurrently(t *testing.T) {
	s := newStore(t)
	j, err := s.Create(me())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 10 {
				if err := j.Append(note(fmt.Sprint(i, k))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if h, err := s.Read(j.ID()); err != nil || h.Notice() != "" || len(h.Records) != 80 {
		t.Errorf("%d records, %v", len(h.Records), err)
	}
}

func TestAppendRefuses(t *testing.T) {
	s := newStore(t)
	j, err := s.Create(me())
	if err != nil {
		t.Fatal(err)
	}
	huge := runbook.Started{Text: strings.Repeat("x", maxRecord)}
	if err := j.Append(huge); !errors.Is(err, errTooLarge) || !strings.Contains(err.Error(), "started") {
		t.Errorf("too large: %v", err)
	}
	if err := j.Append(nil); err == nil {
		t.Error("no event was recorded")
	}
	if err := j.Append(dreamt{}); err == nil {
		t.Error("an event was recorded that cannot be read back")
	}
	largest := runbook.Started{Text: strings.Repeat("x", maxRecord-1024)}
	if err := j.Append(largest); err != nil || j.Err() != nil {
		t.Errorf("what was refused has broken the journal: %v, %v", err, j.Err())
	}
	if err := j.Append(note("two")); err != nil {
		t.Error(err)
	}
	if err := errors.Join(j.Close(), j.Close()); err != nil {
		t.Error(err)
	}
	if err := j.Append(note("three")); !errors.Is(err, errClosed) || !errors.Is(j.Err(), errClosed) {
		t.Errorf("after Close: %v", err)
	}
	h, err := s.Read(j.ID())
	if err != nil || len(h.Records) != 2 || h.Notice() != "" {
		t.Errorf("%d records, %s, %v", len(h.Records), h.Notice(), err)
	}
}

// dreamt is an event that runbook does not know.
type dreamt struct{ runbook.Head }

func (dreamt) Type() string { return "dreamt" }

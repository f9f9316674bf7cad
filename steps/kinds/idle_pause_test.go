package kinds_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// hangar is an Airflow 3 with some DAGs, which answers nothing but what pausing them needs.
type hangar struct {
	t  *testing.T
	mu sync.Mutex

	paused  map[string]bool
	next    map[string]time.Duration // until the next run, of those with a schedule
	running []string                 // DAGs with an active run
	down    bool                     // nothing is answered any more
	// change answers a PATCH: with a status, or 0 for no answer, and says whether the
	// DAG is changed all the same. nil is a server that does what it is asked.
	change  func(dag string) (status int, changed bool)
	changes []string // every PATCH, in order: "pause a"
}

func (h *hangar) row(id string) fake.Object {
	var next any
	if in, ok := h.next[id]; ok {
		next = fake.Stamp(fake.Moment.Add(in))
	}
	row := fake.Object{"dag_id": id, "is_paused": h.paused[id], "is_stale": false, "has_import_errors": false, "next_dagrun_run_after": next}
	if strings.HasPrefix(id, "fed_") {
		row["timetable_summary"] = "Asset"
	}
	return row
}

func (h *hangar) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lost := errors.New("connection reset by peer")
	if h.down {
		return nil, lost
	}
	reply := func(status int, body any) (*http.Response, error) {
		e := fake.Exchange{Status: status, Body: body}
		return fake.Reply(r, e, e.Text(h.t)), nil
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v2/")
	id, one := strings.CutPrefix(path, "dags/")
	_, known := h.paused[id]
	switch {
	case r.Method == http.MethodPatch && known && r.URL.RawQuery == "update_mask=is_paused":
		var ask struct {
			Paused *bool `json:"is_paused"`
		}
		body, _ := io.ReadAll(r.Body)
		if json.Unmarshal(body, &ask) != nil || ask.Paused == nil {
			h.t.Errorf("it was asked for %s", body)
			return nil, lost
		}
		word := map[bool]string{true: "pause ", false: "unpause "}[*ask.Paused]
		h.changes = append(h.changes, word+id)
		status, changed := http.StatusOK, true
		if h.change != nil {
			status, changed = h.change(id)
		}
		if changed {
			h.paused[id] = *ask.Paused
		}
		if status == 0 {
			return nil, lost
		}
		return reply(status, h.row(id))
	case r.Method != http.MethodGet:
	case path == "version":
		return reply(200, fake.Object{"version": "3.3.2"})
	case path == "dags":
		var rows []fake.Object
		for _, id := range slices.Sorted(maps.Keys(h.paused)) {
			rows = append(rows, h.row(id))
		}
		return reply(200, fake.Object{"dags": rows, "total_entries": len(rows)})
	case one && known:
		return reply(200, h.row(id))
	case strings.HasPrefix(path, "dags/fed_") && strings.HasSuffix(path, "/assets/queuedEvents"):
		return reply(200, fake.Object{"queued_events": []fake.Object{}, "total_entries": 0})
	case r.URL.Query().Get("state") == "success":
		return reply(200, fake.Object{"dag_runs": []fake.Object{}, "total_entries": 0})
	case path == "dags/~/dagRuns":
		var rows []fake.Object
		for _, id := range h.running {
			if r.URL.Query().Get("state") == "running" {
				rows = append(rows, fake.DAGRun(id, "r", "running", time.Minute))
			}
		}
		return reply(200, fake.Object{"dag_runs": append([]fake.Object{}, rows...), "total_entries": len(rows)})
	case strings.HasSuffix(path, "/taskInstances"):
		return reply(200, fake.Object{"task_instances": []fake.Object{{"task_id": "t", "state": "running", "operator": "BashOperator"}}, "total_entries": 1})
	case path == "monitor/health":
		return reply(200, fake.Object{"metadatabase": fake.Object{"status": "healthy"}, "scheduler": fake.Object{"status": "healthy", "latest_scheduler_heartbeat": fake.Stamp(fake.Moment)}})
	case path == "pools":
		return reply(200, fake.Object{"pools": []fake.Object{}, "total_entries": 0})
	case path == "eventLogs":
		return reply(200, fake.Object{"event_logs": []fake.Object{}, "total_entries": 0})
	}
	h.t.Errorf("not expected: %s %s", r.Method, r.URL.RequestURI())
	return nil, lost
}

// recorder is a journal that fails, and so ends a process, after so many events.
type recorder struct {
	events []runbook.Event
	left   int // -1: it never fails
}

var errEnded = errors.New("this process has ended")

func (r *recorder) Append(e runbook.Event) error {
	if r.left == 0 {
		return errEnded
	}
	r.left--
	r.events = append(r.events, e)
	return nil
}

// pauser is a run of one step, whose release is chosen and whose check has been asked.
type pauser struct {
	t      *testing.T
	hangar *hangar
	bound  *steps.Bound
	world  *steps.World
	record *recorder
	engine *steps.Engine
	id     document.StepID
	shown  []string
}

func newPauser(t *testing.T, h *hangar, mode runbook.Mode) *pauser {
	t.Helper()
	h.t = t
	doc := fake.Parse(t, "# Deploy\n\n1. See that no DAG is [running]("+fake.AirflowURL+"/dagrun/list/?_flt_3_state=running).\n")
	var s steps.Settings
	s.Airflow.URL = fake.AirflowURL
	p := &pauser{t: t, hangar: h, bound: steps.Bind(doc, s, kinds.All()), world: fake.Connect(t, h), record: &recorder{left: -1}}
	if mode == runbook.DryRun {
		p.world.Executor = nil
		p.world.Airflow.Options.ReadOnly = true
	}
	p.id = p.bound.Steps[0].Step.ID
	var err error
	p.engine, err = steps.New(p.bound, p.world, steps.Options{Mode: mode, Actor: "sam", Journal: p.record})
	if err == nil {
		err = p.engine.Choose("v1.5.4")
	}
	if err == nil {
		_, err = p.engine.Check(t.Context(), p.id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pauser) scope(effect string) steps.Scope {
	p.t.Helper()
	s, err := p.engine.Scope(p.t.Context(), p.id, effect)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// named are the things of a scope, with their notes.
func named(s steps.Scope) string {
	var all []string
	for _, thing := range s.Things {
		name := thing.Name
		if !thing.Note.Empty() {
			name += " (" + thing.Note.String() + ")"
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

func (p *pauser) change(effect string, names ...string) error {
	session := steps.Session{Show: func(o steps.Output) {
		for _, line := range o.Lines {
			p.shown = append(p.shown, line.String())
		}
		// What is shown is in the journal.
		if n := len(p.record.events); n == 0 || p.record.events[n-1].Type() != "effect-did" && !strings.Contains(p.shown[len(p.shown)-1], "not known") {
			p.t.Errorf("%q was shown before it was recorded", p.shown[len(p.shown)-1])
		}
	}}
	return p.engine.Change(p.t.Context(), p.id, effect, effect, names, session)
}

func (p *pauser) held() string {
	var names []string
	for _, h := range p.engine.Run().Held() {
		names = append(names, h.Names...)
	}
	return strings.Join(names, " ")
}

func (p *pauser) outcome(effect string) string {
	done := p.engine.Run().Effect(p.id, effect).Finished
	if done == nil {
		return ""
	}
	return done.Result.Summary.String()
}

// again goes on with the run in another process, which looks at what the first has left.
func (p *pauser) again() {
	p.t.Helper()
	p.record.left = -1
	var err error
	p.engine, err = steps.Resume(p.bound, p.world, steps.Options{Mode: runbook.Live, Actor: "sam", Journal: p.record}, slices.Clone(p.record.events))
	if err == nil {
		err = p.engine.Rejoin(p.t.Context(), steps.Session{})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *pauser) is(what, got, want string) {
	p.t.Helper()
	if got != want {
		p.t.Errorf("%s is\n%q, want\n%q", what, got, want)
	}
}

func five() *hangar {
	return &hangar{
		paused: map[string]bool{"a": false, "b": false, "c": false, "mine": true, "busy": false},
		next:   map[string]time.Duration{"b": 30 * time.Second, "a": -2 * time.Minute, "c": 3 * time.Hour, "busy": -time.Second},
	}
}

// TestWhatCanBePaused: what is due first, nothing that is paused already, and no DAG with
// an active run.
func TestWhatCanBePaused(t *testing.T) {
	h := five()
	h.running = []string{"busy"}
	p := newPauser(t, h, runbook.Live)
	s := p.scope("pause")
	p.is("what can be paused", named(s), "a (due 2 min ago), b (due in 30 s), c (due in 3 h)")
	if s.Urgent != 2 {
		t.Errorf("%d are urgent", s.Urgent)
	}
	p.is("the first sentence", s.About[0].String(), "Not paused, because a run is active and would never end: busy.")
	p.is("the second sentence", s.About[1].String(), "Paused already, and stays so: mine.")
	if !strings.HasPrefix(s.About[2].String(), "Unpausing starts the last interval's run at once") {
		t.Errorf("what unpausing starts is not said: %q", s.About[2])
	}
	if len(h.changes) > 0 {
		t.Errorf("to look changes %q", h.changes)
	}
}

// TestDAGsWhoseEventsAreNotKnown are among those to pause first.
func TestDAGsWhoseEventsAreNotKnown(t *testing.T) {
	h := five()
	for i := range 51 {
		h.paused[fmt.Sprintf("fed_%02d", i)] = false
	}
	s := newPauser(t, h, runbook.Live).scope("pause")
	var urgent []string
	for _, thing := range s.Things[:s.Urgent] {
		urgent = append(urgent, thing.Name)
	}
	if !slices.Contains(urgent, "fed_50") || slices.Contains(urgent, "fed_49") {
		t.Errorf("urgent are %q", urgent)
	}
}

// TestAnEarlierRunLeftDAGsPaused: they are named with the run that unpauses them.
func TestAnEarlierRunLeftDAGsPaused(t *testing.T) {
	earlier := newPauser(t, five(), runbook.Live)
	for _, c := range []struct{ effect, names string }{{"pause", "a b"}, {"unpause", "b"}} {
		if err := earlier.change(c.effect, strings.Fields(c.names)...); err != nil {
			t.Fatal(err)
		}
	}
	e := steps.Earlier{DAGs: map[string]int{}}
	e.Add("20261123-0912-k3x9", earlier.record.events)
	p := newPauser(t, earlier.hangar, runbook.Live)
	p.world.Earlier = func() steps.Earlier { return e }
	const left = "An earlier run paused a and hasn't undone that: catalog-runbook resume 20261123-0912-k3x9"
	p.is("the second sentence", p.scope("pause").About[1].String(), left)
	res, err := p.engine.Check(t.Context(), p.id)
	if err != nil || !slices.ContainsFunc(res.Evidence, func(e runbook.Evidence) bool { return e.Value.String() == left }) {
		t.Errorf("the check does not tell: %+v, %v", res, err)
	}
	earlier.world.Earlier = p.world.Earlier
	if about := earlier.scope("pause").About; strings.Contains(about[0].String(), "earlier run") {
		t.Errorf("it is said of itself: %q", about)
	}
}

// TestPauseAndUnpause: what the run paused and nobody has unpaused is unpaused, and
// nothing else.
func TestPauseAndUnpause(t *testing.T) {
	p := newPauser(t, five(), runbook.Live)
	advice := func() steps.Advice { return steps.Next(p.engine.Run(), &p.bound.Steps[0], p.world.Now()) }
	if a := advice(); a.Aside == nil || a.Aside.Name != "pause" {
		t.Errorf("pausing is not offered: %+v", a)
	}
	p.scope("pause")
	p.hangar.paused["c"] = true // by someone else, after it was shown
	if err := p.change("pause", "a", "b", "c", "busy"); err != nil {
		t.Fatal(err)
	}
	p.is("what was sent", fmt.Sprint(p.hangar.changes), "[pause a pause b pause busy]")
	p.is("what was shown", fmt.Sprint(p.shown), "[a is paused b is paused busy is paused]")
	p.is("what is held", p.held(), "a b busy")
	p.is("the outcome", p.outcome("pause"), "3 DAGs are paused: a, b, busy.")
	if res, err := p.engine.Check(t.Context(), p.id); err != nil || res.Verdict != runbook.Passed {
		t.Errorf("afterwards the step is %s: %s, %v", res.Verdict, res.Summary, err)
	}
	if a := advice(); a.Do != steps.TodoUndo || a.Aside != nil || a.Undo.Text().String() != "3 DAGs are still paused by this run: a, b, busy" {
		t.Errorf("at the end there is to do: %+v", a)
	}
	p.again()
	p.hangar.paused["b"], p.hangar.changes = false, nil
	s := p.scope("unpause")
	p.is("what can be unpaused", named(s), "a (due 2 min ago), b (unpaused by someone else), busy (due 1 s ago)")
	p.is("what starts", s.About[0].String(), "A run starts at once: a, busy. With catchup, one for each interval that has passed.")
	p.hangar.change = func(dag string) (int, bool) { return map[string]int{"a": 200, "busy": 403}[dag], dag == "a" }
	if err := p.change("unpause", "a", "b", "busy"); err != nil {
		t.Fatal(err)
	}
	p.is("what was sent", fmt.Sprint(p.hangar.changes), "[unpause a unpause busy]")
	p.is("what is held", p.held(), "busy")
	p.is("the outcome", p.outcome("unpause"), "2 of 3 DAGs are unpaused: a, b. Not unpaused: busy (busy is not unpaused: Airflow returned 403: this account can't unpause busy; hint: use an account that has can_edit on DAGs, or on DAG:busy, such as one with the role User or Op).")
	if !p.hangar.paused["mine"] || !p.hangar.paused["c"] {
		t.Error("what others have paused was unpaused")
	}
}

// TestSomeAreNotPaused: each is said by name, with its reason.
func TestSomeAreNotPaused(t *testing.T) {
	p := newPauser(t, five(), runbook.Live)
	p.hangar.change = func(dag string) (int, bool) {
		if dag == "c" {
			return 403, false
		}
		return 200, true
	}
	if err := p.change("pause", "a", "b", "c"); err != nil {
		t.Fatal(err)
	}
	p.is("what is held", p.held(), "a b")
	fake.Contains(t, p.outcome("pause"), "2 of 3 DAGs are paused: a, b.", "Not paused: c (c is not paused: Airflow returned 403: this account can't pause c", "can_edit on DAGs, or on DAG:c")
	if f := p.engine.Run().Effect(p.id, "pause").Finished; f.Result.Verdict != runbook.Failed || f.Exit != 1 {
		t.Errorf("it ended as %+v", f)
	}
	p.is("the status", string(p.engine.Run().Status(p.id, p.world.Now())), string(runbook.Rejected))
}

// TestALostAnswer is looked up. While that is impossible the effect is in doubt, nothing
// more is sent, and no command may run.
func TestALostAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		arrived bool // although no answer came
		held    string
		outcome string
	}{
		"it arrived":       {true, "a b", "2 of 3 DAGs are paused: a, b. Not paused: c (c was left alone, because the outcome for b is unknown)."},
		"it never arrived": {false, "a", "1 of 3 DAGs are paused: a. Not paused: c, b (c was left alone, because the outcome for b is unknown)."},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPauser(t, five(), runbook.Live)
			p.hangar.change = func(dag string) (int, bool) {
				if dag != "b" {
					return 200, true
				}
				p.hangar.down = true
				return 0, c.arrived
			}
			if err := p.change("pause", "a", "b", "c"); err != nil {
				t.Fatal(err)
			}
			p.is("what was sent", fmt.Sprint(p.hangar.changes), "[pause a pause b]")
			run := p.engine.Run()
			p.is("the status", string(run.Status(p.id, p.world.Now())), string(runbook.Doubtful))
			p.is("what is held", p.held(), "a")
			fake.Contains(t, run.Effect(p.id, "pause").Doubted.Text.String(), "Nobody knows how `pause DAGs a b c` ended: whether b is paused is unknown")
			if a := steps.Next(run, &p.bound.Steps[0], p.world.Now()); a.Do != steps.TodoLookAgain {
				t.Errorf("there is to do: %+v", a)
			}
			p.again() // Airflow is still away
			p.is("the status", string(p.engine.Run().Status(p.id, p.world.Now())), string(runbook.Doubtful))
			if _, err := p.engine.Scope(t.Context(), p.id, "pause"); err == nil {
				t.Error("more can be paused in doubt")
			}
			p.hangar.down = false
			p.again()
			p.is("what is held", p.held(), c.held)
			p.is("the outcome", p.outcome("pause"), c.outcome)
			p.is("what was sent", fmt.Sprint(p.hangar.changes), "[pause a pause b]")
			if _, _, doubted := p.engine.Run().DoubtedEffect(); doubted {
				t.Error("it is in doubt")
			}
		})
	}
}

// TestAnInterruptedPause ends at every event that could be recorded. Whatever was sent is
// found out afterwards, nothing is sent again, and all that was paused can be unpaused.
func TestAnInterruptedPause(t *testing.T) {
	for left := range 12 {
		p := newPauser(t, five(), runbook.Live)
		p.record.left = left
		err := p.change("pause", "a", "b")
		if err == nil && left < 6 {
			t.Errorf("it ended well, although only %d events were recorded", left)
		}
		sent := slices.Clone(p.hangar.changes)
		p.again()
		p.is("what was sent", fmt.Sprint(p.hangar.changes), fmt.Sprint(sent))
		var want []string
		for _, change := range sent {
			want = append(want, strings.TrimPrefix(change, "pause "))
		}
		p.is(fmt.Sprintf("what is held after %d events", left), p.held(), strings.Join(want, " "))
		if _, _, running := p.engine.Run().RunningEffect(); running {
			t.Errorf("after %d events it is running", left)
		}
		if len(sent) == 0 {
			continue
		}
		if err := p.change("unpause", want...); err != nil {
			t.Fatal(err)
		}
		p.is("what is paused", fmt.Sprint(p.hangar.paused), "map[a:false b:false busy:false c:false mine:true]")
		p.is("what is held", p.held(), "")
	}
}

// TestPausingIsStopped after the DAG that is being paused.
func TestPausingIsStopped(t *testing.T) {
	p := newPauser(t, five(), runbook.Live)
	stop := make(chan steps.Stop, 1)
	p.hangar.change = func(string) (int, bool) {
		stop <- steps.Interrupt
		return 200, true
	}
	if err := p.engine.Change(t.Context(), p.id, "pause", "pause", []string{"a", "b"}, steps.Session{Stop: stop}); err != nil {
		t.Fatal(err)
	}
	p.is("what was sent", fmt.Sprint(p.hangar.changes), "[pause a]")
	p.is("the outcome", p.outcome("pause"), "1 of 2 DAGs are paused: a. Not paused: b (b was left alone, because it was ended).")
}

// TestPausingIsGated: by the confirmation, and in a dry run by being one.
func TestPausingIsGated(t *testing.T) {
	p := newPauser(t, five(), runbook.Live)
	if err := p.engine.Change(t.Context(), p.id, "pause", "yes", []string{"a"}, steps.Session{}); err == nil {
		t.Error("another word confirms it")
	}
	if err := p.change("pause", "mine"); err == nil || !strings.Contains(err.Error(), "nothing of what was confirmed") {
		t.Errorf("what is paused already is paused: %v", err)
	}
	if err := p.change("unpause", "mine"); err == nil || !strings.Contains(err.Error(), "nothing of what was confirmed") {
		t.Errorf("what others have paused is unpaused: %v", err)
	}
	if err := p.change("pause", "a"); err != nil {
		t.Fatal(err)
	}
	if err := p.change("pause", "b"); err != nil {
		t.Fatal(err)
	}
	p.is("what is held", p.held(), "a b")
	p.bound.Steps[0].Params["airflow"] = "https://another.test"
	if err := p.change("unpause", "a"); err == nil || !strings.Contains(err.Error(), "this run has changed something at "+fake.AirflowURL+", but now https://another.test would be asked") {
		t.Errorf("another Airflow is asked: %v", err)
	}

	p = newPauser(t, five(), runbook.DryRun)
	p.is("what a dry run shows", named(p.scope("pause")), "a (due 2 min ago), busy (due 1 s ago), b (due in 30 s), c (due in 3 h)")
	var refusal *runbook.Refusal
	if err := p.change("pause", "a"); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "This is a dry run") {
		t.Errorf("a dry run pauses: %v", err)
	}
	if len(p.hangar.changes) > 0 {
		t.Errorf("a dry run has sent %q", p.hangar.changes)
	}
}

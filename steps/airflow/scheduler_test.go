package airflow

import (
	"fmt"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// health3 is what Airflow 3 tells of its scheduler, which was last seen at a
// certain time.
func health3(status string) call {
	return call{uri: "/api/v2/monitor/health", answer: fmt.Sprintf(
		`{"metadatabase":{"status":"healthy"},"scheduler":{"status":%q,"latest_scheduler_heartbeat":"2026-01-02T03:04:05Z"}}`, status)}
}

func (c call) of2() call { c.uri = "/api/v1/health"; return c }

const oneRun = `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"running"}],"total_entries":1}`

// TestActiveRunsTellsOfTheScheduler: at the first look, and not more than once a minute.
func TestActiveRunsTellsOfTheScheduler(t *testing.T) {
	for name, c := range map[string]struct {
		calls []call
		want  []string // a look, each half a minute after the one before
	}{
		"a run that is never seen to end": {[]call{version3, runs3(oneRun), health3("unhealthy"), runs3(oneRun), runs3(oneRun), health3("healthy")},
			[]string{"unhealthy", "unhealthy", "healthy"}},
		"the same on 2": {[]call{version2, runs2(oneRun), health3("unhealthy").of2(), runs2(oneRun), runs2(oneRun), health3("healthy").of2()},
			[]string{"unhealthy", "unhealthy", "healthy"}},
		"none runs": {[]call{version3, health3("unhealthy"), health3("healthy")},
			[]string{"unhealthy", "unhealthy", "healthy", "healthy"}},
		"one begins": {[]call{version3, runs3(none), runs3(oneRun), health3("unhealthy")},
			[]string{"unhealthy", "unhealthy"}},
		"it is not told": {[]call{version3, runs3(oneRun), health3("").failing(404), runs3(oneRun), health3("fine"), runs3(oneRun), health3("fine"), runs3(oneRun), health3("{}").failing(500)},
			[]string{"unknown", "unknown", "unknown", "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1_700_000_000, 0)
			asker := client(t, script(t, c.calls...).URL, Options{Now: func() time.Time { return now }})
			for i, want := range c.want {
				got := "unknown"
				if s := ask(t, asker).Scheduler; s != nil {
					got = map[Condition]string{Healthy: "healthy", Unhealthy: "unhealthy"}[s.Condition]
					if !s.Heartbeat.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
						t.Errorf("look %d: last seen %v", i+1, s.Heartbeat)
					}
				}
				if got != want {
					t.Errorf("look %d: the scheduler is %s, want %s", i+1, got, want)
				}
				now = now.Add(30 * time.Second)
			}
		})
	}
}

// TestContractOfActivityUnderADeadScheduler: that no run is active is then told
// with the reason why it proves little.
func TestContractOfActivityUnderADeadScheduler(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		later := time.Duration(0)
		c := g.client(t, "viewer", func(o *Options) { o.Now = func() time.Time { return time.Now().Add(later) } })
		look := func(want Condition) func() bool {
			return func() bool {
				later += proofAge
				a := ask(t, c)
				return a.Total == 0 && a.Scheduler != nil && a.Scheduler.Condition == want
			}
		}
		ask(t, c)
		poll.UntilEvery(t, 200*time.Millisecond, "the scheduler is well", look(Healthy))
		thaw := g.freeze(t)
		defer thaw()
		g.later(time.Minute)
		poll.UntilEvery(t, 200*time.Millisecond, "the scheduler is missed", look(Unhealthy))
		thaw()
		poll.UntilEvery(t, 200*time.Millisecond, "the scheduler is back", look(Healthy))
	})
}

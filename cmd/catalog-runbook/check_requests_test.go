package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/transport"
)

// TestCheckRequests limits how many requests check sends in the calm practice world,
// and how many of them in a row, each after the one before had been answered: over a
// slow line, that is how long a person waits.
func TestCheckRequests(t *testing.T) {
	const release, imageTag, idleDAGs = "#1", "#2", "#3"
	for _, c := range []struct {
		name    string
		release string
		steps   []string // all if it is empty
		most    sent
		exit    int
	}{
		// Of the image: how one signs in, a token, the tag, the configuration, and the tag
		// without its v.
		{"the three checks", "v1.5.3", []string{release, imageTag, idleDAGs}, sent{github: 7, registry: 5, airflow: 9, inARow: 6}, 0},
		{"the release", "v1.5.3", []string{release}, sent{github: 7, inARow: 4}, 0},
		{"the image", "v1.5.3", []string{imageTag}, sent{registry: 4, inARow: 4}, exitUnknown}, // it lacks the release's commit
		{"the DAG runs", "v1.5.3", []string{idleDAGs}, sent{airflow: 9, inARow: 5}, 0},
		{"the whole runbook", "v1.5.3", nil, sent{github: 7, registry: 5, airflow: 9, inARow: 6}, exitUnknown}, // nothing to bump
		// The newest release has to be known before anything is asked about it.
		{"of the newest release", "", nil, sent{github: 9, registry: 5, airflow: 9, inARow: 7}, exitUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			// In the bubble, time begins at this moment and passes only while every
			// request waits.
			begins := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
			w, err := practice.Start("calm", practice.Options{Now: func() time.Time { return begins }})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			command := checkCommand{source: source{Settings: writeFile(t, settings.FileName, worldSettings(w))}, Release: c.release}
			for _, id := range c.steps {
				command.Step = append(command.Step, "airflow/service-deployments/deployment-workflow"+id)
			}
			t.Chdir(t.TempDir())
			synctest.Test(t, func(t *testing.T) {
				if s := command.sends(t, w, c.exit); s.github > c.most.github || s.registry > c.most.registry || s.airflow > c.most.airflow || s.inARow > c.most.inARow {
					t.Errorf("check sends %+v, want at most %+v", s, c.most)
				}
			})
		})
	}
}

// sent is how many requests were sent to each service, and how many in a row.
type sent struct{ github, registry, airflow, inARow int }

// sends runs the command in a bubble, where it must end with the exit code, and returns
// what it sends.
func (c checkCommand) sends(t *testing.T, w *practice.World, exit int) sent {
	t.Helper()
	line := &longLine{sent: map[string]int{}}
	c.base = transport.Patient(line)
	env := map[string]string{"GH_TOKEN": w.GitHubToken(), "AIRFLOW_PASSWORD": w.AirflowPassword()}
	var said bytes.Buffer
	begun := time.Now()
	err := c.Run(t.Context(), streams{
		out: &said, err: &said,
		environ: func() []string { return nil }, getenv: func(name string) string { return env[name] },
	})
	took := time.Since(begun)
	var code exitError
	if errors.As(err, &code); code.code != exit || (err != nil && code.code == 0) {
		t.Errorf("%v, want exit code %d:\n%s", err, exit, &said)
	}
	if took%time.Second != 0 {
		t.Errorf("it took %v, so something else than a request was waited for", took)
	}
	host := func(address string) string { return address[strings.Index(address, "//")+2:] }
	image, _, _ := strings.Cut(w.Image(), "/")
	return sent{line.sent[host(w.GitHubURL())], line.sent[image], line.sent[host(w.AirflowURL())], int(took / time.Second)}
}

// A longLine sends every request a second late. In a bubble, that second passes only
// once nothing else can begin, so all requests that don't wait for another one are
// under way together, and the whole takes as many seconds as there are requests in the
// longest row.
type longLine struct {
	mu   sync.Mutex
	sent map[string]int // by host
}

func (l *longLine) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.sent[r.URL.Host]++
	l.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	// A connection that stays open would stop the bubble's time.
	once := &http.Transport{DisableKeepAlives: true}
	resp, err := once.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

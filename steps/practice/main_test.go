package practice

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/practice/registry"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

// TestMain lets the test binary be the practice `just`, as the program is, and
// another process of a test.
func TestMain(m *testing.M) {
	if code, ran := just.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	if task := os.Getenv(otherVariable); task != "" {
		if err := other(task, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// release1 is the newest published release at the start.
const release1 = "v1.5.3"

// begin starts a world that ends with the test.
func begin(t *testing.T, scenario string, airflow int) (*World, *ask.Clock) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	c := ask.NewClock()
	return start(t, scenario, Options{Now: c.Now, AirflowVersion: airflow}), c
}

func start(t *testing.T, scenario string, o Options) *World {
	t.Helper()
	w, err := Start(scenario, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// deployed says what infrastructure there is by the state's file.
func deployed(t *testing.T, w *World) state.Deployment {
	t.Helper()
	if err := w.state.Refresh(); err != nil {
		t.Fatal(err)
	}
	return w.state.Deployment()
}

func listenAgain(origin string) (net.Listener, error) {
	return net.Listen("tcp", strings.TrimPrefix(origin, "http://"))
}

// signIn gives the header that signs a user in, and the address of Airflow 2's API.
func signIn(w *World, user string) (api, authorization string) {
	return w.AirflowURL() + "/api/v1", "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+w.AirflowPassword()))
}

const activePath = "/dags/~/dagRuns?state=running&state=queued&limit=100"

const acceptImages = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"

func registryToken(t *testing.T, w *World) string {
	t.Helper()
	got := ask.Wants[struct{ Token string }](t, ask.Get(t, w.registry.Origin+"/token?service=ghcr.io&scope=repository:"+registry.Image+":pull"), http.StatusOK)
	return "Bearer " + got.Token
}

// busyRuns are the runs that are active in busy-dags at the start.
func busyRuns(w *World) []state.DAGRun {
	return []state.DAGRun{airflow.LatestRun(w.state, runningDAG), airflow.LatestRun(w.state, queuedDAG)}
}

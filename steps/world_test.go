package steps_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// listening notes what credentials a request bears, and answers nothing useful.
type listening struct{ heard []string }

func (l *listening) RoundTrip(r *http.Request) (*http.Response, error) {
	l.heard = append(l.heard, r.URL.Host+" "+r.Header.Get("Authorization")+r.Header.Get("X-Proxy"))
	return nil, http.ErrServerClosed
}

// TestAirflowCredentialsStayAtTheirAddress sends requests to addresses that a document
// could name. Only the one in the settings gets credentials.
func TestAirflowCredentialsStayAtTheirAddress(t *testing.T) {
	l := &listening{}
	a := &steps.Airflows{
		Trusted: "https://airflow.example.org",
		Options: airflow.Options{Token: "a-token-of-some-length", Headers: map[string]string{"X-Proxy": "a-proxy-secret"}, Base: l, Now: time.Now},
	}
	for _, address := range []string{"https://evil.example.org", "http://airflow.example.org", "https://airflow.example.org:8443", "https://airflow.example.org.evil.net"} {
		client, err := a.At(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.ActiveRuns(t.Context()); err == nil {
			t.Errorf("%s: an answer came from nowhere", address)
		}
	}
	if all := strings.Join(l.heard, "\n"); all == "" || strings.Contains(all, "a-token") || strings.Contains(all, "a-proxy") {
		t.Errorf("heard: %q", all)
	}
	client, err := a.At("https://airflow.example.org/prefix")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = client.ActiveRuns(t.Context())
	if last := l.heard[len(l.heard)-1]; !strings.Contains(last, "Bearer a-token-of-some-length") || !strings.Contains(last, "a-proxy-secret") {
		t.Errorf("the address of the settings was asked with %q", last)
	}
	a.Trusted = "http://plain.example.org"
	if _, err := a.At("http://plain.example.org"); err == nil || !strings.Contains(err.Error(), "plain http") {
		t.Errorf("credentials over plain http: %v", err)
	}
}

// TestMissingAirflowCredentials: the address that they are for isn't asked, and another one is.
func TestMissingAirflowCredentials(t *testing.T) {
	l := &listening{}
	missing := say.Hint(errors.New("no password"), "set the variable AIRFLOW_PASSWORD")
	a := &steps.Airflows{Trusted: "https://airflow.example.org", Missing: missing, Options: airflow.Options{Username: "me", Base: l}}
	_, err := a.At("https://airflow.example.org/prefix")
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Credentials || !strings.Contains(err.Error(), "no password; hint: set the variable AIRFLOW_PASSWORD, and start") {
		t.Errorf("got %v", err)
	}
	if _, err := a.At("https://other.example.org"); err != nil {
		t.Errorf("another address: %v", err)
	}
	a.Trusted = ""
	if _, err := a.At("https://third.example.org"); err == nil {
		t.Error("credentials that are missing for whatever the document names went unnoticed")
	}
}

// TestTheGitHubTokenAtGHCR: a registry that refuses everybody is shown the token of
// github.com, which it belongs to, and none of another GitHub.
func TestTheGitHubTokenAtGHCR(t *testing.T) {
	const token = "a-token-for-one-github"
	for api, shown := range map[string]bool{
		github.APIURL:                         true,
		"https://API.github.com:443":          true,
		"https://ghe.corp.example/api/v3":     false,
		"https://api.corp.ghe.com":            false,
		"https://api.github.com.evil.test":    false,
		"https://api.github.com:8443":         false,
		"http://127.0.0.1:1":                  false,
		"https://corp.example/api.github.com": false,
	} {
		seen := false
		base := fake.RoundTripper(func(r *http.Request) (*http.Response, error) {
			_, password, _ := r.BasicAuth()
			seen = seen || password == token || strings.Contains(r.Header.Get("Authorization"), token)
			e := fake.Exchange{Status: http.StatusForbidden, Body: fake.Object{"errors": []fake.Object{{"code": "DENIED"}}}}
			return fake.Reply(r, e, e.Text(t)), nil
		})
		var s steps.Settings
		s.GitHub.APIURL = api
		w, err := steps.Connect(s, steps.Credentials{GitHubToken: transport.NewToken(token), Docker: dockerAt("nowhere.test")}, true, nil, base)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registry.Inspect(t.Context(), "ghcr.io/o/r", fake.Tag, fake.Commit); err == nil {
			t.Errorf("%s: an image was found", api)
		}
		if seen != shown {
			t.Errorf("%s: ghcr.io was shown its token: %t, want %t", api, seen, shown)
		}
	}
}

// TestEarlierRuns: the newest run that knows something counts.
func TestEarlierRuns(t *testing.T) {
	at := func(s int) runbook.Head { return runbook.Head{At: fake.Moment.Add(time.Duration(s) * time.Second)} }
	saw := func(fact string) runbook.Event {
		return runbook.Checked{Head: at(0), Step: "dags", Result: runbook.Result{Facts: runbook.Facts{steps.FactDAGsSeen: fact}}}
	}
	e := steps.Earlier{DAGs: map[string]int{}}
	e.Add("run", []runbook.Event{runbook.Checked{Step: "other"}, saw("x https://c"), runbook.EffectFinished{Step: "plan", Effect: "apply"}})
	e.Add("run", []runbook.Event{saw("9 https://a"), saw("10 https://a"),
		runbook.EffectStarted{Head: at(0), Step: "plan", Effect: "apply"}, runbook.EffectFinished{Head: at(500), Step: "plan", Effect: "apply", Ended: at(90).At},
		runbook.EffectStarted{Head: at(0), Step: "plan", Effect: "plan"}, runbook.EffectFinished{Head: at(20), Step: "plan", Effect: "plan"}})
	e.Add("run", []runbook.Event{saw("20 https://a"), saw("5 https://b"),
		runbook.EffectStarted{Head: at(0), Step: "plan", Effect: "apply"}, runbook.EffectFinished{Head: at(5), Step: "plan", Effect: "apply"}})
	if len(e.DAGs) != 2 || e.DAGs["https://a"] != 10 || e.DAGs["https://b"] != 5 || e.Takes != 90*time.Second {
		t.Errorf("got %+v", e)
	}
}

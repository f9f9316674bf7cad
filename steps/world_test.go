package steps_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
)

// listening notes what credentials a request bears, and answers nothing useful.
type listening struct{ heard []string }

func (l *listening) RoundTrip(r *http.Request) (*http.Response, error) {
	l.heard = append(l.heard, r.URL.Host+" "+r.Header.Get("Authorization")+r.Header.Get("X-Proxy"))
	return nil, http.ErrServerClosed
}

// TestAirflowCredentialsStayAtTheirAddress asks addresses that a document could
// name: only the one in the settings is told who asks.
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

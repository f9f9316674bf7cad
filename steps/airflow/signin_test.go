package airflow

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

var someone = Options{Username: "viewer", Password: "correct-horse"}

const credentials = `{"username":"viewer","password":"correct-horse"}`

func signsIn(answer string) call {
	return call{method: http.MethodPost, uri: "/auth/token", body: credentials, status: 201, answer: answer}
}

func TestTokenIsSentOnBothVersions(t *testing.T) {
	const bearer = "Bearer token-of-somebody"
	o := Options{Token: "token-of-somebody"}
	s := script(t, version3.with(bearer), runs3(none).with(bearer), sees("/api/v2", 2).with(bearer))
	ask(t, client(t, s.URL, o))
	s = script(t, version2.with(bearer), runs2(none).with(bearer), sees("/api/v1", 2).with(bearer))
	ask(t, client(t, s.URL, o))
}

func TestTokenIsNotRenewed(t *testing.T) {
	s := script(t, version3.with("Bearer token-of-somebody"), runs3("{}").with("Bearer token-of-somebody").failing(401))
	o := someone
	o.Token = "token-of-somebody"
	_, err := client(t, s.URL, o).ActiveRuns(context.Background())
	if cause, _ := transport.CauseOf(err); err == nil || cause != transport.Credentials {
		t.Errorf("got %v", err)
	}
}

func TestPasswordIsSentAsBasicOnVersion2Only(t *testing.T) {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("viewer:correct-horse"))
	s := script(t, version2, runs2(none).with(basic), sees("/api/v1", 2).with(basic))
	ask(t, client(t, s.URL, someone))
}

func TestPasswordIsExchangedOnceOnVersion3(t *testing.T) {
	for _, key := range []string{"access_token", "jwt_token"} {
		t.Run(key, func(t *testing.T) {
			const bearer = "Bearer first-token"
			s := script(t, version3, signsIn(`{"`+key+`":"first-token"}`),
				runs3(none).with(bearer), sees("/api/v2", 2).with(bearer), runs3(none).with(bearer))
			c := client(t, s.URL, someone)
			ask(t, c)
			ask(t, c)
		})
	}
}

func TestExpiredTokenIsRenewedOnce(t *testing.T) {
	one := `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"queued"}],"total_entries":1}`
	s := script(t, version3, signsIn(`{"access_token":"first-token"}`), runs3(one).with("Bearer first-token"), health3("healthy").with("Bearer first-token"),
		runs3("{}").with("Bearer first-token").failing(401),
		signsIn(`{"access_token":"second-token"}`), runs3(one).with("Bearer second-token"),
		runs3("{}").with("Bearer second-token").failing(401),
		signsIn(`{"access_token":"third-token"}`), runs3("{}").with("Bearer third-token").failing(401))
	c := client(t, s.URL, someone)
	ask(t, c)
	ask(t, c)
	if _, err := c.ActiveRuns(context.Background()); err == nil {
		t.Error("a token that is never accepted gave an answer")
	}
}

func TestSignInProblems(t *testing.T) {
	tests := map[string]struct {
		call  call
		cause transport.Cause
		says  string
	}{
		"wrong password": {signsIn(`{"detail":"Invalid credentials"}`).failing(401), transport.Credentials, "Airflow's sign-in returned 401"},
		"another status": {signsIn(`{"access_token":"first-token"}`).failing(200), transport.Broken, "status 200"},
		"no token":       {signsIn(`{}`), transport.Broken, "returned no token"},
		"not JSON":       {signsIn(`access`), transport.Broken, "invalid JSON"},
		"not there":      {signsIn(`{}`).failing(404), transport.NotFound, "Airflow's sign-in returned 404"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := script(t, version3, test.call)
			_, err := client(t, s.URL, someone).ActiveRuns(context.Background())
			var p *transport.Problem
			if !errors.As(err, &p) || p.Cause != test.cause || !strings.Contains(p.Text, test.says) {
				t.Errorf("got %v, want cause %d, %q", err, test.cause, test.says)
			}
		})
	}
}

func TestReadOnlyDoesNotSignIn(t *testing.T) {
	o := someone
	o.ReadOnly = true
	s := script(t, version3)
	_, err := client(t, s.URL, o).ActiveRuns(context.Background())
	var p *transport.Problem
	if !errors.As(err, &p) || p.Cause != transport.ReadOnly || !strings.Contains(p.Hint, "token") {
		t.Errorf("got %v", err)
	}
}

func TestHeadersStayWithTheOrigin(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked: %s, %v", r.URL, r.Header)
	}))
	defer other.Close()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("CF-Access-Client-Secret") != "access-secret" {
			t.Errorf("%s came without its header", r.URL)
		}
		http.Redirect(w, r, other.URL, http.StatusFound)
	}))
	defer s.Close()
	o := Options{Headers: map[string]string{"CF-Access-Client-Secret": "access-secret"}, Token: "token-of-somebody"}
	_, err := client(t, s.URL, o).ActiveRuns(context.Background())
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Credentials || asked != 2 {
		t.Errorf("got %v after %d requests", err, asked)
	}
}

func TestAddressWithAPathPrefix(t *testing.T) {
	under := func(c call) call { c.uri = "/team/airflow" + c.uri; return c }
	const bearer = "Bearer first-token"
	s := script(t, under(version3), under(signsIn(`{"access_token":"first-token"}`)),
		under(runs3(none)).with(bearer), under(sees("/api/v2", 2)).with(bearer))
	a := ask(t, client(t, s.URL+"/team/airflow/", someone))
	if want := s.URL + "/team/airflow/api/v2" + runsPath; a.Source != want {
		t.Errorf("got %s, want %s", a.Source, want)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for address, o := range map[string]Options{
		"":                                {},
		"airflow.example.org":             {},
		"ftp://airflow.example.org":       {},
		"https://a:b@airflow.example.org": {},
		"https://airflow.example.org/?a":  {},
		"https://airflow.example.org":     {Username: "viewer"},
	} {
		if _, err := New(address, o); err == nil {
			t.Errorf("%q with %+v was taken", address, o)
		} else if strings.Contains(err.Error(), "a:b") {
			t.Errorf("the error tells a password: %v", err)
		}
	}
}

func TestCredentialsAreSecrets(t *testing.T) {
	s := script(t, version3, signsIn(`{"access_token":"exchanged-for-it"}`), runs3(none).with("Bearer exchanged-for-it"), sees("/api/v2", 2).with("Bearer exchanged-for-it"))
	ask(t, client(t, s.URL, Options{Username: "viewer", Password: "correct-horse", Headers: map[string]string{"X-Access": "header-secret"}}))
	client(t, s.URL, Options{Token: "a-static-token"})
	basic := base64.StdEncoding.EncodeToString([]byte("viewer:correct-horse"))
	for _, secret := range []string{"correct-horse", "header-secret", "exchanged-for-it", "a-static-token", basic[:len(basic)-4]} {
		if got := clean.Line("x " + secret).String(); strings.Contains(got, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
}

// Airflow 3 answers 403 to a token that it cannot read, as one is after a restart
// with another secret, and to who may not do something. Only the first is cured
// by signing in again.
func TestATokenThatCannotBeReadIsRenewedToo(t *testing.T) {
	one := `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"queued"}],"total_entries":1}`
	refused := runs3(`{"detail":"Invalid JWT token"}`).failing(403)
	s := script(t, version3, signsIn(`{"access_token":"first-token"}`), refused.with("Bearer first-token"),
		signsIn(`{"access_token":"second-token"}`), runs3(one).with("Bearer second-token"), health3("healthy").with("Bearer second-token"),
		runs3(`{"detail":"Forbidden"}`).failing(403).with("Bearer second-token"))
	c := client(t, s.URL, someone)
	ask(t, c)
	_, err := c.ActiveRuns(t.Context())
	if cause, _ := transport.CauseOf(err); err == nil || cause != transport.Credentials || strings.Contains(err.Error(), "token") {
		t.Errorf("got %v", err)
	}

	const bearer = "Bearer token-of-somebody"
	s = script(t, version3.with(bearer), refused.with(bearer))
	_, err = client(t, s.URL, Options{Token: "token-of-somebody"}).ActiveRuns(t.Context())
	if cause, _ := transport.CauseOf(err); err == nil || cause != transport.Credentials || !strings.Contains(err.Error(), "rejected the token (") {
		t.Errorf("got %v", err)
	}
}

// Airflow 2.11 answers a wrong password as it answers who may not do something, and as
// it answers every password before basic_auth is turned on; 2.5 does the last with 401.
func TestAPasswordThatVersion2RefusesIsExplained(t *testing.T) {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("viewer:correct-horse"))
	for _, status := range []int{401, 403} {
		s := script(t, version2, runs2("{}").failing(status).with(basic))
		_, err := client(t, s.URL, someone).ActiveRuns(t.Context())
		if cause, _ := transport.CauseOf(err); err == nil || cause != transport.Credentials || !strings.Contains(err.Error(), "check the password") || !strings.Contains(err.Error(), "auth_backends") {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestAnExpiredTokenIsSaidToBe(t *testing.T) {
	const bearer = "Bearer token-of-somebody"
	s := script(t, version3.with(bearer), runs3(`{"detail":"Token Expired"}`).failing(401).with(bearer))
	_, err := client(t, s.URL, Options{Token: "token-of-somebody"}).ActiveRuns(t.Context())
	if cause, _ := transport.CauseOf(err); err == nil || cause != transport.Credentials || !strings.Contains(err.Error(), "has expired (401); hint: get a new one") {
		t.Errorf("got %v", err)
	}
}

// TestAWrongPathIsNoLoginPage: Airflow 3 answers with its page at every path, which says
// where it is.
func TestAWrongPathIsNoLoginPage(t *testing.T) {
	page := func(uri, base string) call {
		return call{uri: uri, kind: "text/html; charset=utf-8", answer: "<!doctype html><html><head><base href=\"" + base + "\" /><title>Airflow</title></head><body></body></html>"}
	}
	for base, says := range map[string]string{
		"/airflow/":                  `the path in Airflow's address is wrong: the web page there says that Airflow is at http://HOST/airflow; hint: set url = "http://HOST/airflow" under [airflow]`,
		"/":                          `hint: set url = "http://HOST" under [airflow]`,
		"/airflo/":                   "most likely a login page",
		"https://evil.example.org/a": "most likely a login page",
		"%zz":                        "most likely a login page",
	} {
		s := script(t, page("/airflo/api/v2/version", base), page("/airflo/api/v1/dags/~/dagRuns?limit=100&state=queued", base))
		_, err := client(t, s.URL+"/airflo", Options{}).ActiveRuns(t.Context())
		if want := strings.ReplaceAll(says, "HOST", strings.TrimPrefix(s.URL, "http://")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", base, err, want)
		}
	}
}

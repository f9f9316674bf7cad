package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/transport"
)

// answer is what a fake says to one path.
type answer struct {
	status int // 0: 200
	kind   string
	body   string
	header map[string]string
}

// server answers these paths, and fails the test for any other.
func server(t *testing.T, answers map[string]answer) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := answers[r.URL.Path]
		if !ok {
			t.Errorf("%s was not expected", r.URL)
			a.status = http.StatusTeapot
		}
		if a.kind == "" {
			a.kind = "application/json"
		}
		w.Header().Set("Content-Type", a.kind)
		for name, value := range a.header {
			w.Header().Set(name, value)
		}
		if a.status != 0 {
			w.WriteHeader(a.status)
		}
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const repositoryPath = "/repos/WordPress/openverse-catalog"

func TestGitHub(t *testing.T) {
	const secret = "github-test-token-0123456789"
	quota := map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4990", "X-RateLimit-Reset": "1800000000"}
	low := map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1800000000"}
	classic := map[string]string{"X-OAuth-Scopes": "repo, read:packages"}
	repository := func(permissions string) answer {
		return answer{body: `{"full_name":"WordPress/openverse-catalog","permissions":` + permissions + `}`, header: quota}
	}
	for name, tc := range map[string]struct {
		repository answer
		user       *answer
		from       string
		gh         bool // is on the PATH
		address    string
		token      string
		limit      string
		repo       string
		sum        Sum
	}{
		"a maintainer": {
			repository: repository(`{"push":true}`), user: &answer{body: `{"login":"mar"}`, header: classic}, from: "GITHUB_TOKEN",
			address: "ok ! responds", token: "ok ! a classic token from GITHUB_TOKEN, as mar, with the scopes repo, read:packages",
			limit: "ok ! 4990 of 5000 requests left until 2027-01-15 08:00 UTC", repo: "ok ! public; you can push and see drafts",
		},
		"a reader, whose token ends soon": {
			repository: repository(`{"push":false}`), user: &answer{body: `{"login":"mar"}`, header: map[string]string{"GitHub-Authentication-Token-Expiration": "2026-06-03 10:00:00 UTC"}}, from: "GH_TOKEN",
			address: "ok !", token: "wrong as mar, until 2026-06-03 10:00 UTC -> renew it", limit: "ok !", repo: "ok ! you can read; only people who can push see drafts",
		},
		"a workflow": {
			repository: repository(`{"push":false}`), user: &answer{status: 403, body: `{"message":"Resource not accessible by integration"}`}, from: "GITHUB_TOKEN",
			address: "ok !", token: "ok ! which belongs to no account", limit: "ok !", repo: "ok !",
		},
		"whose token it is cannot be told": {
			repository: repository(`{"push":true}`), user: &answer{status: 404, body: `{}`}, from: "GH_TOKEN",
			address: "ok !", token: "not known can't tell whose it is", limit: "ok !", repo: "ok !",
		},
		"nobody": {
			repository: answer{body: `{"full_name":"WordPress/openverse-catalog"}`, header: low},
			address:    "ok !", token: "missing GITHUB_TOKEN are unset -> set GITHUB_TOKEN to a classic token from your account's settings on that GitHub; with the scope public_repo it shows drafts, with read:packages private images",
			limit: "wrong only 3 of 60 requests left -> wait until then, or set GITHUB_TOKEN to a token from your account's settings on that GitHub, which needs no scope", repo: "ok ! releases are public",
		},
		"nobody, with gh": {
			repository: answer{body: `{"full_name":"WordPress/openverse-catalog"}`, header: low}, gh: true,
			address: "ok !", token: "missing and `gh auth token` returned nothing -> `gh auth login`, or set GITHUB_TOKEN", limit: "wrong only 3 of 60 requests left -> gh auth login", repo: "ok ! releases are public",
		},
		"refused, and no gh": {
			repository: answer{status: 401, body: `{"message":"Bad credentials"}`}, from: "GH_TOKEN",
			address: "ok !", token: "wrong !$ GitHub rejected a classic token from GH_TOKEN (401) -> set GH_TOKEN to a classic token from", limit: "not known ! because of the token", repo: "not known ! because of the token", sum: Denied,
		},
		"refused": {
			gh:         true,
			repository: answer{status: 401, body: `{"message":"Bad credentials"}`}, from: "GH_TOKEN",
			address: "ok !", token: "wrong !$ GitHub rejected a classic token from GH_TOKEN (401) -> renew GH_TOKEN, or `unset GH_TOKEN; gh auth login`", limit: "not known ! because of the token", repo: "not known ! because of the token", sum: Denied,
		},
		"refused, of gh": {
			repository: answer{status: 401, body: `{"message":"Bad credentials"}`}, from: "`gh auth token`", gh: true,
			address: "ok !", token: "wrong !$ GitHub rejected -> gh auth login", limit: "not known !", repo: "not known !", sum: Denied,
		},
		"not visible": {
			repository: answer{status: 404, body: `{"message":"Not Found"}`, header: quota}, user: &answer{body: `{"login":"mar"}`}, from: "GH_TOKEN",
			address: "ok !", token: "ok !", limit: "ok !", repo: "wrong ! your account can't see it -> check the name", sum: Impaired,
		},
		"not visible to strangers": {
			repository: answer{status: 404, body: `{"message":"Not Found"}`, header: quota},
			address:    "ok !", token: "missing", limit: "ok !", repo: "wrong ! your account can't see it -> write `repository = \"OWNER/NAME\"` under [github] in catalog-runbook.toml; or, if it is private, set GITHUB_TOKEN to a classic token from your account's settings on that GitHub with the scopes repo and read:packages", sum: Impaired,
		},
		"single sign-on": {
			repository: answer{status: 403, body: `{"message":"x"}`, header: map[string]string{"X-GitHub-SSO": "required"}}, user: &answer{body: `{"login":"mar"}`}, from: "GH_TOKEN",
			address: "ok !", token: "ok !", limit: "ok !", repo: "wrong !$ returned 403 (Forbidden) -> single sign-on", sum: Denied,
		},
		"renamed": {
			repository: answer{body: `{"full_name":"WordPress/openverse","permissions":{"push":true}}`, header: quota}, user: &answer{body: `{"login":"mar"}`}, from: "GH_TOKEN",
			address: "ok !", token: "ok !", limit: "ok !", repo: "wrong was renamed to WordPress/openverse -> write `repository = \"WordPress/openverse\"` under [github] in catalog-runbook.toml",
		},
		"archived": {
			repository: answer{body: `{"full_name":"WordPress/openverse-catalog","archived":true}`, header: quota}, user: &answer{body: `{"login":"mar"}`}, from: "GH_TOKEN",
			address: "ok !", token: "ok !", limit: "ok !", repo: "wrong ! archived -> ask its owners", sum: Impaired,
		},
		"asked too often": {
			repository: answer{status: 403, body: `{}`, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000000"}}, from: "GH_TOKEN",
			address: "ok !", token: "not known wasn't checked", limit: "not known ! rate limit is exceeded -> try again at", repo: "not known ! because of the limit", sum: Unknown,
		},
		"out of order": {
			repository: answer{status: 503, body: `{}`}, from: "GH_TOKEN",
			address: "not known ! failed (503 -> try again", token: "not known wasn't checked", limit: "not known !", repo: "not known !", sum: Unknown,
		},
		"a login page": {
			repository: answer{kind: "text/html", body: "<html>"}, user: &answer{kind: "text/html", body: "<html>"}, from: "GH_TOKEN",
			address: "ok !", token: "not known login page", limit: "ok !", repo: "wrong !$ login page -> log in", sum: Denied,
		},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]answer{repositoryPath: tc.repository}
			if tc.user != nil {
				answers["/user"] = *tc.user
			}
			var s steps.Settings
			s.GitHub.APIURL = server(t, answers)
			c := steps.Credentials{}
			if tc.from != "" {
				c.GitHubToken = transport.NewToken(secret)
			}
			path := t.TempDir()
			if tc.gh {
				if err := os.WriteFile(filepath.Join(path, "gh"), []byte("#!/bin/sh\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			p, to := patient(t, releases, s, c, "PATH="+path)
			p.World.Now = func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }
			if tc.from != "" {
				p.GitHub = Token{From: tc.from, Kind: "a classic token"}
			}
			all := look(t, p)
			want(t, all, "github", tc.address)
			want(t, all, "github.token", tc.token)
			want(t, all, "github.quota", tc.limit)
			want(t, all, "github.repository", tc.repo)
			var list []Finding
			for _, f := range all {
				list = append(list, f)
			}
			if got := Of(list); got != tc.sum {
				t.Errorf("it comes to %d, want %d", got, tc.sum)
			}
			if len(to.sent) > 2 {
				t.Errorf("sent %q, want two requests at most", to.sent)
			}
		})
	}
}

// What cannot be asked at all is told, all of it, and nobody is asked.
func TestGitHubCannotBeAsked(t *testing.T) {
	address := errors.New(`reading the address "api": want http:// or https:// and a host`)
	for name, tc := range map[string]struct {
		repository   string
		problem      error
		github, repo string
	}{
		"its address": {"", address, "wrong ! reading the address -> write `api_url = \"https://api.github.com\"` under [github] in catalog-runbook.toml", "not known ! because of its address"},
		"the name":    {"openverse", nil, "not known ! because of the repository's name", "wrong ! want owner/name -> write `repository = \"OWNER/NAME\"` under [github]"},
		"both":        {"openverse", address, "wrong ! reading the address", "wrong ! want owner/name"},
	} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			s.GitHub.Repository = tc.repository
			p, to := patient(t, releases, s, steps.Credentials{})
			p.APIProblem = tc.problem
			p.GitHub = Token{From: "GH_TOKEN", Kind: "a classic token"}
			all := look(t, p)
			want(t, all, "github", tc.github)
			want(t, all, "github.token", "not known a classic token from GH_TOKEN")
			want(t, all, "github.repository", tc.repo)
			if len(to.sent) > 0 {
				t.Errorf("sent %q", to.sent)
			}
		})
	}
}

// world is a practice world with this Airflow.
func world(t *testing.T, airflow int) *practice.World {
	t.Helper()
	w, err := practice.Start("calm", practice.Options{AirflowVersion: airflow})
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

type keys map[string]authn.AuthConfig

func (k keys) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if c, ok := k[r.RegistryStr()]; ok {
		return authn.FromConfig(c), nil
	}
	return authn.Anonymous, nil
}

func TestRegistry(t *testing.T) {
	const password = "docker-password-01"
	w := world(t, 2)
	host, _, _ := strings.Cut(w.Image(), "/")
	closed := listener(t, nil)
	for name, tc := range map[string]struct {
		image                   string
		keys                    keys
		address, account, found string
		sum                     Sum
		secured                 bool // it is asked over TLS
	}{
		"over TLS only":       {image: w.Image(), secured: true, address: "not known ! " + host + " doesn't use TLS -> if this registry has no TLS, set `plain_http = true` under [image]", account: "not known because of the registry", found: "not known !", sum: Unknown},
		"everybody may":       {image: w.Image(), address: "ok ! " + host + " responds", account: "ok ! not needed", found: "ok ! the newest version, v1.5.3, can be pulled, built"},
		"credentials unused":  {image: w.Image(), keys: keys{host: {Username: "mar", Password: password}}, address: "ok !", account: "ok ! not needed", found: "ok !"},
		"not for strangers":   {image: host + "/other/image", address: "ok !", account: "missing !$ there are no credentials for " + host + " -> docker login " + host, found: "not known ! because of the registry account", sum: Denied},
		"not for this person": {image: host + "/other/image", keys: keys{host: {Username: "mar", Password: password}}, address: "ok !", account: "ok ! mar, from the Docker configuration", found: "wrong !$ that your account can see -> docker login", sum: Denied},
		"not reachable, TLS":  {image: closed + "/owner/name", secured: true, address: "not known ! can't reach -> try `curl -I https://" + closed + "/v2/`; check your network, and", account: "not known because of the registry", found: "not known !", sum: Unknown},
		"not reachable":       {image: closed + "/owner/name", address: "not known ! can't reach -> try `curl -I http://" + closed + "/v2/`; check your network, and reference under [image] in catalog-runbook.toml", account: "not known because of the registry", found: "not known !", sum: Unknown},
		"no image":            {image: "mar:" + password + "@ghcr.io/Owner", found: "wrong ! ghcr.io/Owner is not a valid image name -> `reference = ", sum: Impaired},
	} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			s.Image.Reference, s.Image.PlainHTTP = tc.image, !tc.secured
			p, _ := patient(t, images, s, steps.Credentials{Docker: tc.keys})
			all := look(t, p)
			want(t, all, "registry", tc.address)
			want(t, all, "registry.account", tc.account)
			want(t, all, "registry.image", tc.found)
			if got := Of(values(all)); got != tc.sum || strings.Contains(fmt.Sprint(all), password) {
				t.Errorf("it comes to %d, want %d: %v", got, tc.sum, all)
			}
		})
	}
}

func values(all map[string]Finding) (list []Finding) {
	for _, f := range all {
		list = append(list, f)
	}
	return list
}

// listener returns the address of a server that accepts connections and leaves
// them to serve; nil is an address where nobody listens any more.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if serve == nil {
		_ = l.Close()
		return l.Addr().String()
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

func TestAirflow(t *testing.T) {
	two, three := world(t, 2), world(t, 3)
	health := func(scheduler string) map[string]answer {
		return map[string]answer{
			"/api/v2/version": {body: `{"version":"3.1.0"}`}, "/api/v2/dags": {body: `{"dags":[],"total_entries":7}`}, "/api/v2/importErrors": {body: `{"import_errors":[],"total_entries":0}`},
			"/api/v2/monitor/health": {body: `{"metadatabase":{"status":"healthy"},"scheduler":{"status":"` + scheduler + `","latest_scheduler_heartbeat":"2026-06-01T00:00:00Z"},"triggerer":{"status":null},"dag_processor":{"status":"healthy"}}`},
		}
	}
	page := answer{kind: "text/html", body: "<html>sign in"}
	viewer := steps.Credentials{AirflowUsername: two.AirflowUser(), AirflowPassword: two.AirflowPassword()}
	for name, tc := range map[string]struct {
		url, trusted  string // trusted "" is url, "-" is none
		creds         steps.Credentials
		given         Account
		expected      int
		before        int // seen in an earlier run
		address, well string
		account, dags string
		sum           Sum
		linked        bool // the document's link leads elsewhere
	}{
		"another than the document's": {
			url: two.AirflowURL(), creds: viewer, given: Account{Given: "the user practice"}, expected: 3, linked: true,
			address: "wrong " + two.AirflowURL() + ", version 2.11.2; the document links to a different one, https://airflow.example.org -> make sure this is the Airflow to deploy to, or correct url under [airflow]",
			well:    "ok !", account: "ok !", dags: "ok !",
		},
		"2, a viewer": {
			url: two.AirflowURL(), creds: viewer, given: Account{Given: "the user practice, with AIRFLOW_PASSWORD"}, expected: 3,
			address: "ok ! version 2.11.2", well: "ok ! metadatabase healthy, scheduler healthy", account: "ok ! the user practice", dags: "ok ! seen, at least 3 expected",
		},
		"nothing is said of how many DAGs": {
			url: two.AirflowURL(), creds: viewer, given: Account{Given: "the user practice"},
			address: "ok !", well: "ok !", account: "ok !", dags: "wrong seen; without expected_dags -> write `expected_dags = 38` under [airflow]",
		},
		"fewer DAGs than in an earlier run": {
			url: two.AirflowURL(), creds: viewer, given: Account{Given: "the user practice"}, before: 40,
			address: "ok !", well: "ok !", account: "ok !", sum: Impaired,
			dags: "wrong ! 38 seen, but 40 in an earlier run: DAGs were removed, or this account sees fewer -> find out what happened to the others; write `expected_dags = 40` under [airflow] in catalog-runbook.toml, or 38 if they were removed",
		},
		"as many DAGs as in an earlier run": {
			url: two.AirflowURL(), creds: viewer, given: Account{Given: "the user practice"}, before: 38,
			address: "ok !", well: "ok !", account: "ok !", dags: "wrong seen; without expected_dags -> write `expected_dags = 38` under [airflow]",
		},
		"2, without rights": {
			url: two.AirflowURL(), creds: steps.Credentials{AirflowUsername: airflow.PowerlessUser, AirflowPassword: two.AirflowPassword()}, given: Account{Given: "the user powerless"},
			address: "ok !", well: "ok !", account: "wrong !$ the user powerless: Airflow returned 403 (Forbidden) -> check the password and the account's permissions", dags: "not known ! because of the account", sum: Denied,
		},
		"3, with too few rights": {
			url: server(t, health("healthy")), creds: steps.Credentials{AirflowToken: "airflow-token-0123456789"}, given: Account{Given: "the token in AIRFLOW_TOKEN"}, expected: 8,
			address: "ok !", well: "ok !", account: "ok ! the token in AIRFLOW_TOKEN", dags: "wrong !$ sees 7 of at least 8 DAGs -> can read all DAGs", sum: Denied,
		},
		"2, a wrong password": {
			url: two.AirflowURL(), creds: steps.Credentials{AirflowUsername: "mar", AirflowPassword: "wrong-password"}, given: Account{Given: "the user mar, with AIRFLOW_PASSWORD", Renew: "correct AIRFLOW_PASSWORD"},
			address: "ok !", well: "ok !", account: "wrong !$ the user mar, with AIRFLOW_PASSWORD: Airflow returned 401 (Unauthorized) -> correct AIRFLOW_PASSWORD; or check the password", dags: "not known ! because of the account", sum: Denied,
		},
		"2, nobody": {
			url:     two.AirflowURL(),
			address: "ok !", well: "ok !", account: "missing !$ no Airflow credentials -> set AIRFLOW_TOKEN", dags: "not known !", sum: Denied,
		},
		"2, something of the credentials is missing": {
			url: two.AirflowURL(), given: Account{Problems: []error{say.Hint(errors.New("reading Airflow's credentials: no password"), "set the variable AIRFLOW_PASSWORD")}},
			address: "ok !", well: "ok !", account: "missing !$ no password -> set the variable AIRFLOW_PASSWORD", dags: "not known !", sum: Denied,
		},
		"not signed in: your credentials weren't sent, because the address comes from the document; none are needed": {
			url: two.AirflowURL(), trusted: "-", creds: viewer, given: Account{Given: "the user practice"},
			address: "ok !", well: "ok !", account: "missing !$ your credentials weren't sent -> write `url = \"" + two.AirflowURL() + "\"` under [airflow] in catalog-runbook.toml", dags: "not known !", sum: Denied,
		},
		"credentials in the address": {
			url: "https://mar:pw1@airflow.example.org/x?k=pw2", creds: viewer, given: Account{Given: "the user practice"},
			address: "wrong ! https://airflow.example.org/x: remove everything before the host -> write `url = \"https://airflow.example.org/x\"` under [airflow] in", well: "not known !", account: "not known !", dags: "not known !", sum: Impaired,
		},
		"credentials over plain http": {
			url: "http://airflow.example.org", creds: viewer, given: Account{Given: "the user practice"},
			address: "wrong ! not sent over plain http -> write `url = \"https://airflow.example.org\"` under [airflow]", well: "not known !", account: "not known !", dags: "not known !", sum: Impaired,
		},
		"3, a password": {
			url: three.AirflowURL(), creds: steps.Credentials{AirflowUsername: three.AirflowUser(), AirflowPassword: three.AirflowPassword()}, given: Account{Given: "the user practice, with AIRFLOW_PASSWORD"},
			address: "ok ! version 3.3.2", well: "ok ! dag processor healthy", account: "not known ! with a POST -> AIRFLOW_TOKEN", dags: "not known !", sum: Unknown,
		},
		"3, everybody may look": {
			url: server(t, health("healthy")), expected: 7,
			address: "ok ! version 3.1.0", well: "ok ! triggerer not started", account: "ok ! not signed in; none needed", dags: "ok ! 7 seen",
		},
		"the scheduler is dead": {
			url: server(t, health("unhealthy")), expected: 7,
			address: "ok !", well: "wrong ! scheduler unhealthy (last seen 1h0m0s ago) -> check its scheduler", account: "ok !", dags: "ok !", sum: Impaired,
		},
		"a proxy's login page": {
			url:     server(t, map[string]answer{"/api/v2/version": page, "/api/v1/version": page, "/api/v1/dags": page, "/api/v1/health": page}),
			given:   Account{Extra: "the header CF-Access-Client-Id"},
			address: "ok ! shows its version only to signed-in users", well: "not known ! because of the account", account: "wrong !$ the header CF-Access-Client-Id: Airflow returned a web page -> log in", dags: "not known !", sum: Denied,
		},
		"no Airflow": {
			url:     server(t, map[string]answer{"/api/v2/version": {status: 404, body: "{}"}, "/api/v1/version": {status: 404, body: "{}"}}),
			address: "wrong ! no Airflow 2 or 3 API at this address -> correct Airflow's address", well: "not known !", account: "not known !", dags: "not known !", sum: Impaired,
		},
		"not reachable": {
			url:     "http://" + listener(t, nil),
			address: "not known ! can't reach -> try `curl -I http://127.0.0.1:", well: "not known !", account: "not known !", dags: "not known !", sum: Unknown,
		},
		"neither scheme nor end": {
			url:     "airflow.example.org/home?x=1",
			address: "wrong ! remove everything before the host -> write `url = \"https://airflow.example.org/home\"` under [airflow]", well: "not known !", account: "not known !", dags: "not known !", sum: Impaired,
		},
		"no address": {
			url:     "airflow.example.org",
			address: "wrong ! want http:// or https:// -> write `url = \"https://airflow.example.org\"` under [airflow]", well: "not known !", account: "not known !", dags: "not known !", sum: Impaired,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			s.Airflow.URL, s.Airflow.ExpectedDAGs = tc.url, tc.expected
			p, to := patient(t, idle, s, tc.creds)
			p.World.Now = func() time.Time { return time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC) }
			p.Airflow = tc.given
			p.World.Earlier = func() steps.Earlier { return steps.Earlier{DAGs: map[string]int{tc.url: tc.before}} }
			if !tc.linked {
				p.Bound = p.Bound.ForPractice()
			}
			if tc.trusted == "-" {
				p.World.Airflow.Trusted = ""
			}
			all := look(t, p)
			want(t, all, "airflow", tc.address)
			want(t, all, "airflow.health", tc.well)
			want(t, all, "airflow.account", tc.account)
			want(t, all, "airflow.dags", tc.dags)
			if got := Of(values(all)); got != tc.sum {
				t.Errorf("it comes to %d, want %d: %v", got, tc.sum, all)
			}
			if text := fmt.Sprint(all); tc.creds.AirflowPassword != "" && strings.Contains(text, tc.creds.AirflowPassword) {
				t.Errorf("the password is told: %s", text)
			}
			if len(to.sent) > 8 {
				t.Errorf("sent %q, want eight requests at most", to.sent)
			}
		})
	}
}

// Services that accept a question and never answer hold nothing up beyond the limit.
func TestNobodyAnswers(t *testing.T) {
	silent := listener(t, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, c) // until the asker gives up
		_ = c.Close()
	})
	var s steps.Settings
	s.GitHub.APIURL, s.Image.Reference, s.Airflow.URL = "http://"+silent, silent+"/owner/name", "http://"+silent
	s.Infrastructure.Directory = repository(t)
	_, env := path(t, map[string]string{"git": "while :; do :; done"})
	p, _ := patient(t, releases+strings.Replace(images+idle+commands, "1. ", "2. ", 1), s, steps.Credentials{}, env)
	p.limit = 400 * time.Millisecond
	begin := time.Now()
	all := look(t, p)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, id := range []string{"github", "registry", "airflow", "tool.git"} {
		want(t, all, id, "not known ! ")
	}
	if Of(values(all)) != Impaired { // there is no just
		t.Errorf("it comes to %d", Of(values(all)))
	}
	// All is asked side by side: two more services take no longer.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found := Diagnose(ctx, p); len(found) == 0 {
		t.Error("nothing is told when the asker gives up")
	}
}

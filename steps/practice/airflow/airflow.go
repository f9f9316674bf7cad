// Package airflow is the Airflow of a practice world, major version 2 or 3. It
// implements the requests of our client, and its accounts see what accounts of a real
// Airflow see. The client's contract tests compare it with both real versions.
package airflow

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

const (
	// Operator is an account that may see all DAGs, pause them and turn them on.
	Operator = "practice"
	// ViewerUser is an account that may see all DAGs and change nothing.
	ViewerUser = "viewer"
	// NarrowUser is an account that sees the DAG phylopic_workflow, its runs and
	// nothing else.
	NarrowUser = "narrow"
	// PowerlessUser is an account that may list DAG runs but sees no DAG: it gets
	// status 200 and no rows even if DAG runs are active.
	PowerlessUser = "powerless"
	// NobodyUser is an account without any right.
	NobodyUser = "nobody"
)

// asker is what a signed-in user may do.
type asker struct {
	lists, edits bool
	errors       bool   // may ask for import errors
	pools        bool   // may ask for pools
	sees         string // a DAG's id, or allDAGs; "" for no DAG
}

const allDAGs = "~"

func (a asker) maySee(id string) bool { return a.sees == allDAGs || a.sees == id && id != "" }

var askers = map[string]asker{
	Operator:      {lists: true, errors: true, pools: true, sees: allDAGs, edits: true},
	ViewerUser:    {lists: true, errors: true, pools: true, sees: allDAGs},
	NarrowUser:    {lists: true, sees: "phylopic_workflow"},
	PowerlessUser: {lists: true, errors: true},
	NobodyUser:    {},
}

// airflow answers as Airflow 2.11's /api/v1 or Airflow 3's /api/v2.
type airflow struct {
	major    int
	password string
	tokens   map[string]string // Airflow 3: token to user
	state    *state.Store
}

// New returns an Airflow of a major version, 2 or 3. All accounts have the password.
func New(major int, password string, s *state.Store) http.Handler {
	a := &airflow{major: major, password: password, state: s, tokens: map[string]string{}}
	for user := range askers {
		a.tokens[server.Secret()] = user
	}
	mux := http.NewServeMux()
	base := "/api/v1"
	if major == 3 {
		base = "/api/v2"
		mux.HandleFunc("POST /auth/token", a.token)
		mux.HandleFunc("GET /api/v2/monitor/health", a.health)
		mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
			server.Reply(w, http.StatusNotFound, "application/json", server.Object{"error": "API route not found"})
		})
	} else {
		mux.HandleFunc("GET /api/v1/health", a.health)
		mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, _ *http.Request) {
			a.fail(w, http.StatusNotFound, "Not Found", "The requested URL was not found on the server.")
		})
	}
	mux.HandleFunc("GET "+base+"/version", a.version)
	mux.HandleFunc("GET "+base+"/dags", a.signedIn(a.dags))
	mux.HandleFunc("GET "+base+"/dags/{dag}", a.signedIn(a.dag))
	mux.HandleFunc("PATCH "+base+"/dags/{dag}", a.signedIn(a.changeDAG))
	mux.HandleFunc("GET "+base+"/dags/{dag}/dagRuns", a.signedIn(a.dagRuns))
	mux.HandleFunc("GET "+base+"/dags/{dag}/details", a.signedIn(a.details))
	mux.HandleFunc("GET "+base+"/dagSources/{file}", a.signedIn(a.source))
	mux.HandleFunc("GET "+base+"/dags/{dag}/dagRuns/{run}", a.signedIn(a.dagRun))
	mux.HandleFunc("GET "+base+"/importErrors", a.signedIn(a.importErrors))
	mux.HandleFunc("GET "+base+"/dags/{dag}/dagRuns/{run}/taskInstances", a.signedIn(a.tasks))
	mux.HandleFunc("GET "+base+"/dags/{dag}/datasets/queuedEvent", a.signedIn(a.assetEvents)) // Airflow 2
	mux.HandleFunc("GET "+base+"/dags/{dag}/assets/queuedEvents", a.signedIn(a.assetEvents))  // Airflow 3
	mux.HandleFunc("GET "+base+"/eventLogs", a.signedIn(a.eventLogs))
	mux.HandleFunc("GET "+base+"/pools", a.signedIn(a.pools))
	mux.HandleFunc("/", a.page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat)) // a world has its own time
		if err := s.Boot(); err != nil || !s.Facts().Up(s.Now()) {
			server.Page(w, statusDown, "Web server is down", "Error 521: the web server is not returning a connection.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// statusDown is what Cloudflare, which stands before the real one, answers while its server
// refuses connections (its documentation, "5xx errors").
const statusDown = 521

// page serves all pages. Airflow 3 serves the same page for every address, even if it
// doesn't exist.
func (a *airflow) page(w http.ResponseWriter, r *http.Request) {
	const text = "This is the practice world's Airflow. It has no pages; its DAG runs are answered for by the API."
	switch {
	case a.major == 3:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html><head><base href="/" /><title>Airflow</title></head><body>`+text+"</body></html>\n")
	case r.URL.Path == "/login/":
		server.Page(w, http.StatusOK, "Sign In - Airflow", text)
	case r.URL.Path == "/" || r.URL.Path == "/home" || strings.HasPrefix(r.URL.Path, "/dags/") || strings.HasPrefix(r.URL.Path, "/dagrun/"):
		http.Redirect(w, r, "/login/?next="+r.URL.EscapedPath(), http.StatusFound)
	default:
		server.Page(w, http.StatusNotFound, "Airflow 404", "Airflow 404 = lots of circles")
	}
}

func (a *airflow) version(w http.ResponseWriter, _ *http.Request) {
	server.Reply(w, http.StatusOK, "application/json", server.Object{"version": a.state.Facts().AirflowVersion(), "git_version": nil})
}

func (a *airflow) health(w http.ResponseWriter, _ *http.Request) {
	last := a.state.Facts().Beat(a.state.Now())
	beat, status := a.time(last), any("healthy")
	if last.IsZero() {
		status = nil
	}
	body := server.Object{
		"metadatabase": server.Object{"status": "healthy"},
		"scheduler":    server.Object{"status": status, "latest_scheduler_heartbeat": beat},
	}
	if a.major == 3 {
		body["triggerer"] = server.Object{"status": nil, "latest_triggerer_heartbeat": nil}
		body["dag_processor"] = server.Object{"status": status, "latest_dag_processor_heartbeat": beat}
	}
	server.Reply(w, http.StatusOK, "application/json", body)
}

// token exchanges a password for a token, as Airflow 3 does.
func (a *airflow) token(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Username, Password string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ask); err != nil {
		a.fail(w, http.StatusUnprocessableEntity, "", "JSON decode error")
		return
	}
	for token, user := range a.tokens {
		if user == ask.Username && server.Same(ask.Password, a.password) {
			server.Reply(w, http.StatusCreated, "application/json", server.Object{"access_token": token})
			return
		}
	}
	a.fail(w, http.StatusUnauthorized, "", "Invalid credentials")
}

func (a *airflow) signedIn(next func(http.ResponseWriter, *http.Request, asker)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user := ""
		if a.major == 3 {
			token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			for known, of := range a.tokens {
				if server.Same(token, known) {
					user = of
				}
			}
		} else if name, password, ok := r.BasicAuth(); ok && server.Same(password, a.password) {
			user = name
		}
		who, known := askers[user]
		switch {
		case known && !who.lists:
			a.forbid(w)
		case known:
			next(w, r, who)
		case a.major == 3 && r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", "Bearer")
			a.fail(w, http.StatusUnauthorized, "", "Not authenticated")
		case a.major == 3:
			a.fail(w, http.StatusForbidden, "", "Invalid JWT token")
		default:
			w.Header().Set("WWW-Authenticate", "Basic")
			a.fail(w, http.StatusUnauthorized, "Unauthorized", nil)
		}
	}
}

// fail writes an error, for Airflow 2 in the format of RFC 7807 and for Airflow 3 in
// that of FastAPI.
func (a *airflow) fail(w http.ResponseWriter, status int, title string, detail any) {
	if a.major == 3 {
		server.Reply(w, status, "application/json", server.Object{"detail": detail})
		return
	}
	server.Reply(w, status, "application/problem+json", server.Object{"type": "about:blank", "title": title, "status": status, "detail": detail})
}

// forbid writes the error for a user without the permission for a request.
func (a *airflow) forbid(w http.ResponseWriter) {
	if a.major == 3 {
		a.fail(w, http.StatusForbidden, "", "Forbidden")
		return
	}
	a.fail(w, http.StatusForbidden, "Forbidden", nil)
}

// time formats t as this version of Airflow does. It returns nil for the zero time.
func (a *airflow) time(t time.Time) any {
	switch {
	case t.IsZero():
		return nil
	case a.major == 3:
		return t.UTC().Format("2006-01-02T15:04:05.999999Z")
	default:
		return stamp(t)
	}
}

package steps_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// fault is one thing that can go wrong with one request.
type fault struct {
	name string
	// do answers in place of the service.
	do func(w http.ResponseWriter, r *http.Request)
	// take has the connection for itself, refuse does not let it come about.
	take   func(net.Conn)
	refuse error
	// passing: it is asked again, and a service that has recovered then has not
	// been asked in vain.
	passing bool
	// says has the words of which one must be in what the check says.
	says []string
	// denied: credentials are wanted.
	denied bool
}

// saysWhatToDo matches a summary that tells, in a sentence of its own, what a person can do.
var saysWhatToDo = regexp.MustCompile(`[.;] (Check|Try|Use|Log in,?|Set|Add|Correct|Get|Verify|verify|Run|Open|Wait|Renew|Authorize|See|Build|Push|Install) `)

func answers(status int, header, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for line := range strings.SplitSeq(header, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				w.Header()[name] = []string{value}
				if value == "" {
					w.Header()[name] = nil // else net/http would make one up
				}
			}
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func redirects(status int, to string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", strings.ReplaceAll(to, "HOST", r.Host))
		w.WriteHeader(status)
	}
}

// later runs what is made of the moment at which it is asked for.
func later(do func(now time.Time) func(http.ResponseWriter, *http.Request)) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) { do(time.Now())(w, r) }
}

// handshake begins TLS in another way than the network's servers do.
func handshake(config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, config)
		if s.Handshake() == nil {
			_, _ = io.Copy(io.Discard, s)
		}
	}
}

// unending are how many bytes of a body without an end were sent.
var unending atomic.Int64

func endless(length string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		block := bytes.Repeat([]byte(" "), 1<<16)
		for r.Method != http.MethodHead && r.Context().Err() == nil {
			n, err := w.Write(block)
			unending.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
}

func zipped(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(bomb)
}

var bomb = func() []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		panic(err)
	}
	_, _ = z.Write(bytes.Repeat([]byte(" "), 6<<20))
	_ = z.Close()
	return b.Bytes()
}()

var (
	quiet  = []string{"timed out"}
	away   = []string{"an't reach", "closed the connection"}
	long   = []string{"returned more than 4 MiB"}
	often  = []string{"rate limit"}
	login  = []string{"login page", "the redirect was not followed"}
	unsure = []string{"TLS certificate"}
	// odd is what is said about an answer that makes no sense.
	odd = []string{"invalid response", "unexpected JSON", "invalid JSON", "instead of JSON", "instead of a manifest",
		"empty response", "not JSON", "full commit id", "didn't report its version", "returned unexpected status 200"}
	// lacking is what is said about an answer that leaves out what counts.
	lacking = append(slices.Clone(odd), " lacks ", "without saying", "returned no ", "has no list of", "listed no pools", "doesn't say whether", "doesn't report the health", "is null", "not a list", "has no full_name", `returned ""`)
)

var faults = []fault{
	{name: "refused", refuse: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, passing: true, says: []string{"refused"}},
	{name: "no such name", refuse: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}, says: []string{"DNS lookup for"}},
	{name: "the name server stumbles", refuse: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}, passing: true, says: []string{"DNS lookup for"}},
	{name: "no way there", refuse: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, says: away},
	{name: "nobody vouches for it", take: handshake(&tls.Config{Certificates: []tls.Certificate{identities().stranger}}), says: unsure},
	{name: "another name", take: handshake(&tls.Config{Certificates: []tls.Certificate{identities().namesake}}), says: unsure},
	{name: "old TLS", take: handshake(&tls.Config{Certificates: []tls.Certificate{identities().good}, MaxVersion: tls.VersionTLS11}), says: away},
	{name: "HTTP where HTTPS is expected", take: func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
	}, says: []string{"TLS certificate", "HTTP response to HTTPS"}},
	{name: "no handshake", take: func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, says: quiet},
	{name: "hangs up on the handshake", take: func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }, passing: true, says: away},

	{name: "cut before the answer", do: func(w http.ResponseWriter, _ *http.Request) { hangUp(w, false, "") }, passing: true, says: away},
	{name: "reset before the answer", do: func(w http.ResponseWriter, _ *http.Request) { hangUp(w, true, "") }, passing: true, says: away},
	{name: "reset in the headers", do: func(w http.ResponseWriter, _ *http.Request) {
		hangUp(w, true, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
	}, passing: true, says: away},
	{name: "reset in the body", do: func(w http.ResponseWriter, _ *http.Request) {
		hangUp(w, true, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
	}, passing: true, says: away},
	{name: "cut in the body", do: func(w http.ResponseWriter, _ *http.Request) {
		hangUp(w, false, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{")
	}, passing: true, says: away},
	{name: "not HTTP at all", do: func(w http.ResponseWriter, _ *http.Request) { hangUp(w, false, "SSH-2.0-OpenSSH_9.6\r\n") }, says: append(away, odd...)},
	{name: "slow headers", do: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, says: quiet},
	{name: "slow body", do: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
		}
	}, says: quiet},
	{name: "a body without an end", do: endless(""), says: long},
	{name: "a body of 10 GiB", do: endless(fmt.Sprint(int64(10 << 30))), says: long},
	{name: "a zipped body of 6 MiB", do: zipped, says: long},

	{name: "200 with a login page", do: answers(200, "Content-Type: text/html; charset=utf-8", "<!doctype html><form>Sign in</form>"), says: login, denied: true},
	{name: "200 with nothing", do: answers(200, "", ""), says: odd},
	{name: "204", do: answers(204, "", ""), says: append(odd, "204")},
	{name: "another content type", do: answers(200, "Content-Type: application/pdf", "%PDF-1.7"), says: odd},
	{name: "no content type", do: answers(200, "Content-Type: ", "\x00\x01\x02"), says: odd},
	{name: "JSON that is cut", do: answers(200, "", `{"a":[1,`), says: odd},
	{name: "deep JSON", do: answers(200, "", strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)), says: odd},
	{name: "other JSON", do: answers(200, "", `["hello"]`), says: odd},
	{name: "an empty object", do: answers(200, "", "{}"), says: lacking},
	{name: "null", do: answers(200, "", "null"), says: lacking},
	{name: "304 to no question", do: answers(304, "", ""), says: []string{"returned 304 (Not Modified) to an unconditional request"}},

	{name: "301 to another host", do: redirects(301, "https://evil.test/steal"), says: login, denied: true},
	{name: "307 to another host", do: redirects(307, "https://evil.test/steal"), says: login, denied: true},
	{name: "308 to another host", do: redirects(308, "https://evil.test/steal"), says: login, denied: true},
	{name: "to plain HTTP", do: redirects(302, "http://HOST/plain"), says: login, denied: true},
	{name: "to another port", do: redirects(307, "https://HOST:8443/other"), says: login, denied: true},
	{name: "to a host that looks alike", do: redirects(302, "https://HOST@evil.test/steal"), says: login, denied: true},

	{name: "400", do: answers(400, "", "{}"), says: []string{"400"}},
	{name: "401", do: answers(401, "", "{}"), says: []string{"401", "doesn't exist, or it is private", "rejected"}, denied: true},
	{name: "403", do: answers(403, "", `{"message":"Forbidden"}`), says: []string{"403", "doesn't exist, or it is private"}, denied: true},
	{name: "403 that is a limit", do: later(func(now time.Time) func(http.ResponseWriter, *http.Request) {
		return answers(403, fmt.Sprintf("X-Ratelimit-Remaining: 0\nX-Ratelimit-Reset: %d", now.Add(40*time.Minute).Unix()), "{}")
	}), says: often},
	{name: "403 that asks for patience", do: answers(403, "Retry-After: 90", "{}"), says: often},
	{name: "404", do: answers(404, "", `{"message":"Not Found"}`), says: []string{"404", "your account can't see it", "has no public image", "no Airflow 2 or 3 API at this address"}},
	{name: "407", do: answers(407, "", "{}"), says: []string{"407"}, denied: true},
	{name: "409", do: answers(409, "", "{}"), says: []string{"409"}},
	{name: "410", do: answers(410, "", "{}"), says: []string{"410"}},
	{name: "422", do: answers(422, "", "{}"), says: []string{"422"}},
	{name: "429", do: answers(429, "", "{}"), says: often},
	{name: "429 with seconds", do: answers(429, "Retry-After: 3", "{}"), passing: true, says: often},
	{name: "429 with a date", do: later(func(now time.Time) func(http.ResponseWriter, *http.Request) {
		return answers(429, "Retry-After: "+now.Add(4*time.Second).UTC().Format(http.TimeFormat), "{}")
	}), passing: true, says: often},
	{name: "429 for an hour", do: answers(429, "Retry-After: 3600", "{}"), says: often},
	{name: "500", do: answers(500, "", "oops"), says: []string{"500 Internal Server Error"}},
	{name: "502", do: answers(502, "Content-Type: text/html", "<h1>Bad Gateway</h1>"), passing: true, says: []string{"502 Bad Gateway"}},
	{name: "503", do: answers(503, "", "{}"), passing: true, says: []string{"503 Service Unavailable"}},
	{name: "503 with seconds", do: answers(503, "Retry-After: 5", "{}"), passing: true, says: []string{"503 Service Unavailable"}},
	{name: "504", do: answers(504, "", ""), passing: true, says: []string{"504 Gateway Timeout"}},
}

// Secrets of the faulty world.
const (
	gitHubSecret  = "a-token-for-github"
	airflowSecret = "a-password-for-airflow"
	proxySecret   = "a-secret-for-the-proxy-before-airflow"
	dockerSecret  = "a-password-for-the-registry"
)

// inquiry is a check of one kind in one situation, with as many requests as are
// all of it.
type inquiry struct {
	name     string
	step     int // release, imageTag or idleDAGs
	requests int
	posts    int // which request is a POST; -1 for none
	heads    int // how many of the last requests are a HEAD, whose answer has no body
	site     func(*fake.Site)
	token    bool // Airflow is asked with a token

	// kind names the kind whose question is put by itself, with in and the answers by host
	// and path, or the whole address; "" for a step of the document.
	kind    string
	in      steps.Input
	answers map[string]any
	good    outcome // without a fault, if it isn't to pass
}

var inquiries = []inquiry{
	{name: "release", step: release, requests: 7, posts: -1},
	{name: "image-tag", step: imageTag, requests: 5, posts: -1, heads: 1, site: func(s *fake.Site) { s.Auth = `Bearer realm="https://auth.test/token",service="registry.test"` }},
	{name: "image-tag without a label", step: imageTag, requests: 5, posts: -1, heads: 2, site: func(s *fake.Site) { s.Image, s.Tied = fake.Bare, true }},
	{name: "image-tag with provenance", step: imageTag, requests: 7, posts: -1, heads: 1, site: func(s *fake.Site) { s.Index, s.Attested = true, true }},
	{name: "idle-dags", step: idleDAGs, requests: 7, posts: -1, token: true},
	{name: "idle-dags with an asset", step: idleDAGs, requests: 8, posts: -1, token: true, site: func(s *fake.Site) { s.Assets = true }},
	{name: "idle-dags with a password", step: idleDAGs, requests: 8, posts: 1},
}

// faulty is a world over a network in which the requests of one check go wrong.
type faulty struct {
	network *network
	inquiry inquiry
	engine  *steps.Engine
	world   *steps.World
	wrong   func(n int) bool // by the number of the request; nil for none
	fault   fault
	healthy *fake.Site

	mu          sync.Mutex
	asked       []*http.Request // nil for a connection that did not come about
	connections atomic.Int64
	struck      []string // the paths of the requests that went wrong
}

// note counts a request and returns its number from 0. Of two that are sent at the same
// time it is always the same one that has the lower number.
func (f *faulty) note(r *http.Request) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r)
	n := len(f.asked) - 1
	if f.inquiry.kind == "" && n >= 1 && n <= 3 && r != nil {
		// These three of the release are sent at the same time.
		switch {
		case strings.Contains(r.URL.Path, "/commits/tags/"):
			return 1
		case strings.HasSuffix(r.URL.Path, "/releases"):
			return 2
		case strings.HasSuffix(r.URL.Path, "/releases/latest"):
			return 3
		}
	}
	return n
}

func (f *faulty) requests() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

func newFaulty(t *testing.T, q inquiry) *faulty {
	f := &faulty{inquiry: q, healthy: fake.NewSite(10)}
	if q.site != nil {
		q.site(f.healthy)
	}
	f.network = newNetwork(t, f, "api.github.test:443", "airflow.test:443", "registry.test:443", "auth.test:443",
		"evil.test:443", "api.github.test:80", "airflow.test:80", "registry.test:80", "auth.test:80",
		"api.github.test:8443", "airflow.test:8443", "registry.test:8443", "auth.test:8443")
	f.network.secrets = map[string][]string{
		gitHubSecret:        {"api.github.test:443"},
		airflowSecret:       {"airflow.test:443"},
		fake.AirflowIssued:  {"airflow.test:443"},
		proxySecret:         {"airflow.test:443"},
		fake.RegistryIssued: {"registry.test:443"},
		dockerSecret:        {"registry.test:443", "auth.test:443"},
		base64.StdEncoding.EncodeToString([]byte("docker:" + dockerSecret)):  {"registry.test:443", "auth.test:443"},
		base64.StdEncoding.EncodeToString([]byte("viewer:" + airflowSecret)): {"airflow.test:443"},
	}
	// Each request has a connection of its own where it is connections that go wrong,
	// and two may be made at the same time, before either has brought its request.
	f.network.connect = func(int, string) (func(net.Conn), error) {
		if n := int(f.connections.Add(1)) - 1; f.wrong != nil && f.wrong(n) && (f.fault.take != nil || f.fault.refuse != nil) {
			f.note(nil)
			return f.fault.take, f.fault.refuse
		}
		return nil, nil
	}
	var s steps.Settings
	s.GitHub.APIURL, s.GitHub.Repository = fake.GitHubAPI, "o/r"
	s.Image.Reference, s.Airflow.URL = fake.ImageRef, fake.AirflowURL
	c := steps.Credentials{GitHubToken: transport.NewToken(gitHubSecret), AirflowUsername: "viewer", AirflowPassword: airflowSecret,
		AirflowHeaders: map[string]string{"X-Proxy-Secret": proxySecret}, Docker: keychain{}}
	if q.token {
		c.AirflowUsername, c.AirflowPassword, c.AirflowToken = "", "", airflowSecret
	}
	w, err := steps.Connect(s, c, false, nil, transport.Patient(f.network.base))
	if err != nil {
		t.Fatal(err)
	}
	w.Executor = fake.NoCommand{T: t}
	if f.world = w; q.kind != "" {
		return f
	}
	f.engine, err = steps.New(steps.Bind(fake.Parse(t, string(runbook.Default())), s, kinds.All()), w, steps.Options{Mode: runbook.Live})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.engine.Choose(fake.Tag); err != nil {
		t.Fatal(err)
	}
	if q.step == imageTag {
		if res := f.check(t, release); res.Verdict != runbook.Passed {
			t.Fatalf("the release is %s: %s", res.Verdict, res.Summary)
		}
		f.asked = nil
		f.connections.Store(0)
	}
	return f
}

func (f *faulty) check(t *testing.T, step int) runbook.Result {
	t.Helper()
	if name := f.inquiry.kind; name != "" {
		all := kinds.All()
		in := f.inquiry.in
		in.World = f.world
		return all[slices.IndexFunc(all, func(k *steps.Kind) bool { return k.Name == name })].Check.Ask(t.Context(), in)
	}
	res, err := f.engine.Check(t.Context(), f.engine.Bound().Steps[step].Step.ID)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// ServeHTTP is the handler of all servers. Each answer ends its connection where
// it is connections that go wrong.
func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := f.note(r)
	if f.fault.take != nil || f.fault.refuse != nil {
		w.Header().Set("Connection", "close")
	}
	if r.Host == "evil.test" || strings.HasSuffix(r.Host, ":8443") {
		http.NotFound(w, r)
		return
	}
	if f.wrong != nil && f.wrong(n) && f.fault.do != nil {
		f.mu.Lock()
		f.struck = append(f.struck, r.URL.Path)
		f.mu.Unlock()
		f.fault.do(w, r)
		return
	}
	e := f.healthy.Answer(r, r.Host+r.URL.Path)
	for _, address := range []string{r.Host + r.URL.Path, r.Host + r.URL.RequestURI()} {
		if body, ok := f.inquiry.answers[address]; ok {
			e = fake.Exchange{Body: body}
		}
	}
	kind := e.Kind
	if kind == "" {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	for name, value := range e.Header {
		w.Header().Set(name, value)
	}
	if e.Status != 0 {
		w.WriteHeader(e.Status)
	}
	_, _ = w.Write(e.Text(nil))
}

type keychain struct{}

func (keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() != fake.RegistryAt {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(authn.AuthConfig{Username: "docker", Password: dockerSecret}), nil
}

// TestFaults lets every request of every check go wrong in every way, once and
// for good; without -long only the first request and the last.
func TestFaults(t *testing.T) {
	for _, q := range inquiries {
		for _, fault := range faults {
			t.Run(q.name+"/"+fault.name, func(t *testing.T) {
				t.Parallel()
				for first := range q.requests {
					if !*steps.LongTests && first != 0 && first != q.requests-1 {
						continue
					}
					for _, forGood := range []bool{false, true} {
						name := fmt.Sprintf("%d once", first)
						if forGood {
							name = fmt.Sprintf("%d for good", first)
						}
						if forGood && slices.Contains(lengthy, fault.name) {
							continue // the check ends with it, and it takes its time
						}
						t.Run(name, func(t *testing.T) {
							synctest.Test(t, func(t *testing.T) { f := fault; f.strike(t, q, first, forGood) })
						})
					}
				}
			})
		}
	}
}

func (f fault) strike(t *testing.T, q inquiry, first int, forGood bool) {
	<-time.After(time.Until(fake.Moment))
	w := newFaulty(t, q)
	defer w.network.close()
	w.network.base.CloseIdleConnections() // so that the first connection can go wrong, too
	w.fault = f
	w.wrong = func(n int) bool { return n == first || (forGood && n > first) }
	begun := time.Now()
	res := w.check(t, q.step)
	took := time.Since(begun)
	want := q.expect(f, first, forGood)
	health := 0
	for _, r := range w.requests() {
		if r != nil && strings.HasSuffix(r.URL.Path, "/health") {
			health++
		}
	}
	if q.token && f.name == "401" && !forGood && health == 2 {
		// Airflow's health needs no account. Where it is refused, it is asked again with one,
		// which a proxy may want. Which request it is differs, as several are sent together.
		want = q.healthy()
	}
	if f.name == "404" && len(w.struck) == 1 && strings.HasSuffix(w.struck[0], "/assets/queuedEvents") {
		// Some versions say so that no event is waiting. Which request it is differs too.
		want = outcome{verdict: runbook.Passed, says: []string{"No DAG run"}}
	}
	if q.kind == "" && f.name == "404" && len(w.struck) == 1 && strings.Contains(w.struck[0], "/contents/") {
		// Without the workflow's file, the names of its jobs decide.
		want = outcome{verdict: runbook.Passed, says: []string{"its build succeeded"}}
	}
	if res.Verdict != want.verdict {
		t.Errorf("it is %s, want %s: %s; wrong: %s", res.Verdict, want.verdict, res.Summary, w.struck)
	}
	if res.Waiting != want.waits {
		t.Errorf("waiting is %t: %s", res.Waiting, res.Summary)
	}
	if took > 45*time.Second {
		t.Errorf("it took %v", took)
	}
	summary := res.Summary.String()
	if !strings.HasSuffix(summary, ".") || strings.Contains(summary, "%!") {
		t.Errorf("%q is no sentence", summary)
	}
	for secret := range w.network.secrets {
		if strings.Contains(fmt.Sprint(res), secret) {
			t.Errorf("a secret is shown: %+v", res)
		}
	}
	if res.Verdict == runbook.Unknown && !want.final && !saysWhatToDo.MatchString(summary) {
		t.Errorf("%q does not say what to do", summary)
	}
	if !slices.ContainsFunc(want.says, func(part string) bool { return strings.Contains(summary, part) }) {
		t.Errorf("%q has none of %q", summary, want.says)
	}
	if res.Denied != want.denied {
		t.Errorf("denied is %t: %s", res.Denied, summary)
	}
	posts := 0
	for _, r := range w.requests() {
		if r != nil && r.Method == http.MethodPost {
			posts++
		}
	}
	most := 0
	switch {
	case q.posts < 0:
	case f.name == "401" && first > q.posts:
		most = 2 // the token that was asked for can have ended
	default:
		most = 1
	}
	if posts > most {
		t.Errorf("what is no GET was sent %d times, %d are allowed", posts, most)
	}
}

// TestALongBodyIsNotRead: what is more than the limit does not even arrive.
func TestALongBodyIsNotRead(t *testing.T) {
	for _, name := range []string{"a body without an end", "a body of 10 GiB"} {
		for _, q := range inquiries {
			i := slices.IndexFunc(faults, func(f fault) bool { return f.name == name })
			last := q.requests - 1 - q.heads
			before := unending.Load()
			synctest.Test(t, func(t *testing.T) { faults[i].strike(t, q, last, false) })
			if sent := unending.Load() - before; sent < 4<<20 || sent > 5<<20 {
				t.Errorf("%s: %d bytes of %s were taken", q.name, sent, name)
			}
		}
	}
}

// outcome is what a check is to make of a fault.
type outcome struct {
	verdict runbook.Verdict
	says    []string // of which one must be said
	denied  bool
	final   bool // there is nothing to be done, but to look for oneself
	waits   bool // it is expected to pass by itself
}

func (q inquiry) expect(f fault, first int, forGood bool) outcome {
	otherwise := otherwise
	if q.kind != "" {
		otherwise = otherwiseOfOthers
	}
	if q.kind == "service-back" && q.in.Followed != nil && first < q.requests-1 && slices.Contains(starting, f.name) && (forGood || !f.passing) {
		return outcome{verdict: runbook.Failed, says: f.says, waits: true}
	}
	for _, o := range otherwise {
		if o.of == q.name && slices.Contains(o.first, first) && (o.faults == nil || slices.Contains(o.faults, f.name)) && (o.when == always || (o.when == forGoodOnly) == forGood) {
			return o.outcome
		}
	}
	if f.passing && !forGood && first != q.posts {
		return q.healthy()
	}
	return outcome{verdict: runbook.Unknown, says: f.says, denied: f.denied}
}

// healthy is what the check is to make of services without a fault.
func (q inquiry) healthy() outcome {
	if q.good.verdict != runbook.NotAsked {
		return q.good
	}
	return outcome{verdict: runbook.Passed, says: []string{""}}
}

type when int

const (
	always when = iota
	onceOnly
	forGoodOnly
)

var (
	// strange are answers with status 200 that hold nothing of use, or too much.
	strange = []string{"200 with nothing", "an empty object", "null", "JSON that is cut", "deep JSON", "other JSON", "another content type", "no content type",
		"a body without an end", "a body of 10 GiB", "a zipped body of 6 MiB"}
	lengthy   = []string{"a body without an end", "a body of 10 GiB", "a zipped body of 6 MiB"}
	elsewhere = []string{"301 to another host", "307 to another host", "308 to another host", "to a host that looks alike", "to another port"}
	bodily    = append([]string{"cut in the body", "reset in the body", "slow body"}, lengthy...)
)

// exception is an outcome that is not what the fault says of itself.
type exception struct {
	of     string
	faults []string // nil for all
	first  []int
	when   when
	outcome
}

// otherwise are the exceptions: the first that fits counts.
var otherwise = []exception{
	// A repository that can be seen proves the thing in it to be absent.
	{"release", []string{"404"}, []int{0}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"There is no published release"}}},
	{"release", []string{"404", "409", "422"}, []int{1}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"has no Git tag"}}},
	{"image-tag", []string{"404"}, []int{2}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"has no tag v1.5.4 yet"}, waits: true}},
	{"image-tag without a label", []string{"404"}, []int{1}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"has no tag v1.5.4 yet"}, waits: true}},

	// Airflow's token can have ended; another is asked for, once.
	{"idle-dags with a password", []string{"401"}, []int{2, 3, 4, 5, 6, 7}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"No DAG run"}}},

	// Of the first answer of a registry, only the status counts, which says that
	// nobody need sign in. One that wants it all the same does not show the image.
	{"image-tag", strange, []int{0}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"doesn't exist, or it is private"}, denied: true}},
	{"image-tag without a label", append(strange, "401"), []int{0}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},

	// Being turned away is answered by signing in with credentials, for which there
	// are requests left. A token that may have ended is renewed first, for which
	// there are not.
	{"image-tag", []string{"401"}, []int{1, 2}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag", []string{"401"}, []int{3}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag", []string{"403"}, []int{1, 2, 3}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag without a label", []string{"401"}, []int{2}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag without a label", []string{"401"}, []int{3}, always, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},

	// A blob may lie on another host, which is asked without credentials.
	{"image-tag", elsewhere, []int{3}, always, outcome{verdict: runbook.Unknown, says: []string{"404"}}},
	{"image-tag without a label", elsewhere, []int{2}, always, outcome{verdict: runbook.Unknown, says: []string{"404"}}},

	// An index costs a request more than a single manifest, and its provenance two.
	{"image-tag with provenance", append(slices.Clone(strange), "401"), []int{0}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag with provenance", []string{"404"}, []int{1}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"has no tag v1.5.4 yet"}, waits: true}},
	{"image-tag with provenance", []string{"401"}, []int{2}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag with provenance", []string{"401"}, []int{3, 4, 5}, always, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag with provenance", elsewhere, []int{3, 5}, always, outcome{verdict: runbook.Unknown, says: []string{"404"}}},

	// The library that signs in reads the token service's answer by itself.
	{"image-tag", lengthy, []int{1}, always, outcome{verdict: runbook.Unknown, says: []string{"invalid response"}}},
	{"image-tag", []string{"to plain HTTP"}, []int{1}, always, outcome{verdict: runbook.Unknown, says: []string{"refusing token-server redirect"}}},

	// The tag of the commit is asked for by HEAD, whose answer has no body, and is
	// not what the check is about: that the image was seen stays.
	{"image-tag without a label", []string{"404"}, []int{3}, always, outcome{verdict: runbook.Unknown, says: []string{"no tag is named after the commit"}, final: true}},
	{"image-tag without a label", bodily, []int{3}, always, outcome{verdict: runbook.Unknown, says: []string{"invalid response"}}},
	{"image-tag without a label", []string{"200 with a login page"}, []int{3}, always, outcome{verdict: runbook.Unknown, says: login}},
	{"image-tag without a label", append(elsewhere, "to plain HTTP", "304 to no question", "403", "407"), []int{3}, always, outcome{verdict: runbook.Unknown, says: []string{", and reading the tag of the commit failed"}}},

	// Neither has the tag in another spelling a body. That there is none is what was to be
	// found out.
	{"image-tag", []string{"404"}, []int{4}, always, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag", []string{"403"}, []int{4}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag", []string{"401"}, []int{4}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag", bodily, []int{4}, always, outcome{verdict: runbook.Unknown, says: []string{"invalid response"}}},
	{"image-tag without a label", []string{"404"}, []int{4}, always, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag without a label", []string{"401"}, []int{4}, always, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag without a label", bodily, []int{4}, always, outcome{verdict: runbook.Unknown, says: []string{"invalid response"}}},
	{"image-tag with provenance", []string{"404"}, []int{6}, always, outcome{verdict: runbook.Passed, says: []string{"built from the release's commit"}}},
	{"image-tag with provenance", []string{"401"}, []int{6}, always, outcome{verdict: runbook.Unknown, says: []string{"verify again"}}},
	{"image-tag with provenance", bodily, []int{6}, always, outcome{verdict: runbook.Unknown, says: []string{"invalid response"}}},
}

// Package airflow asks an Airflow server, version 2 or 3, which DAG runs are queued or
// running, how healthy its parts are, and about its DAGs and their files, and turns a
// DAG on or off. It knows nothing of steps. It answers, or says in a *transport.Problem why
// it can't.
package airflow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/transport"
)

// service is how the server is named in messages.
const service = "Airflow"

// Options configure a Client.
type Options struct {
	// Username and Password sign in: with each request on Airflow 2, and once
	// for a token on Airflow 3. Both or neither.
	Username, Password string
	// Token is sent as a bearer token and wins over Username. It is never
	// renewed.
	Token string
	// Headers are sent with every request to the server's own origin, for a proxy in
	// front of it such as Cloudflare Access. Their values are secrets.
	Headers map[string]string
	// ReadOnly refuses to pause a DAG or to turn it on, and the sign-in of Airflow 3, which is
	// a POST.
	ReadOnly bool
	// Base sends the requests. Nil means the hardened transport.
	Base http.RoundTripper
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// ExpectedDAGs is the least number of DAGs that the account must see before an
	// answer of "no runs" is believed. 0 means that it isn't known: then two are
	// enough, but not one, which may be one of many.
	ExpectedDAGs int
	// MayWait names DAGs whose runs don't count as active while they do nothing but wait.
	MayWait []string
	// Settling is how long a run that has ended may still be working. 0 means Settling,
	// the constant.
	Settling time.Duration
}

// Client asks one Airflow server. It may be used concurrently.
type Client struct {
	base   *url.URL
	o      Options
	http   *resty.Client
	unsaid bool // how many DAGs there are isn't known
	// assetsCounted says that it is an Airflow 2 that answers assetEvent.
	assetsCounted atomic.Bool

	mu      sync.Mutex
	version int // 2 or 3; 0 until the server has answered
	bearer  string
	proof   visibility
	seen    schedulerSeen
	behind  time.Duration // how far this machine's clock is behind the server's
	// active are the runs that were active last, at activeAt.
	active   []DAGRun
	activeAt time.Time
	// stuck is what was found of active runs at stuckAt, by their pages.
	stuck   map[string]Stuck
	stuckAt time.Time
	took    map[clean.Text]time.Duration // what was found by usually, 0 for nothing
}

// New returns a client for the server at baseURL, which may have a path prefix. It
// sends nothing, and registers every credential in o as a secret.
func New(baseURL string, o Options) (*Client, error) {
	base, err := transport.Origin(baseURL)
	if err != nil {
		return nil, err
	}
	switch {
	case base.User != nil:
		return nil, say.Hint(errors.New("reading Airflow's address: it contains credentials"), "use username and AIRFLOW_PASSWORD instead")
	case base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("reading Airflow's address: it has a query or fragment")
	case (o.Username == "") != (o.Password == ""):
		return nil, errors.New("reading Airflow's credentials: a username and a password go together")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Settling = cmp.Or(o.Settling, Settling)
	unsaid := o.ExpectedDAGs == 0
	o.ExpectedDAGs = max(o.ExpectedDAGs, 1)
	clean.Secret(o.Token, o.Password)
	if o.Password != "" {
		clean.Secret(o.Username + ":" + o.Password) // as Basic credentials hold it
	}
	for _, value := range o.Headers {
		clean.Secret(value)
	}

	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	c := &Client{base: base, o: o, unsaid: unsaid, took: map[clean.Text]time.Duration{}}
	c.http, err = transport.New(base.String(), transport.Options{Sign: c.sign, ReadOnly: o.ReadOnly, Base: o.Base})
	if err != nil {
		return nil, err
	}
	c.http.SetHeader("Cache-Control", "no-cache")  // of a proxy that keeps answers
	c.http.SetHeader("Accept", "application/json") // Airflow 2 gives no source without it
	return c, nil
}

// sign adds the credentials for the API that a request is for. The version endpoint of
// Airflow 3 is public, and is asked before it is known whether the server understands a
// password, so no password goes there.
func (c *Client) sign(req *http.Request) {
	for name, value := range c.o.Headers {
		req.Header.Set(name, value)
	}
	under := func(api string) bool { return strings.HasPrefix(req.URL.Path, c.base.Path+api+"/") }
	switch {
	case c.o.Token != "":
		req.Header.Set("Authorization", "Bearer "+c.o.Token)
	case c.o.Username == "":
	case under(api(2)):
		req.SetBasicAuth(c.o.Username, c.o.Password)
	case under(api(3)):
		if token := c.token(); token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
	}
}

// api returns the path under which a major version answers.
func api(version int) string {
	if version == 3 {
		return "/api/v2"
	}
	return "/api/v1"
}

// address returns the full URL of a path below the server's base.
func (c *Client) address(path string, query url.Values) string {
	a := c.base.String() + path
	if len(query) > 0 {
		a += "?" + query.Encode()
	}
	return a
}

// get sends one GET and reads the JSON of the answer into out. Its error is a
// *transport.Problem.
func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	return c.send(ctx, http.MethodGet, path, query, nil, out)
}

// send is get for any method. A body that is not nil is sent as JSON.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body, out any) error {
	r := c.http.R().SetContext(ctx).SetQueryParamsFromValues(query)
	if body != nil {
		r.SetHeader("Content-Type", "application/json").SetBody(body)
	}
	resp, err := r.Execute(method, path)
	if err := transport.ReadJSON(service, resp, err); err != nil {
		return c.ownPage(refusedToken(err, resp.Body()), resp)
	}
	c.compareClocks(resp.Header())
	return decode(resp.Body(), out)
}

// clockTolerance is how far apart two clocks may be without counting as different. The
// header Date has whole seconds, and an answer takes its time.
const clockTolerance = 10 * time.Second

// compareClocks learns the server's time from an answer (Date, RFC 9110, section 6.6.1).
func (c *Client) compareClocks(h http.Header) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	behind := at.Sub(c.o.Now())
	if behind.Abs() < clockTolerance {
		behind = 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behind = behind
}

// now returns the time by the server's clock, which its dates are to be compared with.
func (c *Client) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Add(c.behind)
}

func decode(body []byte, out any) error {
	if err := json.Unmarshal(body, out); err != nil {
		return broken("returned invalid JSON: %v", err)
	}
	return nil
}

func broken(format string, args ...any) *transport.Problem {
	return &transport.Problem{Cause: transport.Broken, Status: http.StatusOK, Text: clean.Linef(service+" "+format, args...).String()}
}

package steps

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/postgres"
	"catalog-runbook/steps/registry"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/transport"
	"catalog-runbook/steps/triage"
)

// World holds the services that a run talks to, the real or the practice ones. It
// is immutable and may be used concurrently.
type World struct {
	GitHub   *github.Client
	Registry *registry.Client
	Airflow  *Airflows
	Postgres *postgres.Client // nil in a world without a database
	// HTTP is how the requests to any other service are sent. A kind makes its client
	// with it, so that a dry run only reads and practice stays on this machine.
	HTTP transport.Options
	// Checkout is the infrastructure checkout; its Dir is "" if none is set.
	Checkout checkout.Checkout
	// InfrastructureRepository is the owner/name that the checkout's remote must
	// have; "" allows any.
	InfrastructureRepository string
	// Executor runs the commands of effects. It is nil in a dry run.
	Executor command.Executor
	Environ  []string        // the environment of those commands
	Secrets  func() []string // returns the values to mask in the record of their output
	Now      func() time.Time
	// Earlier returns what earlier runs tell. It is nil if there are none.
	Earlier func() Earlier
	// Triage are the rules by which changed files say which deployment is needed.
	Triage []triage.Rule
	// SettingsFile is the file that says where the services are, "" if there is none.
	SettingsFile string
	// BackWithin is how long Airflow may take to be back after a deployment, 0 if nothing is
	// set.
	BackWithin time.Duration
	// Policy is what plans may do. Its Service and Release are set for each step.
	Policy terraform.Policy
	// ApplyAsks says that the recipe isn't given the saved plan, but shows one of its
	// own and asks before it changes anything.
	ApplyAsks bool
}

// Airflows makes and keeps one client for each Airflow address, so that the next
// check can reuse what a client has learned (the API's version, a token).
type Airflows struct {
	Options airflow.Options
	// Trusted is the address that the credentials in Options are for. A document
	// may name any address; requests to another origin carry no credentials.
	Trusted string
	// Missing is why the credentials for that address aren't complete. It is not asked then:
	// an answer to a stranger, or to half of what was meant, would be about someone else.
	Missing error

	mu      sync.Mutex
	clients map[string]*airflow.Client
}

// At returns the client for an address, the same one each time. It may be called
// concurrently.
func (a *Airflows) At(address string) (*airflow.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c, ok := a.clients[address]; ok {
		return c, nil
	}
	o, err := a.options(address)
	if err != nil {
		return nil, err
	}
	c, err := airflow.New(address, o)
	if err != nil {
		return nil, err
	}
	if a.clients == nil {
		a.clients = map[string]*airflow.Client{}
	}
	a.clients[address] = c
	return c, nil
}

// Withholds reports whether there are credentials for Airflow that are not sent to
// this address, because the settings don't name it.
func (a *Airflows) Withholds(address string) bool {
	o, err := a.options(address)
	return err == nil && (o.Token != a.Options.Token || o.Password != a.Options.Password || len(o.Headers) != len(a.Options.Headers))
}

// options returns the options for an address, without the credentials if they
// aren't meant for it.
func (a *Airflows) options(address string) (airflow.Options, error) {
	o := a.Options
	if err := a.missing(address); err != nil {
		return o, err
	}
	if o.Username == "" && o.Password == "" && o.Token == "" && len(o.Headers) == 0 {
		return o, nil
	}
	at, err := transport.Origin(address)
	if err != nil {
		return o, err
	}
	if trusted, err := transport.Origin(a.Trusted); err == nil && transport.SameOrigin(at, trusted) {
		if at.Scheme != "https" && !transport.Loopback(at) {
			return o, say.Hint(fmt.Errorf("asking Airflow at %s: credentials are not sent over plain http", at.Scheme+"://"+at.Host), "correct [airflow] url")
		}
		return o, nil
	}
	o.Username, o.Password, o.Token, o.Headers = "", "", "", nil
	return o, nil
}

// missing returns the problem with the credentials that are meant for an address, nil if there
// is none.
func (a *Airflows) missing(address string) error {
	if a.Missing == nil {
		return nil
	}
	if a.Trusted != "" {
		at, err := transport.Origin(address)
		if trusted, err2 := transport.Origin(a.Trusted); err != nil || err2 != nil || !transport.SameOrigin(at, trusted) {
			return nil
		}
	}
	text, hint := say.HintOf(a.Missing)
	return &transport.Problem{Cause: transport.Credentials, Text: text, Hint: hint + ", and start the program again"}
}

// Credentials are the credentials for the real services. All may be empty.
type Credentials struct {
	GitHubToken     *transport.Token
	AirflowUsername string
	AirflowPassword string
	AirflowToken    string
	AirflowHeaders  map[string]string
	// AirflowMissing says what of Airflow's credentials couldn't be had, each with what to do.
	AirflowMissing []error
	// Docker returns the credentials of registries; nil reads the user's Docker
	// configuration.
	Docker authn.Keychain
}

// secrets returns the values that must be masked, as far as they are known.
func (c Credentials) secrets() []string {
	all := []string{c.GitHubToken.Known(), c.AirflowPassword, c.AirflowToken}
	all = append(all, slices.Collect(maps.Values(c.AirflowHeaders))...)
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// Connect returns the world that the settings describe. A read-only world sends only
// GET and HEAD requests and has no executor. base sends the requests; nil means the
// hardened transport, which retries.
func Connect(s Settings, c Credentials, readOnly bool, environ []string, base http.RoundTripper) (*World, error) {
	if base == nil {
		base = transport.Patient(nil)
	}
	web := transport.Options{ReadOnly: readOnly, Base: base}
	gh, err := github.New(s.GitHub.APIURL, c.GitHubToken, readOnly, base)
	if err != nil {
		return nil, err
	}
	w := &World{
		GitHub:   gh,
		HTTP:     web,
		Registry: registry.New(registry.Options{Keychain: c.Docker, GitHubToken: forGHCR(s, c), PlainHTTP: s.plainRegistry(), ReadOnly: readOnly, Base: base}),
		Airflow: &Airflows{Options: airflow.Options{
			Username: c.AirflowUsername, Password: c.AirflowPassword, Token: c.AirflowToken,
			Headers: c.AirflowHeaders, ReadOnly: readOnly, Base: base, Now: time.Now, ExpectedDAGs: s.Airflow.ExpectedDAGs, Settling: s.Airflow.Settling.Duration(), MayWait: s.Airflow.MayWait,
		}, Trusted: s.Airflow.URL, Missing: firstOf(c.AirflowMissing)},
		Postgres:                 postgres.New(s.database()),
		Checkout:                 checkout.Checkout{Dir: s.Infrastructure.Directory},
		InfrastructureRepository: s.GitHub.InfrastructureRepository,
		Triage:                   s.TriageRules(),
		Policy:                   s.Policy("", ""),
		BackWithin:               s.Airflow.BackWithin.Duration(),
		ApplyAsks:                s.Plan.Apply == AppliesAsked,
		Environ:                  environ,
		Secrets:                  c.secrets,
		Now:                      time.Now,
	}
	if !readOnly {
		w.Executor = command.Supervised{}
	}
	return w, nil
}

// firstOf returns the first error, nil if there is none.
func firstOf(all []error) error {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// forGHCR returns the GitHub token if it may be sent to ghcr.io, which belongs to
// github.com: the token of an Enterprise server must not be.
func forGHCR(s Settings, c Credentials) *transport.Token {
	api, err := transport.Origin(s.GitHub.APIURL)
	home, err2 := transport.Origin(github.APIURL)
	if err != nil || err2 != nil || !transport.SameOrigin(api, home) {
		return nil
	}
	return c.GitHubToken
}

// FactDAGsSeen says how many DAGs an account saw, and in which Airflow: "38 ADDRESS".
const FactDAGsSeen runbook.Fact = "dags.seen"

// FactBack says how long a service took to come back after a deployment, and which:
// "1m40s ADDRESS".
const FactBack runbook.Fact = "back.after"

// Earlier is what earlier runs on this machine tell.
type Earlier struct {
	DAGs  map[string]int           // how many DAGs an account saw last, by Airflow's address
	Back  map[string]time.Duration // how long a service took to come back after the last deployment, by its address
	Takes time.Duration            // how long the longest command of the last deployment took; 0 if none is known
	// Changes are the latest changes that a run has made itself, of each thing.
	Changes []EarlierChange
}

// EarlierChange is the latest effect that a run has carried out on a thing.
type EarlierChange struct {
	Run    string // its ID
	Where  string // the address of the service
	Name   string
	Effect string
}

// Add adds the events of a run that is older than those before.
func (e *Earlier) Add(id string, events []runbook.Event) {
	dags, back := map[string]int{}, map[string]time.Duration{}
	changes := map[EarlierChange]int{} // where they are in e.Changes, without their effects
	where := ""
	begun := map[string]time.Time{}
	var longest time.Duration
	for _, event := range events {
		switch ev := event.(type) {
		case runbook.Checked:
			n, address, _ := strings.Cut(ev.Result.Facts[FactDAGsSeen], " ")
			if seen, err := strconv.Atoi(n); err == nil {
				dags[address] = seen
			}
			took, address, _ := strings.Cut(ev.Result.Facts[FactBack], " ")
			if d, err := time.ParseDuration(took); err == nil {
				back[address] = d
			}
		case runbook.EffectStarted:
			begun[string(ev.Step)+" "+ev.Effect] = ev.At
			where = ev.Dir
		case runbook.EffectDid:
			if !ev.Done {
				continue
			}
			change := EarlierChange{Run: id, Where: where, Name: ev.Name}
			i, known := changes[change]
			if !known {
				i = len(e.Changes)
				changes[change] = i
				e.Changes = append(e.Changes, change)
			}
			e.Changes[i].Effect = ev.Effect
		case runbook.EffectFinished:
			end := ev.Ended
			if end.IsZero() {
				end = ev.At
			}
			if at, ok := begun[string(ev.Step)+" "+ev.Effect]; ok {
				longest = max(longest, end.Sub(at))
			}
		}
	}
	for address, n := range dags {
		if _, newer := e.DAGs[address]; !newer {
			e.DAGs[address] = n
		}
	}
	for address, took := range back {
		if e.Back == nil {
			e.Back = map[string]time.Duration{}
		}
		if _, newer := e.Back[address]; !newer {
			e.Back[address] = took
		}
	}
	if e.Takes == 0 {
		e.Takes = longest
	}
}

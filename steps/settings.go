package steps

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/candidates"
	"catalog-runbook/steps/postgres"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/transport"
	"catalog-runbook/steps/triage"
)

// Settings configure the services and the screen. Every field may be empty: the document's own
// links and commands are the defaults, so the Openverse document needs no settings
// at all.
type Settings struct {
	GitHub struct {
		APIURL                   string `toml:"api_url"` // "" is https://api.github.com
		Repository               string `toml:"repository"`
		TagPrefix                string `toml:"tag_prefix"`
		Workflow                 string `toml:"workflow"`
		PullRequest              string `toml:"pull_request"` // its number or address
		Branch                   string `toml:"branch"`       // "" is the default branch
		InfrastructureRepository string `toml:"infrastructure_repository"`
	} `toml:"github"`
	Image struct {
		Reference string `toml:"reference"`
		Tag       string `toml:"tag"`        // a TagMapping; "" if it is the release's tag
		PlainHTTP bool   `toml:"plain_http"` // ask without TLS; only for a registry on this machine
	} `toml:"image"`
	Airflow struct {
		URL          string            `toml:"url"`
		Username     string            `toml:"username"`
		TokenCommand []string          `toml:"token_command"`
		Headers      map[string]string `toml:"headers"`
		ExpectedDAGs int               `toml:"expected_dags"` // at least this many; 0 if unknown
		DAGsFolder   string            `toml:"dags_folder"`   // where the repository's DAGs are on the server
		MayWait      []string          `toml:"may_wait"`      // DAGs whose runs may go on while they only wait
		Settling     Wait              `toml:"settling"`      // how long an ended run may still be working; "" is airflow.Settling
		BackWithin   Wait              `toml:"back_within"`   // how long it may take to be back after a deployment; "" is 15 minutes
	} `toml:"airflow"`
	Infrastructure struct {
		Directory   string `toml:"directory"`
		Environment string `toml:"environment"`
		Service     string `toml:"service"`
	} `toml:"infrastructure"`
	Plan struct {
		Apply    ApplyBy    `toml:"apply"`    // "" is AppliesSaved
		Instance []string   `toml:"instance"` // if empty, found by type and name
		Allow    []PlanRule `toml:"allow"`
		Forbid   []PlanRule `toml:"forbid"`
	} `toml:"plan"`
	Postgres struct { // what the PG variables, the service file and the password file lack
		Host             string `toml:"host"`
		Port             int    `toml:"port"`
		Database         string `toml:"database"`
		User             string `toml:"user"`
		Tunnel           string `toml:"tunnel"` // where the tunnel through the jump host listens: "127.0.0.1:5433"
		RootCertificate  string `toml:"root_certificate"`
		SystemIdentifier string `toml:"system_identifier"` // of the server that is meant; "" allows any
	} `toml:"postgres"`
	UI struct {
		Theme string `toml:"theme"` // "auto", which "" is too, "dark", "light" or "high-contrast"
		Color string `toml:"color"` // "auto", which "" is too, "none", "16", "256" or "truecolor"
		// Whether the checklist uses the mouse, and what else of the terminal it writes to.
		Mouse    bool `toml:"mouse"`
		Title    bool `toml:"title"`
		Progress bool `toml:"progress"`
	} `toml:"ui"`
	Notify struct {
		Bell     bool     `toml:"bell"`
		Terminal string   `toml:"terminal"` // "auto", which "" is too, "bell", "osc9", "osc777", "osc99" or "none"
		Command  []string `toml:"command"`
		Events   []string `toml:"events"` // that the command is told; all if empty
	} `toml:"notify"`
	Triage []TriageRule `toml:"triage"` // before those for the Catalog
}

// TriageRule is a triage.Rule in the settings.
type TriageRule struct {
	As    string `toml:"as"`
	Files string `toml:"files"`
}

// TriageRules returns the rules by which changed files are told apart: those of the
// settings, and then those for the Catalog.
func (s Settings) TriageRules() []triage.Rule {
	var all []triage.Rule
	for _, rule := range s.Triage {
		all = append(all, triage.Rule{As: triage.Class(rule.As), Files: rule.Files})
	}
	return append(all, triage.Catalog()...)
}

// CheckPlainHTTP returns an error if an image isn't in a registry on this machine,
// which alone may be asked without TLS.
func CheckPlainHTTP(image string) error {
	host, _, _ := strings.Cut(image, "/")
	if image == "" || !transport.Loopback(&url.URL{Host: host}) {
		return errors.New("plain_http is only for a registry on this machine, such as reference = \"127.0.0.1:5000/owner/name\"; hint: take plain_http out, so that the registry is asked over TLS")
	}
	return nil
}

// plainRegistry returns the host of the registry that is asked without TLS, "" if there
// is none. A registry that only the document names is asked over TLS in any case.
func (s Settings) plainRegistry() string {
	if !s.Image.PlainHTTP {
		return ""
	}
	host, _, _ := strings.Cut(s.Image.Reference, "/")
	return host
}

// Wait is a duration in the settings, such as "90s"; "" if it isn't set.
type Wait string

// CheckTunnel returns an error if text isn't the address of a tunnel's end on this machine.
func CheckTunnel(text string) error {
	_, port, err := net.SplitHostPort(text)
	if number, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil || number == 0 || !transport.Loopback(&url.URL{Host: text}) {
		return fmt.Errorf("%q is not the address of a tunnel on this machine; hint: write it like tunnel = \"127.0.0.1:5433\"", clean.Line(text))
	}
	return nil
}

// CheckWait returns an error if text isn't a duration of at least a second.
func CheckWait(text string) error {
	if Wait(text).Duration() < time.Second {
		return fmt.Errorf("%q is not a duration of at least 1s; hint: write one like \"90s\" or \"2m\"", clean.Line(text))
	}
	return nil
}

// Duration returns the duration, 0 if it isn't set.
func (w Wait) Duration() time.Duration {
	d, _ := time.ParseDuration(string(w))
	return d
}

// ApplyBy is how a recipe's apply is tied to the plan that was reviewed.
type ApplyBy string

// The values of ApplyBy.
const (
	AppliesSaved ApplyBy = "saved" // apply is given the saved plan
	AppliesAsked ApplyBy = "asks"  // apply shows a plan of its own and asks before it changes anything
)

// CheckApply returns an error if word isn't a value of ApplyBy.
func CheckApply(word string) error {
	if by := ApplyBy(word); by != AppliesSaved && by != AppliesAsked {
		return fmt.Errorf("plan.apply is %q; hint: write %q or %q", clean.Line(word), AppliesSaved, AppliesAsked)
	}
	return nil
}

// PlanRule is a terraform.Rule in the settings.
type PlanRule struct {
	Address    string   `toml:"address"`
	Actions    []string `toml:"actions"`
	Attributes []string `toml:"attributes"`
}

// Policy returns the policy for plans that deploy a service. release may be "" if
// it isn't known.
func (s Settings) Policy(service, release string) terraform.Policy {
	return terraform.Policy{
		Service: service, Release: release,
		Instance: s.Plan.Instance, Allow: planRules(s.Plan.Allow), Forbid: planRules(s.Plan.Forbid),
	}
}

func planRules(settings []PlanRule) []terraform.Rule {
	var all []terraform.Rule
	for _, rule := range settings {
		all = append(all, terraform.Rule(rule))
	}
	return all
}

// database returns the options of the client for the database.
func (s Settings) database() postgres.Options {
	p := s.Postgres
	return postgres.Options{Host: p.Host, Port: uint16(p.Port), Database: p.Database, User: p.User, Tunnel: p.Tunnel, RootCertificate: p.RootCertificate, System: p.SystemIdentifier}
}

// params returns the settings under the names that kinds use.
func (s Settings) params() Params {
	return Params{
		"repository":   s.GitHub.Repository,
		"tag-prefix":   s.GitHub.TagPrefix,
		"workflow":     s.GitHub.Workflow,
		"pull-request": s.GitHub.PullRequest,
		"branch":       s.GitHub.Branch,
		"dags-folder":  s.Airflow.DAGsFolder,
		"image":        s.Image.Reference,
		"tag":          s.Image.Tag,
		"airflow":      s.Airflow.URL,
		"database":     s.Postgres.Database,
		"environment":  s.Infrastructure.Environment,
		"service":      s.Infrastructure.Service,
	}
}

// lend collects what bound steps say of their parameters, and what links say outside of
// them.
func (b *Bound) lend(lent *candidates.Set, kinds []*Kind) {
	type place struct {
		line   int
		target string
	}
	taken := map[place]bool{} // the links of steps, which lend nothing but to their steps
	for i := range b.Steps {
		step := &b.Steps[i]
		for name, value := range step.Params {
			if !step.Kind.owns(name) {
				value, _, _ = fillIn(value, b.filled)
				lent.Own(name, value, step.Step.Line)
			}
		}
		if step.linked {
			for _, l := range step.Step.Links {
				taken[place{l.Line, l.Target}] = true
			}
		}
	}
	for i := range b.Document.Links {
		l := &b.Document.Links[i]
		if len(taken) > 0 && taken[place{l.Line, l.Target}] {
			continue
		}
		for _, k := range kinds {
			if k.Link == nil {
				continue
			}
			for name, value := range k.Link(l.Target) {
				lent.Link(name, value, l)
			}
		}
	}
}

// compareOwners adds a problem to the steps of a procedure whose parameters belong to
// several owners, unless the settings or annotations give all but one of them.
func (b *Bound) compareOwners(settings Params) {
	type said struct {
		step  *Binding
		param *Param
		value string
		owner string
	}
	first := map[string]said{}
	for i := range b.Steps {
		step := &b.Steps[i]
		for j := range step.Kind.Params {
			p := &step.Kind.Params[j]
			if p.Owner == nil || settings[p.Name] != "" || step.Step.Annotation != nil && step.Step.Annotation.Params[p.Name] != "" {
				continue
			}
			value := step.Params[p.Name]
			owner := p.Owner(value)
			if owner == "" {
				continue
			}
			in := step.procedure
			before, ok := first[in]
			if !ok {
				first[in] = said{step, p, value, owner}
				continue
			}
			if before.param.Name != p.Name && !strings.EqualFold(before.owner, owner) {
				problem := clean.Linef("%s is %s and %s is %s, which belong to two owners: set %s and %s, or annotate the steps", before.param.Doc, before.value, p.Doc, value, where(before.param.Setting), where(p.Setting))
				step.lack(p, problem)
				if before.step.lacks.Empty() {
					before.step.lack(before.param, problem)
				}
			}
		}
	}
}

// settle completes the parameters and adds a problem for each that is missing, or of which
// the document says several things.
func (b *Binding) settle(settings Params, lent *candidates.Set, filled map[string]string) {
	annotated := Params(nil)
	if a := b.Step.Annotation; a != nil {
		annotated = a.Params
	}
	params := b.Kind.Params
	for i := range params {
		p := &params[i]
		own, set := annotated[p.Name], settings[p.Name]
		if p.Required {
			own, set = b.leaveGap(p, own), b.leaveGap(p, set)
		}
		read, gap := b.Params[p.Name], document.PlaceholderValue(b.Params[p.Name])
		if gap != "" && p.Required && own == "" && set == "" {
			gap = b.fill(p, filled)
			read = b.Params[p.Name]
		}
		shared, several := lent.Of(p.Name)
		if p.Own {
			shared, several = "", nil
		}
		v := own
		if v == "" {
			v = set
		}
		if v == "" && gap == "" {
			v = read
			if v == "" {
				v = shared
			}
		}
		if v == "" && p.Asks != nil {
			v = b.asked(p, filled)
		}
		documented := read
		if own != "" || documented == "" {
			documented = shared
		}
		said := own != "" || set != ""
		switch {
		case b.By == ByLink && p.Owner != nil && v != "" && v == set && read != "" && gap == "" && !strings.EqualFold(v, read):
			b.overrule(p, v, read)
		case v != "" && p.Accepts != nil && !p.Accepts(v):
			b.lack(p, clean.Linef("%s can't be %q: want letters, digits, \".\", \"_\" and \"-\", and neither an option nor a number like 1.10", p.Doc, v))
		case v == "" && gap != "" && p.Required:
			b.lack(p, clean.Linef("%s is a placeholder: %s; fill it in during the walk or with --fill, %s", p.Doc, gap, p.howToGive()))
		case v == "" && gap != "":
			b.lack(p, clean.Linef("%s is a placeholder: %s; %s", p.Doc, gap, p.howToGive()))
		case len(several) > 0 && !said && (read == "" || p.Owner != nil):
			b.lack(p, clean.Linef("the document names several for %s: %s; %s", p.Doc, candidates.List(several), p.howToGive()))
		case v != read:
			if b.Params == nil {
				b.Params = Params{}
			}
			b.Params[p.Name] = v
		case v == "" && p.Required:
			b.lack(p, missing(*p))
		}
		if p.Linked != "" && v != "" && documented != "" && p.Differs(v, documented) {
			b.Params[p.Linked] = documented
			b.Notes = append(b.Notes, clean.Linef("%s is %s; the document links to %s", p.Doc, v, documented))
		}
	}
}

// leaveGap returns the value of an annotation or a setting. A placeholder in it is none: it
// stands for the parameter unless the step's text gives one.
func (b *Binding) leaveGap(p *Param, value string) string {
	if document.PlaceholderSaid(value) == "" {
		return value
	}
	if b.Params[p.Name] == "" {
		if b.Params == nil {
			b.Params = Params{}
		}
		b.Params[p.Name] = value
	} else if b.Params[p.Name] != value {
		b.Notes = append(b.Notes, clean.Linef("%s is %s by a setting or an annotation, which is a placeholder and isn't read", p.Doc, value))
	}
	return ""
}

// overrule sets a parameter to a setting that says something else than the step's own link.
// One of another owner or in another registry is a fork or a mirror that someone has chosen,
// which is worth a note; another thing of the same owner is a problem.
func (b *Binding) overrule(p *Param, set, linked string) {
	if b.Params[p.Name] = set; !strings.EqualFold(path.Dir(set), path.Dir(linked)) {
		b.Notes = append(b.Notes, clean.Linef("%s is %s; the step links to %s", p.Doc, set, linked))
		return
	}
	problem := clean.Linef("%s is %s by the setting %s, but the step links to %s: correct one of them, or annotate the step with %s=...", p.Doc, set, p.Setting, linked, p.Name)
	b.overruled = append(b.overruled, problem)
	b.lack(p, problem)
	b.Params[p.Name] = set // for the services of practice
}

// lack adds a problem for a parameter without a value.
func (b *Binding) lack(p *Param, problem clean.Text) {
	b.Problems = append(b.Problems, problem)
	delete(b.Params, p.Name)
	if p.Required && b.lacks.Empty() {
		b.lacks = problem
	}
}

func missing(p Param) clean.Text {
	return clean.Linef("%s isn't configured: %s", p.Doc, p.howToGive())
}

// howToGive says where a parameter's value is written.
func (p *Param) howToGive() string {
	annotate := "annotate the step with " + p.Name + "=..."
	if p.Setting == "" {
		return annotate
	}
	return "set " + where(p.Setting) + " in catalog-runbook.toml, or " + annotate
}

// HowToSet says how a setting such as "[airflow] url" gets a value: in the settings file if there
// is one, which init wouldn't write again.
func (w *World) HowToSet(setting string) string {
	if w.SettingsFile != "" {
		return "set " + where(setting) + " in " + clean.Line(w.SettingsFile).String()
	}
	return "run `catalog-runbook init`, or set " + where(setting) + " in catalog-runbook.toml"
}

// Unset says in two sentences that nothing of a kind is configured, and how to configure it.
func (w *World) Unset(what, setting string) string {
	return "No " + what + " configured. " + say.Capital(w.HowToSet(setting)) + "."
}

// where words the place of a setting: "url under [airflow]".
func where(setting string) string {
	section, key, _ := strings.Cut(setting, " ")
	return key + " under " + section
}

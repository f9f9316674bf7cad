package steps

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/transport"
)

// Settings configure the services. Every field may be empty: the document's own
// links and commands are the defaults, so the Openverse document needs no settings
// at all.
type Settings struct {
	GitHub struct {
		APIURL                   string `toml:"api_url"` // "" is https://api.github.com
		Repository               string `toml:"repository"`
		TagPrefix                string `toml:"tag_prefix"`
		Workflow                 string `toml:"workflow"`
		InfrastructureRepository string `toml:"infrastructure_repository"`
	} `toml:"github"`
	Image struct {
		Reference string `toml:"reference"`
		PlainHTTP bool   `toml:"plain_http"` // ask without TLS; only for a registry on this machine
	} `toml:"image"`
	Airflow struct {
		URL          string            `toml:"url"`
		Username     string            `toml:"username"`
		TokenCommand []string          `toml:"token_command"`
		Headers      map[string]string `toml:"headers"`
		ExpectedDAGs int               `toml:"expected_dags"` // at least this many; 0 if unknown
		MayWait      []string          `toml:"may_wait"`      // DAGs whose runs may go on while they only wait
		Settling     Wait              `toml:"settling"`      // how long an ended run may still be working; "" is airflow.Settling
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

// params returns the settings under the names that kinds use.
func (s Settings) params() Params {
	return Params{
		"repository":  s.GitHub.Repository,
		"tag-prefix":  s.GitHub.TagPrefix,
		"workflow":    s.GitHub.Workflow,
		"image":       s.Image.Reference,
		"airflow":     s.Airflow.URL,
		"environment": s.Infrastructure.Environment,
		"service":     s.Infrastructure.Service,
	}
}

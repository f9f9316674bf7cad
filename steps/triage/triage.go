// Package triage decides which deployment a change needs, by the files that it touches. It
// asks nobody.
package triage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/github"
)

// A Class is what a change of a file means for a deployment.
type Class string

// The classes, in the order in which they are shown.
const (
	Image          Class = "image"          // the service's image is built from it
	Environment    Class = "environment"    // names of environment variables, whose values are set elsewhere
	Infrastructure Class = "infrastructure" // what Terraform manages
	Invisible      Class = "invisible"      // used by the service where Terraform doesn't see it
	DAGs           Class = "dags"           // reaches Airflow by itself once it is merged
	Neither        Class = "neither"        // is on no server
	Unclaimed      Class = ""               // no rule says what it is
)

// classes are those that a rule can name.
var classes = []Class{Image, Environment, Infrastructure, Invisible, DAGs, Neither}

// A Rule claims files for a class. The first rule that matches a file claims it.
type Rule struct {
	As    Class
	Files string // a pattern with *, ** and {a,b}, from the repository's root
}

// CheckRule returns an error if a rule isn't one.
func CheckRule(as, files string) error {
	if !slices.Contains(classes, Class(as)) {
		known := make([]string, len(classes))
		for i, c := range classes {
			known[i] = string(c)
		}
		return say.Hint(fmt.Errorf("%q isn't a class of files", clean.Line(as)), "write one of %s", strings.Join(known, ", "))
	}
	if files == "" || !doublestar.ValidatePattern(files) {
		return say.Hint(fmt.Errorf("%q isn't a pattern of files", clean.Line(files)), `write one like "catalog/dags/**"`)
	}
	return nil
}

// Catalog returns the rules for the Openverse Catalog's repository, as it is since April
// 2023 and as it was before.
func Catalog() []Rule {
	return []Rule{
		{Neither, "{catalog,openverse_catalog}/dags/retired/**"},
		{Neither, "catalog/tests/**"},
		{Neither, "tests/**"},
		{Neither, "**/*.md"},
		{DAGs, "catalog/dags/**"},
		{DAGs, "openverse_catalog/dags/**"},
		{Image, "catalog/{Dockerfile,entrypoint.sh,requirements_prod.txt}"},
		{Image, "docker/airflow/{Dockerfile,entrypoint.sh}"},
		{Image, "requirements_prod.txt"},
		{Environment, "{catalog/,}env.template"},
		{Infrastructure, "**/*.{tf,tfvars,hcl}"},
		{Invisible, "catalog/docker-compose.yml"},
		{Invisible, "dag-sync.sh"},
		{Neither, "docker/{local_postgres,minio}/**"},
		{Neither, "docker-compose.yml"},
		{Neither, "{catalog/,}{templates,utilities}/**"},
		{Neither, "{catalog/,}{requirements_dev.txt,justfile,pytest.ini,pyproject.toml,setup.cfg}"},
		{Neither, ".github/**"},
		{Neither, ".*"},
		{Neither, "LICENSE"},
	}
}

// A File is one that changed.
type File struct {
	Name     string
	Previous string // the name that it had, if it was renamed or copied
	Status   string // what happened to it, in the words of who lists it
}

// A Claim is what a file's change means, and which rule says so.
type Claim struct {
	File
	As   Class
	Rule string // its pattern; "" for an unclaimed file
}

// A Change is what lies between two versions.
type Change struct {
	Files []File
	// Doubt says why the files may not be all that changed; "" if they are.
	Doubt string
}

// Between returns what GitHub says of the files between two versions. It is in doubt unless
// the second comes after the first and all files are named.
func Between(c github.Comparison) (change Change) {
	for _, f := range c.Files {
		change.Files = append(change.Files, File{Name: f.Name, Previous: f.PreviousName, Status: f.Status})
	}
	switch {
	case c.Status == "diverged":
		change.Doubt = "the two have diverged, by " + say.Count(c.AheadBy, "commit") + " and " + say.Count(c.BehindBy, "commit") + ", and only one side of that is compared"
	case c.Status == "behind":
		change.Doubt = "the second is older than the first, by " + say.Count(c.BehindBy, "commit") + ": name them the other way round to see what going back would undo"
	case c.Truncated:
		change.Doubt = fmt.Sprintf("GitHub names %d files at most, and others may have changed too", len(c.Files))
	}
	return change
}

// Words say what each class of files means.
var Words = map[Class]string{
	Unclaimed:      "No rule says what these are",
	Image:          "The image is built from these",
	Environment:    "Environment variables: their values are set elsewhere",
	Infrastructure: "Infrastructure, which Terraform changes",
	Invisible:      "Used by the service, and Terraform does not see them",
	DAGs:           "DAGs, which reach Airflow by themselves once they are merged",
	Neither:        "Neither",
}

// A Result is which deployments a change needs.
type Result struct {
	Claims  []Claim // by class, each class in the order of the files
	Service bool    // a service deployment
	DAGs    bool    // DAGs change
	Doubt   string  // why that may not be all; "" if it is
}

// Judge decides by the first rule that claims each file. A file that was renamed is claimed
// under both of its names.
func Judge(rules []Rule, change Change) Result {
	r := Result{Doubt: change.Doubt}
	unclaimed := 0
	for _, f := range change.Files {
		names := []string{f.Name}
		if f.Previous != "" && f.Previous != f.Name {
			names = append(names, f.Previous)
		}
		for i, name := range names {
			c := claim(rules, name)
			if i > 0 && slices.ContainsFunc(r.Claims, func(o Claim) bool { return o.File == f && o.As == c.As }) {
				continue
			}
			c.File = f
			r.Claims = append(r.Claims, c)
			switch c.As {
			case Unclaimed:
				unclaimed++
			case DAGs:
				r.DAGs = true
			case Image, Environment, Infrastructure, Invisible:
				r.Service = true
			}
		}
	}
	slices.SortStableFunc(r.Claims, func(a, b Claim) int { return order(a.As) - order(b.As) })
	if r.Doubt == "" && unclaimed > 0 {
		r.Doubt = "no rule says what " + say.Count(unclaimed, "file") + " among them means"
	}
	return r
}

func claim(rules []Rule, name string) Claim {
	for _, rule := range rules {
		if doublestar.MatchUnvalidated(rule.Files, name) {
			return Claim{As: rule.As, Rule: rule.Files}
		}
	}
	return Claim{}
}

// order puts what nobody claims first.
func order(c Class) int { return slices.Index(classes, c) }

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/review"
)

// givenPlan is a plan on the command line, and what it is judged by.
type givenPlan struct {
	Plan     string `arg:"" help:"The plan: JSON from 'terraform show -json' or 'tofu show -json', or the text that 'plan' prints; - for standard input."`
	Settings string `help:"The settings file (default: ./catalog-runbook.toml, or the one in your configuration folder)." placeholder:"FILE" type:"path" env:"CATALOG_RUNBOOK_SETTINGS"`
	Service  string `help:"The service that the plan should deploy (default: from the settings or the runbook)." placeholder:"NAME" env:"CATALOG_RUNBOOK_SERVICE"`
	Release  string `help:"The release that the plan should deploy (default: don't compare versions)." placeholder:"TAG"`
}

type verdictCommand struct {
	givenPlan
	Format string `enum:"text,json,markdown,github" default:"text" help:"The output format: text, json, markdown (for a comment or job summary on GitHub), or github (workflow annotations)." placeholder:"FORMAT" env:"CATALOG_RUNBOOK_FORMAT"`
	JSON   bool   `help:"The same as --format json."`
}

// The formats of verdict.
const (
	formatText     = "text"
	formatJSON     = "json"
	formatMarkdown = "markdown"
	formatGitHub   = "github"
)

// verdictOutput is the JSON of verdict. `help json` documents its shape.
type verdictOutput struct {
	Verdict  string           `json:"verdict"`
	Counts   verdictCounts    `json:"counts"`
	Findings []verdictFinding `json:"findings"`
}

// verdictCounts counts every resource once.
type verdictCounts struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Delete  int `json:"delete"`
	Replace int `json:"replace"`
	Forget  int `json:"forget"`
	Import  int `json:"import"` // imported and otherwise unchanged
	Read    int `json:"read"`
	NoOp    int `json:"no-op"` // unchanged, or only moved
	Unknown int `json:"unknown"`
	Invoke  int `json:"invoke,omitempty"` // actions, which are no resources
}

type verdictFinding struct {
	Rule    string     `json:"rule"`
	Address clean.Text `json:"address"`
	Actions []string   `json:"actions"`
	Blocks  bool       `json:"blocks"`
	Text    clean.Text `json:"text"`
}

// verdictMemory is how much memory a verdict may use before garbage is collected. A plan
// of 1,000 changes needs less.
const verdictMemory = 48 << 20

// collectFrom keeps the garbage collector from running until this many bytes are in use,
// or the function is called that it returns. From then on it runs as usual.
func collectFrom(bytes int64) func() {
	collect := collectLater(bytes)
	runtime.AddCleanup(new([64]byte), func(collect func()) { collect() }, collect)
	return collect
}

// Run judges one plan. The exit code is its verdict.
func (c verdictCommand) Run(ctx context.Context, s streams) error {
	switch {
	case c.JSON && c.Format != formatText && c.Format != formatJSON:
		return fmt.Errorf("--json conflicts with --format %s", c.Format)
	case c.JSON:
		c.Format = formatJSON
	}
	set, _, err := settings.Load(c.Settings)
	if err != nil {
		return err
	}
	policy, err := c.policy(set)
	if err != nil {
		return err
	}
	defer collectFrom(verdictMemory)()
	plan, j, err := c.judge(ctx, s, policy, c.Format == formatMarkdown)
	if err != nil {
		return err
	}
	defer plan.Close()
	switch report := (review.Report{Plan: plan.Plan, Judgement: j, Counts: countLine(plan.Plan, j), Lines: plan.Lines}); c.Format {
	case formatJSON:
		err = writeJSON(s.out, verdictOf(plan.Plan, j))
	case formatMarkdown:
		err = review.Markdown(s.out, report)
	case formatGitHub:
		err = review.Annotations(s.out, report)
	default:
		err = writeVerdict(s.out, plan.Plan, j)
	}
	if len(plan.Plan.Changes) == 0 && !plan.Plan.Complete {
		fmt.Fprintln(s.err, "hint: pass what `terraform show -json FILE` prints, where FILE is what `terraform plan -out=FILE` wrote, or all that `terraform plan` printed")
	}
	switch {
	case err != nil:
		return err
	case j.Verdict == terraform.Failed:
		return asError(exitFailed)
	case j.Verdict != terraform.Passed:
		return asError(exitUnknown)
	}
	return nil
}

// judge reads and judges the plan. lines says that its changes will be shown.
func (c givenPlan) judge(ctx context.Context, s streams, policy terraform.Policy, lines bool) (*review.Plan, terraform.Judgement, error) {
	plan, err := c.read(ctx, s, review.Options{Policy: policy, Lines: lines})
	if err != nil {
		return nil, terraform.Judgement{}, err
	}
	fmt.Fprintf(s.err, "Judging a plan to deploy %s.\n", about(policy))
	return plan, terraform.Judge(plan.Plan, policy), nil
}

// policy returns what the plan is judged by.
func (c givenPlan) policy(set steps.Settings) (terraform.Policy, error) {
	service, err := c.service(set)
	return set.Policy(service, c.Release), err
}

// about returns what a plan should deploy.
func about(p terraform.Policy) clean.Text {
	return clean.Line(strings.TrimSpace(cmp.Or(p.Service, "the service") + " " + p.Release))
}

// service returns the service that the plan should deploy: the one named on the
// command line, else that of the settings, else that of the runbook's steps. It is
// empty if none of them names one; the verdict then says so.
func (c givenPlan) service(set steps.Settings) (string, error) {
	switch {
	case c.Service != "":
		return c.Service, nil
	case set.Infrastructure.Service != "":
		return set.Infrastructure.Service, nil
	}
	doc, _, err := readDocument("")
	if err != nil {
		return "", fmt.Errorf("finding which service the plan should deploy: %w; hint: name it with --service", err)
	}
	var services []string
	bound := steps.Bind(doc, set, kinds.All())
	for i := range bound.Steps {
		if name := bound.Steps[i].Params["service"]; name != "" && !slices.Contains(services, name) {
			services = append(services, name)
		}
	}
	switch len(services) {
	case 0:
		return "", nil
	case 1:
		return services[0], nil
	}
	return "", fmt.Errorf("the runbook deploys several services: %s; hint: choose one with --service", strings.Join(services, ", "))
}

// read reads the plan.
func (c givenPlan) read(ctx context.Context, s streams, o review.Options) (*review.Plan, error) {
	if c.Plan == "-" {
		return review.Open(ctx, s.in, o)
	}
	f, err := openPlan(c.Plan)
	if err != nil {
		return nil, err
	}
	plan, err := review.Open(ctx, f, o)
	if err != nil {
		f.Close()
	}
	return plan, err
}

func openPlan(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("reading the plan: %s is a folder; hint: name the file in it", name)
	}
	return f, nil
}

func verdictOf(p terraform.Plan, j terraform.Judgement) verdictOutput {
	tally := p.Tally()
	out := verdictOutput{
		Verdict: j.Verdict.String(),
		Counts: verdictCounts{
			Create: tally[terraform.Create], Update: tally[terraform.Update], Delete: tally[terraform.Delete],
			Replace: tally[terraform.Replace], Forget: tally[terraform.Forget], Import: tally[terraform.Import],
			Read: tally[terraform.Read], NoOp: p.Unchanged + tally[terraform.Move], Unknown: tally[terraform.Unclear],
			Invoke: len(p.Invocations),
		},
		Findings: []verdictFinding{},
	}
	for _, f := range j.Findings {
		actions := f.Actions
		if actions == nil {
			actions = []string{}
		}
		out.Findings = append(out.Findings, verdictFinding{f.Rule, f.Address, actions, f.Blocks, f.Text})
	}
	return out
}

func writeVerdict(w io.Writer, p terraform.Plan, j terraform.Judgement) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", j.Verdict, j.Summary)
	fmt.Fprintln(&text, countLine(p, j))
	width := 0
	for _, f := range j.Findings {
		width = max(width, len(f.Rule))
	}
	for _, f := range j.Findings {
		mark := ""
		if f.Blocks {
			mark = "blocks"
		}
		fmt.Fprintf(&text, "  %-6s  %-*s  %s\n", mark, width, f.Rule, f.Text)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// countLine says how many resources would be changed, and how.
func countLine(p terraform.Plan, j terraform.Judgement) string {
	if !p.Complete && len(p.Changes) == 0 {
		return "resources: unknown"
	}
	return listCounts(verdictOf(p, j).Counts)
}

// listCounts lists the counts that are not zero.
func listCounts(n verdictCounts) string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{
		{n.Unknown, "not understood"}, {n.Delete, "destroyed"}, {n.Forget, "forgotten"}, {n.Replace, "replaced"}, {n.Update, "updated"},
		{n.Create, "created"}, {n.Import, "imported"}, {n.Read, "read"}, {n.NoOp, "left as they are"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.word))
		}
	}
	actions := ""
	switch {
	case n.Invoke == 1:
		actions = "; 1 action is invoked"
	case n.Invoke > 1:
		actions = fmt.Sprintf("; %d actions are invoked", n.Invoke)
	}
	if len(parts) == 0 {
		return "resources: no changes" + actions
	}
	return "resources: " + strings.Join(parts, ", ") + actions
}

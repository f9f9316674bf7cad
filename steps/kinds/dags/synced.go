package dags

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
)

// Facts about what is synced.
const (
	factSynced  runbook.Fact = "dags.commit" // that Airflow has
	factFiles   runbook.Fact = "dags.files"  // the files of DAGs that changed, one per line: see fileLine
	factBacklog runbook.Fact = "dags.wait"   // what is wrong may pass by itself
)

// Synced is a step in which what was merged reaches Airflow: its own copy of each changed
// file that defines DAGs is the one of the commit, and was read without an error. A check
// asks GitHub for each changed file once, and Airflow for the copy of each file (Airflow 2)
// or DAG (Airflow 3).
var Synced = &steps.Kind{
	Name:    "dags-synced",
	Doc:     "Wait until Airflow has the changed DAGs.",
	Explain: why.DAGsSynced,
	Params: []steps.Param{
		{Name: "airflow", Doc: "Airflow's address", Required: true, Setting: "[airflow] url"},
		{Name: "repository", Doc: "the repository that has the pull request", Required: true, Setting: "[github] repository"},
		{Name: "branch", Doc: "the branch that is deployed", Setting: "[github] branch"},
		{Name: "dags-folder", Doc: "where the repository's DAGs are on Airflow's server", Setting: "[airflow] dags_folder"},
	},
	Passages: true,
	Reads: sentence.Reads("words about syncing DAGs", []string{"DAG", "epositor"}, func(text string) bool {
		return aboutSyncing().MatchString(text)
	}, syncSentence),
	Check: &steps.Check{
		Ask:   pausing(2, checkSynced),
		Fresh: 30 * time.Minute,
		Needs: factMerged,
		Again: func(res runbook.Result) time.Duration { return again(res, res.Waiting || res.Facts[factBacklog] != "") },
	},
	Deploys:  true,
	Leaves:   factSynced,
	Mentions: []runbook.Mention{{Fact: factSynced, Name: "DAGs"}},
}

var aboutSyncing = pattern.Lazy(`(?i)\bdags?\b.*\bsync(?:s|ed|ing)?\b|\bsync(?:s|ed|ing)?\b.*\bdags?\b`)

// syncSentence says that DAGs reach the server by themselves, or asks to wait for that.
var syncSentence = pattern.Lazy(`^(?:` +
	`(?:the|a) (?:… |dag-sync(?:\.sh)? |dag sync )?(?:script|cron job|job|service) is used (?:in production )?to (?:regularly|periodically|continuously|automatically) update the (?:name )?repository \(and thus the dag files\)(?: on the (?:running )?(?:ec2 )?(?:instance|server|host|machine))?` +
	`|(?:the|a) (?:… |dag-sync(?:\.sh)? |dag sync )?(?:script|cron job|job|service) (?:regularly|periodically|continuously|automatically) (?:updates|syncs|pulls) the (?:name )?(?:dags|dag files|repository)(?: on the (?:running )?(?:ec2 )?(?:instance|server|host|machine))?` +
	`|wait (?:until|till|for) (?:airflow (?:has|picks up|has picked up) the (?:new|changed|updated) dags?|the (?:new |changed |updated )?dags? (?:(?:are|is|have been|has been) )?(?:to be )?(?:synced|deployed|updated)(?: (?:to|in|on) airflow)?)` +
	`|(?:make sure|ensure|check|verify|confirm)(?: that)? (?:the )?(?:new |changed |updated )?dags? (?:are|is|were|have been|has been) (?:synced|updated)(?: (?:to|in|on) airflow)?(?: without import errors)?` +
	`|(?:make sure|ensure|check|verify|confirm)(?: that)? airflow has (?:picked up )?the (?:new|changed|updated) dags?` +
	`)$`)

// foundSoon is how long after a merge Airflow may take to find a file that is new: the sync,
// and then 5 minutes by default (dag_dir_list_interval, refresh_interval).
const foundSoon = 15 * time.Minute

// filesCompared is the most files that a check compares, and together how many at a time.
const (
	filesCompared = 150
	together      = 5
)

// syncing is one check of what is synced.
type syncing struct {
	*steps.Report
	in      steps.Input
	client  *airflow.Client
	repo    github.Repository
	pull    github.PullRequest
	branch  string
	later   map[string]string // the status of files that later commits have changed
	unsure  bool              // later may lack some
	folder  folder
	errors  []airflow.ImportError
	address string
}

func checkSynced(ctx context.Context, in steps.Input) runbook.Result {
	s := &syncing{Report: steps.NewReport(in), in: in, address: in.Params["airflow"]}
	client, err := in.World.Airflow.At(s.address)
	if err != nil {
		return s.Problem("Asking Airflow for its DAGs", err)
	}
	s.client = client
	known, err := client.KnownDAGs(ctx)
	if err == nil {
		s.errors, err = client.ImportErrors(ctx)
	}
	if err != nil {
		return s.Problem("Asking Airflow for its DAGs and their import errors", err)
	}
	files, res := s.files(ctx)
	if res.Verdict != runbook.NotAsked {
		return res
	}
	var sure bool
	if s.folder, sure = newFolder(in.Params["dags-folder"], known, files); !sure {
		return s.Unknown("Where the DAGs of %s are on Airflow's server isn't configured: set dags_folder under [airflow] in catalog-runbook.toml.", s.repo)
	}
	found := make([]finding, len(files))
	var all errgroup.Group
	all.SetLimit(together)
	for i := range files {
		all.Go(func() error {
			found[i] = s.look(ctx, files[i])
			return nil
		})
	}
	_ = all.Wait()
	return s.sum(ctx, found)
}

// files returns the changed files that belong to the DAGs. A result that is not NotAsked
// says why they aren't known, or that there are none.
func (s *syncing) files(ctx context.Context) ([]changed, runbook.Result) {
	commit := s.in.Await(ctx, factMerged)
	if commit == "" {
		return nil, s.Unknown("Which commit Airflow should have is unknown: the pull request isn't merged, or its step isn't verified yet.")
	}
	repo, number, err := pullOf(steps.Input{Params: steps.Params{"repository": s.in.Params["repository"]}, Facts: runbook.Facts{factPull: s.in.Await(ctx, factPull)}})
	if err == nil {
		s.repo = repo
		s.pull, err = s.in.World.GitHub.PullRequest(ctx, repo, number)
	}
	if errors.Is(err, github.ErrAbsent) {
		return nil, s.Unknown("%s no longer has the pull request #%d. Verify the merge again.", repo, number)
	}
	if err != nil {
		return nil, s.Problem("Asking for the pull request", err)
	}
	if s.pull.Commit != commit {
		return nil, s.Unknown("#%d is not merged as %.7s: verify the merge again.", number, commit)
	}
	listed, complete, err := s.in.World.GitHub.PullFiles(ctx, repo, s.pull)
	if err != nil {
		return nil, s.Problem("Asking for the files of the pull request", err)
	}
	files, service, unclaimed := ofDAGs(s.in.World.Triage, listed)
	var lines []string
	for _, f := range files {
		lines = append(lines, fileLine(f))
	}
	s.Facts[factFiles] = strings.Join(lines, "\n")
	s.Saw("changed files", fmt.Sprintf("%d, and %d of them among the DAGs", s.pull.Files, len(files)), s.pull.URL)
	if len(service) > 0 {
		s.Saw("not about DAGs", some(service)+": this needs a service deployment too", s.pull.URL)
	}
	switch {
	case !complete:
		return nil, s.Unknown("GitHub lists %d of the %d files that #%d changes, so which DAGs it changes is unknown. Open the pull request, and look for its DAGs in Airflow.", len(listed), s.pull.Files, number)
	case len(unclaimed) > 0:
		return nil, s.Unknown("No rule says whether %s belongs to the DAGs: add one to the settings ([[triage]]).", some(unclaimed))
	case len(files) == 0:
		return nil, s.Failed("#%d changes none of the DAGs, so nothing of it reaches Airflow by itself.", number)
	case len(files) > filesCompared:
		return nil, s.Unknown("#%d changes %d files among the DAGs, more than the %d that are compared: look in Airflow.", number, len(files), filesCompared)
	}
	s.branch = s.in.Params["branch"]
	if s.branch == "" {
		s.branch = s.pull.Default
	}
	since, err := s.in.World.GitHub.Compare(ctx, repo, commit, s.branch)
	if errors.Is(err, github.ErrAbsent) {
		return nil, s.Unknown("%s has no branch %s, or the commit %.7s is gone. Verify the merge again.", repo, clean.Line(s.branch), commit)
	}
	if err != nil {
		return nil, s.Problem("Comparing the commit with "+s.branch, err)
	}
	s.later, s.unsure = map[string]string{}, since.Truncated
	for _, f := range since.Files {
		s.later[f.Name] = f.Status
		if f.PreviousName != "" && f.Status == "renamed" {
			s.later[f.PreviousName] = removed
		}
	}
	return files, runbook.Result{}
}

// fileLine is a line of factFiles.
func fileLine(f changed) string { return f.status + " " + f.root + " " + f.name }

// readFileLine is the reverse of fileLine.
func readFileLine(line string) (changed, bool) {
	parts := strings.SplitN(line, " ", 3)
	if len(parts) != 3 {
		return changed{}, false
	}
	return changed{status: parts[0], root: parts[1], name: parts[2]}, true
}

// some names the first of several things.
func some(names []string) string {
	const shown = 3
	if more := len(names) - shown; more > 0 {
		names = append(slices.Clone(names[:shown]), fmt.Sprintf("%d more", more))
	}
	text := strings.Join(names, ", ")
	if last := len(names) - 1; last > 0 {
		text = strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return clean.Line(text).String()
}

// base is the file's name without its folders, which is enough in a sentence.
func (f changed) base() string { return clean.Line(path.Base(f.name)).String() }

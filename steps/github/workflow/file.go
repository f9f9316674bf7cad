// Package workflow reads a GitHub Actions workflow's file and finds out which events
// start it and which of its jobs push an image. It asks nobody, and runs nothing: what
// only a run can know stays unknown.
package workflow

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"

	"catalog-runbook/runbook/clean"
)

// A File is a workflow's file. It is immutable.
type File struct{ parsed *actionlint.Workflow }

// Parse reads a workflow's file. A file that GitHub would refuse is read as far as that
// is possible; it is an error if that gives no job.
func Parse(data []byte) (*File, error) {
	parsed, faults := actionlint.Parse(data)
	if parsed != nil && len(parsed.Jobs) > 0 {
		return &File{parsed: parsed}, nil
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("reading line %d of the workflow: %s", faults[0].Line, clean.Line(faults[0].Message))
	}
	return nil, errors.New("reading the workflow: no jobs")
}

// A Trigger is an event that starts a workflow.
type Trigger struct {
	Event string   // "release", "push", ...
	Types []string // of the event's activity, such as "published"; empty means all that GitHub takes for granted
	Tags  bool     // a push starts it for tags, or for tags too
}

// Triggers returns the events that start the workflow, in the file's order.
func (f *File) Triggers() []Trigger {
	var all []Trigger
	for _, e := range f.parsed.On {
		t := Trigger{Event: e.EventName()}
		if hook, ok := e.(*actionlint.WebhookEvent); ok {
			for _, s := range hook.Types {
				t.Types = append(t.Types, s.Value)
			}
			// GitHub's workflow syntax: with a filter of branches only, no tag starts it.
			branches := hook.Branches != nil || hook.BranchesIgnore != nil
			t.Tags = t.Event == "push" && (hook.Tags != nil || hook.TagsIgnore != nil || !branches)
		}
		all = append(all, t)
	}
	return all
}

// Calls returns the paths of the workflows of the same repository that its jobs call,
// each once and sorted.
func (f *File) Calls() []string {
	var all []string
	for _, job := range f.parsed.Jobs {
		if at, ok := called(job); ok {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// called returns the path of the workflow of the same repository that a job calls.
func called(job *actionlint.Job) (at string, ok bool) {
	if job.WorkflowCall == nil || job.WorkflowCall.Uses == nil {
		return "", false
	}
	rest, local := strings.CutPrefix(job.WorkflowCall.Uses.Value, "./")
	rest = path.Clean(rest)
	return rest, local && strings.HasPrefix(rest, ".github/workflows/")
}

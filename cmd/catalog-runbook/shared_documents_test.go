package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A sharedDocument is what lint must say of a document beside the repository, whose
// expected result is a text for people.
type sharedDocument struct {
	title string
	// steps are the steps in order: number, kind, "locked" and the commands, such as
	// "2 bump locked [just bump prod ferry]".
	steps []string
	// params are parameters that a step must have ("2 repository=harbour/ferry"), or must
	// not have if "!" stands before them.
	params []string
	// says are parts of what lint writes.
	says []string
	exit int
}

const anyExit = -1

var sharedDocuments = map[string]sharedDocument{
	"apply-without-plan": {
		steps: []string{"1 bump locked [just bump prod ferry]", "2 manual locked [just apply prod ferry]"},
		says:  []string{"just plan prod ferry"}, exit: 1,
	},
	"bullets-and-bold": {
		says: []string{"line 5: 3 bullets", "line 9: "}, exit: 1,
	},
	"command-in-a-warning": {
		steps: []string{"1 bump locked [just bump prod ferry]", "2 manual locked [just plan prod ferry]", "3 manual"},
		exit:  anyExit,
	},
	"fence-at-the-margin": {
		steps: []string{"1 bump [just bump prod ferry]", "2 plan-and-apply [just plan prod ferry] [just apply prod ferry]", "3 manual"},
	},
	"fence-kinds": {
		steps: []string{"1 bump [just bump prod ferry]", "2 manual [just plan prod ferry]", "3 manual [just apply prod ferry]", "4 manual", "5 bump [just bump prod ferry]"},
		exit:  1,
	},
	"fence-never-closed": {
		steps: []string{"1 manual [git pull]", "2 bump locked [just bump prod ferry]", "3 plan-and-apply locked [just plan prod ferry] [just apply prod ferry]"},
		says:  []string{"line 5: ", "never closed"}, exit: 1,
	},
	"fence-never-closed-margin": {
		says: []string{"line 5: ", "never closed"}, exit: 1,
	},
	"lists-that-are-no-steps": {
		steps: []string{
			"1 manual", "2 manual", "1 manual", "2 manual", "1 manual", "2 manual",
			"1 release", "1 bump locked [just bump prod ferry]",
		},
		says: []string{"line 3: ", "line 11: ", "line 16: ", "<!-- runbook: prose -->"}, exit: 1, // the repository is not known
	},
	"locks-elsewhere": {
		steps: []string{
			"1 manual locked", "2 manual locked", "3 manual locked", "4 manual locked", "4.1 manual locked", "4.2 manual locked",
			"5 bump locked [just bump prod ferry]", "1 manual locked",
		},
	},
	"negated-command": {
		steps: []string{"1 manual [just bump prod ferry]", "2 manual", "3 manual [just apply prod ferry]"},
		says:  []string{"not", "obody"}, exit: 1,
	},
	"numbered-headings": {
		says: []string{"line 3: 4 headings", "numbered"}, exit: 1,
	},
	"placeholders": {
		steps:  []string{"1 bump [just bump ENVIRONMENT ferry]", "2 bump [just bump <environment> ferry]", "3 bump [just bump {{ environment }} ferry]", "4 manual [kubectl -n <namespace> delete pod <pod>]", "5 manual [make ENV rollout]"},
		params: []string{"!1 environment=ENVIRONMENT"},
		says:   []string{"ENVIRONMENT"}, exit: 1,
	},
	"plan-and-apply-apart": {
		steps: []string{"1 bump locked [just bump prod ferry]", "2 manual locked [just plan prod ferry]", "3 manual", "4 manual locked [just apply prod ferry]"},
		exit:  1,
	},
	"releases-of-a-tool": {
		steps:  []string{"1 manual", "2 release", "3 image-tag"},
		params: []string{"!2 repository=toolsmith/yq", "3 image=ghcr.io/harbour/ferry"},
		exit:   1,
	},
	"table-of-steps": {
		says: []string{"line 3: ", "table", "line 9: ", "HTML"}, exit: 1,
	},
	"templated-title": {title: "Rolling out the ferry", steps: []string{"1 manual"}},
	"two-environments": {
		says: []string{"staging", "prod", "two steps"}, exit: 1,
	},
	"words-bind-an-edit": {
		steps: []string{"1 manual", "2 manual", "3 manual"},
	},
	"words-of-release": {
		steps:  []string{"1 manual", "2 manual [git reset --hard origin/release]", "3 manual [kind create cluster --name release]", "4 manual", "5 manual", "6 release"},
		params: []string{"6 repository=harbour/ferry"},
	},
	"wrapper-before-just": {
		// What stands before just may keep the plan that was read from being applied.
		steps: []string{
			"1 manual [./ov just bump production ferry]", "2 manual [./ov just plan production ferry] [./ov just apply production ferry]",
			"3 manual [AWS_PROFILE=harbour just plan production ferry]", "4 manual [./tools/smoke production]",
		},
		says: []string{"`just bump` behind `./ov`", "`just apply` behind `./ov`"}, exit: 1,
	},
}

func TestSharedDocuments(t *testing.T) {
	files, err := filepath.Glob("../../../shared/cases/documents/*.md")
	if err != nil || len(files) == 0 {
		t.Skip("SKIPPED: the documents are not beside the repository")
	}
	settings := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.WriteFile(settings, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		t.Run(name, func(t *testing.T) {
			want, ok := sharedDocuments[name]
			if !ok {
				t.Fatal("nothing is expected of it")
			}
			text, _ := lintFile(t, file, settings, false)
			data, exit := lintFile(t, file, settings, true)
			var out lintOutput
			if err := json.Unmarshal([]byte(data), &out); err != nil {
				t.Fatal(err)
			}
			if wrong := want.wrong(out, text, exit); len(wrong) > 0 {
				t.Errorf("%s\n%s", strings.Join(wrong, "\n"), text)
			}
		})
	}
}

// wrong returns what isn't as expected.
func (want sharedDocument) wrong(out lintOutput, text string, exit int) (all []string) {
	var steps, params []string
	for _, s := range out.Steps {
		line := s.Number + " " + s.Kind
		if s.Locked {
			line += " locked"
		}
		for _, argv := range s.Commands {
			line += fmt.Sprintf(" [%s]", strings.Join(argv, " "))
		}
		steps = append(steps, line)
		for name, value := range s.Params {
			params = append(params, fmt.Sprintf("%s %s=%s", s.Number, name, value))
		}
	}
	if want.steps != nil && !slices.Equal(steps, want.steps) {
		all = append(all, fmt.Sprintf("the steps are %q, want %q", steps, want.steps))
	}
	if want.title != "" && out.Title.String() != want.title {
		all = append(all, fmt.Sprintf("the title is %q, want %q", out.Title, want.title))
	}
	for _, p := range want.params {
		p, not := strings.CutPrefix(p, "!")
		if slices.Contains(params, p) == not {
			all = append(all, fmt.Sprintf("the parameters are %q, want %q: %t", params, p, !not))
		}
	}
	for _, part := range want.says {
		if !strings.Contains(text, part) {
			all = append(all, fmt.Sprintf("lint doesn't say %q", part))
		}
	}
	if exit != want.exit && want.exit != anyExit {
		all = append(all, fmt.Sprintf("the exit code is %d, want %d", exit, want.exit))
	}
	return all
}

// lintFile returns what lint writes about a document, and its exit code.
func lintFile(t *testing.T, file, settings string, asJSON bool) (string, int) {
	t.Helper()
	var out bytes.Buffer
	err := lintCommand{source: source{File: file, Settings: settings}, JSON: asJSON}.Run(streams{out: &out})
	var code exitError
	if err != nil && !errors.As(err, &code) {
		t.Fatal(err)
	}
	return out.String(), code.code
}

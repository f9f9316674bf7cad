package justfile

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const apply = "TF_CLI_ARGS_apply"

// infrastructure returns the justfile of testdata from the dump that is kept of it.
func infrastructure(t *testing.T) *File {
	t.Helper()
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	dump, err := os.ReadFile("testdata/dump.json")
	if err != nil {
		t.Fatal(err)
	}
	j := &File{dir: folder}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(dump), "/infra/", folder+"/")), j); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestObstacles(t *testing.T) {
	j := infrastructure(t)
	tests := map[string]string{ // of a recipe, the obstacle; "" for none
		"plain": "", "piped": "", "variable": "", "shown": "", "root-keeps": "", "approved": "", "asks": "", "default": "",
		"removed":         "line 1 of the recipe `removed`: `env -u TF_CLI_ARGS_apply terraform apply` removes TF_CLI_ARGS_apply",
		"deploy":          "line 1 of the recipe `removed`: `env",
		"emptied":         "of the recipe `emptied`: `timeout 600 env -i PATH=\"$PATH\" terraform apply` removes",
		"unset":           "line 1 of the recipe `unset`: `unset TF_CLI_ARGS_apply; terraform apply` changes TF_CLI_ARGS_apply",
		"assigned":        "line 1 of the recipe `assigned`: `TF_CLI_ARGS_apply=-auto-approve terraform",
		"wrapped":         "of the recipe `wrapped`: `env -u",
		"conditional":     "terraform sudo terraform apply` removes",
		"computed":        "line 1 of the recipe `computed` changes",
		"root":            "`sudo terraform apply` removes",
		"container":       "`docker compose run --rm tools apply` removes",
		"remote":          "`ssh bastion 'cd infra && terraform apply'` removes",
		"quoted":          "of the recipe `quoted`",
		"attribute":       "the recipe `attribute` sets TF_CLI_ARGS_apply: [env(\"TF_CLI_ARGS_apply\", …)]",
		"parameter":       "the recipe `parameter` has a parameter $TF_CLI_ARGS_apply",
		"script":          "line 4 of the recipe `script`: `unset TF_CLI_ARGS_apply` changes",
		"clean-script":    "line 1 of the recipe `clean-script` removes",
		"python":          "line 3 of the recipe `python` changes",
		"depends":         "of the recipe `removed`",
		"calls":           "line 1 of the recipe `unset`",
		"runs":            "line 3 of sub/apply.sh: `unset TF_CLI_ARGS_apply` changes",
		"makes":           "line 2 of Makefile changes",
		"destroyed":       "`terraform destroy -auto-approve` destroys without a plan",
		"module-export":   "the justfile exports TF_CLI_ARGS_apply",
		"module-unexport": "the justfile says `unexport TF_CLI_ARGS_apply`",
		"module-shell":    "the justfile's shell removes TF_CLI_ARGS_apply: `env -i sh -c`",
		"nothing":         "the recipe `nothing` is not in the justfile",
	}
	for name := range j.Recipes {
		if _, ok := tests[name]; !ok && name != "after" {
			t.Errorf("nothing is expected of %s", name)
		}
	}
	delete(tests, "default")
	for name, want := range tests {
		found := j.Obstacles(name, apply)
		if want == "" && len(found) > 0 || want != "" && !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("%s: %q, want %q", name, found, want)
		}
	}
	for name, want := range map[string]bool{"plain": false, "asks": false, "approved": true, "attribute": true, "destroyed": true, "module-export": true} {
		if found := j.Approvals(name); len(found) > 0 != want {
			t.Errorf("%s applies without asking: %q", name, found)
		}
	}
}

// The dump that is kept is what the real just prints.
func TestDump(t *testing.T) {
	j, folder := realJust(t), infrastructure(t).dir
	out, err := exec.Command(j, "--justfile", filepath.Join(folder, "justfile"), "--dump", "--dump-format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("testdata/dump.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(out), folder+"/", "/infra/"); got != string(kept) {
		t.Errorf("just prints another dump now:\n%s", got)
	}
}

func TestRead(t *testing.T) {
	just := realJust(t)
	environ := []string{"PATH=" + filepath.Dir(just) + string(filepath.ListSeparator) + os.Getenv("PATH")}
	dir := t.TempDir()
	if _, err := Read(t.Context(), dir, environ); err == nil {
		t.Error("read a justfile that isn't there")
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	evaluated := "x := `touch evaluated`\nplan:\n    terraform plan {{ x }}\n"
	for name, test := range map[string]struct {
		settings, value string
		beats           bool
	}{
		"none":     {"", "", false},
		"load":     {"set dotenv-load\n", "-var-file=prod.tfvars", false},
		"override": {"set dotenv-override\n", "-var-file=prod.tfvars", true},
		"filename": {"set dotenv-filename := \"other.env\"\n", "-lock=false", false},
		"path":     {"set dotenv-path := \"other.env\"\n", "-lock=false", false},
		"command":  {"set dotenv-command := \"cat other.env\"\n", "-lock=false", false},
	} {
		write("justfile", test.settings+evaluated)
		write(".env", "TF_CLI_ARGS_plan=-var-file=prod.tfvars\nOTHER=1\n")
		write("other.env", "TF_CLI_ARGS_plan=-lock=false\n")
		j, err := Read(t.Context(), dir, environ)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for variable, want := range map[string]string{"TF_CLI_ARGS_plan": test.value, "TF_CLI_ARGS_apply": ""} {
			value, beats, err := j.Dotenv(t.Context(), append(environ, variable+"=caller's"), variable)
			if err != nil || value != want || beats != test.beats {
				t.Errorf("%s: %s is %q, %v, %v", name, variable, value, beats, err)
			}
		}
		if len(j.Obstacles("plan", "TF_CLI_ARGS_plan")) > 0 {
			t.Errorf("%s: %q", name, j.Obstacles("plan", "TF_CLI_ARGS_plan"))
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "evaluated")); err == nil {
		t.Error("a variable of the justfile was evaluated")
	}
}

// realJust returns the path of the real just; without one the test is skipped.
func realJust(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CATALOG_RUNBOOK_TEST_JUST")
	if path == "" {
		t.Skip("SKIPPED: set CATALOG_RUNBOOK_TEST_JUST to the path of the real just to run this")
	}
	return path
}

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// tofuVariable names the real OpenTofu, whose plans don't say whether they are complete.
const tofuVariable = "CATALOG_RUNBOOK_TEST_TOFU"

// tofuWalk is a walk whose recipes call OpenTofu, with two resources of which only one
// runs the service.
func tofuWalk(t *testing.T, words ...string) *realWalk {
	t.Helper()
	return tofuWalkWith(t, nil, words...)
}

// tofuWalkWith is tofuWalk in a checkout that was changed before its first commit.
func tofuWalkWith(t *testing.T, prepare func(*realTools), words ...string) *realWalk {
	t.Helper()
	tofu := os.Getenv(tofuVariable)
	if tofu == "" {
		t.Skipf("SKIPPED: set %s to the path of the real tofu to run this", tofuVariable)
	}
	t.Parallel()
	r := newRealTools(t)
	bin := t.TempDir()
	if err := os.Symlink(tofu, filepath.Join(bin, "tofu")); err != nil {
		t.Fatal(err)
	}
	r.environ[0] = "PATH=" + bin + string(filepath.ListSeparator) + r.environ[0][len("PATH="):]
	for i := 0; i < len(words); i += 2 {
		r.change("justfile", words[i], words[i+1])
	}
	r.change("justfile", "terraform ", "tofu ")
	if prepare != nil {
		prepare(r)
	}
	r.write("environments/prod/other.tf", "resource \"terraform_data\" \"other\" {\n  input = local.docker_image_tag\n}\n")
	r.run("git", "add", "--all")
	r.run("git", "commit", "--quiet", "--message", "Use OpenTofu")
	for _, args := range [][]string{{"init", "-reconfigure"}, {"apply", "-auto-approve"}} {
		r.run(filepath.Join(bin, "tofu"), append([]string{"-chdir=environments/prod"}, args...)...)
	}
	return newRealWalk(t, r, steps.AppliesSaved)
}

func TestRealTofu(t *testing.T) {
	t.Run("the whole plan", func(t *testing.T) {
		w := tofuWalk(t)
		w.review()
		if err := w.perform(planStep, "apply"); err != nil {
			t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
		w.deploys(deployedAfter)
	})
	for name, option := range map[string]string{
		"-target, its warning compact": " -compact-warnings -target=terraform_data.catalog_airflow",
		"-target, its warning hidden":  " -target=terraform_data.catalog_airflow >/dev/null",
		"-target, its warning cut":     " -target=terraform_data.catalog_airflow | sed /Warning/,/^╵/d",
		"-exclude":                     " -exclude=terraform_data.other >/dev/null",
	} {
		t.Run(name, func(t *testing.T) {
			w := tofuWalk(t, "plan -no-color", "plan -no-color"+option)
			for _, effect := range [][2]string{{bumpStep, "bump"}, {planStep, "plan"}} {
				if err := w.perform(document.StepID(effect[0]), effect[1]); err != nil {
					t.Fatal(err)
				}
			}
			w.wants(w.result(planStep, "plan"), runbook.Unknown, "the plan leaves resources out")
			if err := w.perform(planStep, "apply"); err == nil {
				t.Error("it was applied")
			}
			if state := w.state(); !strings.Contains(state, deployedBefore) || strings.Contains(state, deployedAfter) {
				t.Errorf("the state has changed:\n%s", state)
			}
		})
	}
}

// OpenTofu can encrypt its plans and its state.
func TestRealEncryptedPlan(t *testing.T) {
	const encryption = `terraform {
  encryption {
    %s
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.k
    }
    plan {
      method   = method.aes_gcm.m
      enforced = true
    }
  }
}
`
	const key = "key_provider \"pbkdf2\" \"k\" {\n      passphrase = \"correct-horse-battery\"\n      iterations = 200000\n    }\n"
	// encrypted is a walk in which another folder has a configuration too.
	encrypted := func(t *testing.T, provider string, prepare func(r *realTools)) *realWalk {
		t.Helper()
		return tofuWalkWith(t, func(r *realTools) {
			r.write("environments/prod/encryption.tf", strings.Replace(encryption, "%s", provider, 1))
			r.write("environments/another/another.tf", "resource \"terraform_data\" \"a\" {}\n")
			if prepare != nil {
				prepare(r)
			}
		})
	}
	apply := func(w *realWalk) {
		w.t.Helper()
		if head := readFile(w.t, w.plans()[0]); !strings.HasPrefix(head, "{") || !strings.Contains(head, "encrypted_data") {
			w.t.Fatalf("the plan is not encrypted: %.80q", head)
		}
		if err := w.perform(planStep, "apply"); err != nil {
			w.t.Fatal(err)
		}
		w.wants(w.result(planStep, "apply"), runbook.Passed, "the state is what the reviewed plan said")
		if state := w.state(); !strings.Contains(state, deployedAfter) { // Terraform can't show it
			w.t.Errorf("%s is not what is deployed:\n%s", deployedAfter, state)
		}
	}
	t.Run("the key is in the configuration", func(t *testing.T) {
		w := encrypted(t, key, nil)
		w.review()
		apply(w)
	})
	t.Run("the key is in .env", func(t *testing.T) {
		w := encrypted(t, "", func(r *realTools) {
			r.write(".env", "TF_ENCRYPTION='key_provider \"pbkdf2\" \"k\" { passphrase = \"correct-horse-battery\" }'\n")
			r.change("justfile", "bump env", "set dotenv-load\n\nbump env")
			r.environ = append(r.environ, `TF_ENCRYPTION=key_provider "pbkdf2" "k" { passphrase = "correct-horse-battery" }`)
		})
		w.engine.World().Environ = slices.DeleteFunc(slices.Clone(w.engine.World().Environ), func(e string) bool { return strings.HasPrefix(e, "TF_ENCRYPTION=") })
		w.review()
		apply(w)
	})
	t.Run("the configuration has changed", func(t *testing.T) {
		w := encrypted(t, key, func(r *realTools) { r.change(".gitignore", "terraform.tfstate*", "terraform.tfstate*\nignored.tf") })
		w.review()
		before := w.state()
		w.write("environments/prod/ignored.tf", "resource \"terraform_data\" \"more\" {}\n")
		if err := w.perform(planStep, "apply"); err == nil || !strings.Contains(err.Error(), "has changed since the plan was made") {
			t.Errorf("refused with %v", err)
		}
		if w.state() != before {
			t.Error("something was applied")
		}
	})
	t.Run("no key", func(t *testing.T) {
		w := encrypted(t, "", func(r *realTools) {
			r.change("justfile", "plan env service:\n", "plan env service:\n    #!/bin/sh\n    export TF_ENCRYPTION='key_provider \"pbkdf2\" \"k\" { passphrase = \"correct-horse-battery\" }'\n")
			r.environ = append(r.environ, `TF_ENCRYPTION=key_provider "pbkdf2" "k" { passphrase = "correct-horse-battery" }`)
		})
		w.engine.World().Environ = slices.DeleteFunc(slices.Clone(w.engine.World().Environ), func(e string) bool { return strings.HasPrefix(e, "TF_ENCRYPTION=") })
		if err := w.perform(bumpStep, "bump"); err != nil {
			t.Fatal(err)
		}
		if err := w.perform(planStep, "plan"); err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, e := range w.result(planStep, "plan").Evidence {
			said += e.Value.String() + "\n"
		}
		if !strings.Contains(said, "the saved plan could not be read: it is encrypted") {
			t.Errorf("%s\n%s", w.result(planStep, "plan").Summary, said)
		}
		if plans := w.plans(); len(plans) > 0 {
			t.Errorf("kept: %q", plans)
		}
	})
}

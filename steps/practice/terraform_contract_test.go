package practice

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/testdata/ask"
)

// terraformVariable names the real terraform. Without it the contract is not held
// to it.
const terraformVariable = "CATALOG_RUNBOOK_TEST_TERRAFORM"

// theModules stand for those that the practice checkout has not got, with resources
// that need no provider to be downloaded.
var theModules = map[string]string{
	"catalog-airflow": `variable "environment" {}
variable "instance_type" {}
variable "docker_image_tag" {}
variable "airflow_port" {}
resource "terraform_data" "this" {
  triggers_replace = var.docker_image_tag
}
resource "terraform_data" "group" {
  input = "group"
}
resource "terraform_data" "role" {
  input = "role"
}
`,
	"catalog-db": `variable "environment" {}
variable "instance_class" {}
variable "allocated_storage" {}
variable "password" {
  default   = "a practice password"
  sensitive = true
}
resource "terraform_data" "this" {
  input = var.password
}
`,
}

// contractor has a checkout with the practice's justfile and configuration, and
// what its recipes call.
type contractor struct {
	dir       string
	just      func(t *testing.T, stdin string, env []string, recipe string) ran
	terraform func(t *testing.T, args ...string) ran
	// replace is what a colleague does from another machine.
	replace func(t *testing.T)
}

func practiceContractor(t *testing.T) *contractor {
	w, _ := begin(t, "calm", 2)
	c := &contractor{dir: w.InfrastructureDir()}
	c.just = func(t *testing.T, stdin string, env []string, recipe string) ran {
		cmd := justCmd(w, recipe, "prod", "catalog-airflow")
		cmd.Env = append(cmd.Env, env...)
		r := finish(t, cmd, stdin)
		// What just itself says, Terraform does not.
		r.stderr = regexp.MustCompile(`(?m)^(test -f |terraform |error: recipe ).*\n`).ReplaceAllString(r.stderr, "")
		return r
	}
	c.terraform = func(t *testing.T, args ...string) ran {
		cmd := exec.Command(filepath.Join(w.folder.Bin(), "terraform"), args...)
		cmd.Dir, cmd.Env = filepath.Join(c.dir, "environments", "prod"), append(w.Environ(), instantly(w)...)
		return finish(t, cmd, "")
	}
	c.replace = func(t *testing.T) {
		if err := w.state.ReplaceInstance(); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// realContractor runs the lines of the recipes as just does, without needing it.
func realContractor(t *testing.T, tool string) *contractor {
	c := &contractor{dir: t.TempDir()}
	if err := writeCheckout(c.dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range theModules {
		module := filepath.Join(c.dir, "modules", "services", name)
		if err := os.MkdirAll(module, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(module, "main.tf"), text)
	}
	environ := []string{"PATH=" + filepath.Dir(tool) + ":/usr/bin:/bin", "HOME=" + t.TempDir(), "TF_CLI_CONFIG_FILE=" + os.DevNull, "CHECKPOINT_DISABLE=1", "NO_COLOR=1"}
	c.terraform = func(t *testing.T, args ...string) ran {
		cmd := exec.Command(tool, args...)
		cmd.Dir, cmd.Env = filepath.Join(c.dir, "environments", "prod"), environ
		return finish(t, cmd, "")
	}
	c.just = func(t *testing.T, stdin string, env []string, recipe string) (all ran) {
		for _, line := range recipeLines(t, filepath.Join(c.dir, "justfile"), recipe) {
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir, cmd.Env = c.dir, slices.Concat(environ, env)
			r := finish(t, cmd, stdin)
			all = ran{r.code, all.stdout + r.stdout, all.stderr + r.stderr}
			if r.code != 0 {
				break
			}
		}
		return all
	}
	c.replace = func(t *testing.T) {
		name := filepath.Join(c.dir, "environments", "prod", "catalog-airflow.tf")
		now := read(t, name)
		write(t, name, tagLine.ReplaceAllString(now, "${1}v1.5.4${3}")) // what is deployed at that moment
		c.terraform(t, "apply", "-no-color", "-auto-approve", "-replace=module.catalog_airflow.terraform_data.this").must(t, 0, "1 added, 0 changed, 1 destroyed")
		write(t, name, now)
	}
	c.terraform(t, "init", "-no-color").must(t, 0)
	c.terraform(t, "apply", "-no-color", "-auto-approve").must(t, 0)
	return c
}

// recipeLines are the lines of a recipe of the practice justfile, for the service
// of the practice.
func recipeLines(t *testing.T, justfile, recipe string) (lines []string) {
	t.Helper()
	_, body, found := strings.Cut(read(t, justfile), "\n"+recipe+" env service:\n")
	for line := range strings.Lines(body) {
		text, indented := strings.CutPrefix(line, "    ")
		if !indented {
			break
		}
		lines = append(lines, strings.NewReplacer("{{ env }}", "prod", "{{ service }}", "catalog-airflow", "\n", "").Replace(text))
	}
	if !found || len(lines) == 0 {
		t.Fatalf("there is no recipe %s in %s", recipe, justfile)
	}
	return lines
}

var tagLine = regexp.MustCompile(`(?m)^(\s*docker_image_tag\s*=\s*")([^"\n]+)(")`)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tag is the bump, without a release.
func (c *contractor) tag(t *testing.T, tag string) {
	t.Helper()
	name := filepath.Join(c.dir, "environments", "prod", "catalog-airflow.tf")
	write(t, name, tagLine.ReplaceAllString(read(t, name), "${1}"+tag+"${3}"))
}

// The parts of what is printed in which the two configurations may differ.
var (
	looks    = regexp.MustCompile(`(?m)^.*: (Refreshing state\.\.\.|Reading\.\.\.|Read complete|Still (creating|destroying)\.\.\.).*\n`)
	insides  = regexp.MustCompile(`(?ms)^(..[-+] resource .*?\{\n).*?(^    \}\n)`)
	types    = regexp.MustCompile(`\b(aws_instance|aws_db_instance|terraform_data)\b`)
	identity = regexp.MustCompile(`\[id=[^]]*\]`)
	took     = regexp.MustCompile(`(complete after) \S+`)
	because  = regexp.MustCompile(`\(because \S+ is`)
	escapes  = regexp.MustCompile("\x1b\\[[0-9;]*m")
	frames   = strings.NewReplacer("│", "", "╷", "", "╵", "")
)

// printed is what a command printed without those, in one text. Where Terraform
// breaks the lines of an error depends on the lengths of paths.
func (c *contractor) printed(r ran, plans string) string {
	out := strings.ReplaceAll(looks.ReplaceAllString(r.stdout, ""), plans, "PLANS")
	out = identity.ReplaceAllString(types.ReplaceAllString(insides.ReplaceAllString(out, "$1$2"), "TYPE"), "[id=ID]")
	out = because.ReplaceAllString(took.ReplaceAllString(out, "$1 TIME"), "(because ADDRESS is")
	said := frames.Replace(escapes.ReplaceAllString(strings.ReplaceAll(r.stderr, plans, "PLANS"), ""))
	return fmt.Sprintf("exit code %d\n%s---\n%s", r.code, out, strings.Join(strings.Fields(said), " "))
}

// shape is a plan's JSON without what depends on the configuration: which parts it
// has and of which kind they are, and what would be done where.
func shape(t *testing.T, r ran) string {
	t.Helper()
	r.must(t, 0)
	var p server.Object
	if err := json.Unmarshal([]byte(r.stdout), &p); err != nil {
		t.Fatalf("%v in %s", err, r.stdout)
	}
	keys := func(v any) []string { return slices.Sorted(maps.Keys(v.(server.Object))) }
	kind := func(v any) string { return fmt.Sprintf("%T", v) }
	text := fmt.Sprintf("%q\nformat %v, applyable %v, complete %v, errored %v\n", keys(p), p["format_version"], p["applyable"], p["complete"], p["errored"])
	var changes []string
	for _, v := range p["resource_changes"].([]any) {
		c := v.(server.Object)
		change := c["change"].(server.Object)
		changes = append(changes, fmt.Sprintf("%v %v %v %v\n  %q\n  %q\n  before %s, after %s, unknown %s, sensitive %s and %s, %d paths",
			c["module_address"], c["mode"], change["actions"], c["action_reason"], keys(c), keys(change),
			kind(change["before"]), kind(change["after"]), kind(change["after_unknown"]), kind(change["before_sensitive"]), kind(change["after_sensitive"]),
			len(asList(change["replace_paths"]))))
	}
	slices.Sort(changes)
	text += strings.Join(changes, "\n")
	prior := p["prior_state"].(server.Object)
	text += fmt.Sprintf("\nprior %q, format %v", keys(prior), prior["format_version"])
	for _, values := range []any{prior["values"], p["planned_values"]} {
		for _, m := range asList(values.(server.Object)["root_module"].(server.Object)["child_modules"]) {
			text += fmt.Sprintf("\n%v %q", m.(server.Object)["address"], keys(m))
			for _, v := range asList(m.(server.Object)["resources"]) {
				if r := v.(server.Object); r["mode"] == "managed" { // the practice has a data source too
					text += fmt.Sprintf("\n  %q", keys(r))
				}
			}
		}
	}
	return text + fmt.Sprintf("\nconfiguration %q, root %q\n", keys(p["configuration"]), keys(p["configuration"].(server.Object)["root_module"]))
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// The practice just and the practice terraform answer as a real Terraform does that
// is called by the same recipes on the same configuration.
func TestContractOfSavedPlans(t *testing.T) {
	tool := os.Getenv(terraformVariable)
	if tool == "" {
		t.Skipf("SKIPPED: set %s to the path of the real terraform to run this", terraformVariable)
	}
	plans := t.TempDir()
	both := []*contractor{practiceContractor(t), realContractor(t, tool)}
	folders := []string{filepath.Join(plans, "practice"), filepath.Join(plans, "real")}
	for _, folder := range folders {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// alike does the same to both, and fails where they answer differently, or
	// where the answer has none of the words that it is about.
	alike := func(what string, words string, do func(c *contractor, folder string) string) {
		t.Helper()
		got, want := do(both[0], folders[0]), do(both[1], folders[1])
		if got != want {
			t.Errorf("%s: the practice answers\n%s\nand Terraform\n%s", what, got, want)
		}
		if !strings.Contains(want, words) {
			t.Errorf("%s: Terraform's answer is without %q:\n%s", what, words, want)
		}
	}
	run := func(what, words, recipe, stdin string, env ...string) {
		t.Helper()
		alike(what, words, func(c *contractor, folder string) string {
			var own []string
			for _, entry := range env {
				own = append(own, strings.ReplaceAll(entry, "PLANS", folder))
			}
			return c.printed(c.just(t, stdin, own, recipe), folder)
		})
	}
	show := func(what, words, name string) {
		t.Helper()
		alike(what, words, func(c *contractor, folder string) string {
			return shape(t, c.terraform(t, "show", "-json", filepath.Join(folder, name)))
		})
	}
	const (
		out   = "TF_CLI_ARGS_plan='-no-color' '-out=PLANS/plan'"
		saved = "TF_CLI_ARGS_apply='PLANS/plan'"
	)
	each := func(do func(c *contractor)) {
		for _, c := range both {
			do(c)
		}
	}

	run("nothing to do", "No changes.", "plan", "", out)
	show("nothing to do, as JSON", "[no-op]", "plan")
	run("nothing to do, applied", "0 added, 0 changed, 0 destroyed", "apply", "", saved)

	each(func(c *contractor) { c.tag(t, "v1.5.4") })
	run("not saved", "You didn't use the -out option", "plan", "")
	run("saved", `terraform apply "PLANS/plan"`, "plan", "", out)
	show("a replacement", "[delete create] replace_because_cannot_update", "plan")
	alike("the version", "[platform provider_selections terraform_outdated terraform_version]", func(c *contractor, _ string) string {
		r := c.terraform(t, "version", "-json")
		return fmt.Sprint(r.code, slices.Sorted(maps.Keys(ask.Wants[server.Object](t, ask.Answer{Status: 200, Body: r.stdout}, 200))))
	})

	each(func(c *contractor) {
		if err := passFlags(filepath.Join(c.dir, "justfile"), "-lock-timeout=60s"); err != nil {
			t.Fatal(err)
		}
	})
	run("a recipe with a flag", "Too many command line arguments", "apply", "yes\n", saved)
	run("without the saved plan, no", "Apply cancelled.", "apply", "no\n")
	each(func(c *contractor) {
		name := filepath.Join(c.dir, "justfile")
		write(t, name, strings.Replace(read(t, name), " -lock-timeout=60s", "", 1))
	})
	run("the saved plan", "1 added, 0 changed, 1 destroyed", "apply", "", saved)
	run("the saved plan again", "Saved plan is stale", "apply", "yes\n", saved)
	run("nothing is left", "No changes.", "plan", "")

	each(func(c *contractor) { c.tag(t, "v1.5.5") })
	run("another one", "1 to destroy", "plan", "", out)
	each(func(c *contractor) { c.replace(t) })
	run("somebody else was there", "Saved plan is stale", "apply", "", saved)
	run("planned again", "1 to destroy", "plan", "", out)
	run("applied again", "1 added, 0 changed, 1 destroyed", "apply", "", saved)

	each(func(c *contractor) {
		if err := os.Remove(filepath.Join(c.dir, filepath.FromSlash(databaseFile))); err != nil {
			t.Fatal(err)
		}
	})
	run("a destruction", "will be destroyed", "plan", "", out)
	show("a destruction, as JSON", "[delete] delete_because_no_resource_config", "plan")
	run("without the saved plan, yes", "0 added, 0 changed, 1 destroyed", "apply", "yes\n")

	run("no such folder", "Failed to write plan file", "plan", "", "TF_CLI_ARGS_plan='-out=PLANS/nowhere/plan'")
	run("no such flag", "flag provided but not defined: -bogus", "plan", "", "TF_CLI_ARGS_plan=-bogus")
	run("a word too many", "-chdir flag", "plan", "", "TF_CLI_ARGS_plan='a word'")
	run("a quotation mark too few", "invalid command line string", "plan", "", "TF_CLI_ARGS_plan='-no-color")
	run("no such plan", "as a plan file", "apply", "", "TF_CLI_ARGS_apply=PLANS/nothing")
	for _, folder := range folders {
		write(t, filepath.Join(folder, "damaged"), "PK")
	}
	alike("a damaged plan", "true", func(c *contractor, folder string) string {
		r := c.just(t, "", []string{"TF_CLI_ARGS_apply=" + filepath.Join(folder, "damaged")}, "apply")
		printed := c.printed(r, folder)
		return fmt.Sprint(r.code, r.stdout, strings.Contains(printed, "as a plan file") && strings.Contains(printed, "not a valid zip file"))
	})
	alike("no such plan to show", "1", func(c *contractor, folder string) string {
		r := c.terraform(t, "show", "-json", filepath.Join(folder, "nothing"))
		return fmt.Sprint(r.code, r.stdout, strings.Contains(r.stderr, "Failed to read the given file as a state or plan file"))
	})
}

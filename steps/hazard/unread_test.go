package hazard_test

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestUnread(t *testing.T) {
	const isnt = "`just apply prod web` isn't read as a command, so nothing guards it"
	const nowhere = "`just apply prod web` is where no command is read, so nothing guards it"
	for name, tt := range map[string]struct {
		doc  string
		want []string // parts of what is reported, in order
	}{
		"another tool in a tag":           {"1. Then <code>kubectl delete ns web</code>", []string{"1!: line 1: nothing guards `kubectl delete ns web`"}},
		"another tool in quotes":          {"1. Run \"kubectl -n web delete pod x\".", []string{"1!: line 1: nothing guards `kubectl -n web delete`"}},
		"another tool in a heading":       {"## `helm upgrade web ./chart`\n\n1. x", []string{"line 1: `helm upgrade web ./chart` is where no command is read"}},
		"another tool in a footnote":      {"1. x[^1]\n\n[^1]: kubectl delete ns web\n", []string{"line 3: `kubectl delete ns web` is where"}},
		"another tool in a quote":         {"1. x\n\n> Run `pulumi up --yes`.", []string{"line 3~: `pulumi up --yes` is in a quote"}},
		"another tool in preformatted":    {"1. x\n\n<pre>\nansible-playbook site.yml\n</pre>", []string{"line 4: `ansible-playbook site.yml` is where"}},
		"another tool that shows":         {"## `kubectl get pods`\n\n1. See <code>helm list -n web</code>", nil},
		"another tool is told of":         {"1. Wait.\n\n   What kubectl delete does, helm upgrade undoes.", nil},
		"another tool in data":            {"1. Read:\n   ```yaml\n   run: kubectl apply -f x.yaml\n   ```", nil},
		"a link":                          {"1. Run [terraform apply](https://docs.example).", []string{"1!: line 1: nothing guards `terraform apply`"}},
		"an indented block":               {"1. x\n\ntext\n\n    terraform apply\n", []string{"line 5: `terraform apply` is where"}},
		"a block of fish":                 {"1. ```fish\n   kubectl delete ns web\n   ```", []string{"1!: nothing guards `kubectl delete ns web`"}},
		"root's prompt":                   {"1. ```console\n   # terraform apply\n   ```", []string{"1!: nothing guards `terraform apply`"}},
		"a comment of a session":          {"1. ```console\n   # Then terraform apply\n   # kubectl delete ns web\n   ```", nil},
		"a condition, and then an order":  {"1. x\n\nOnce it is there run `just apply prod web`.\n\nAfter that run `just bump prod web`.", []string{"line 3: `just apply prod web` is in no step", "line 5: `just bump prod web` is in no step"}},
		"a condition, and then a mention": {"1. x\n\nBefore you run `just apply prod web` tell the channel.\n\nAfter the robot has run `just bump prod web` wait.", nil},
		"an alias":                        {"1. ```sh\n   alias d='terraform apply'\n   ```", []string{"1!: nothing guards"}},
		"an HTML tag":                     {"1. Then <code>just apply prod web</code> runs it", []string{"1!: nothing guards `just apply prod web`"}},
		"a key":                           {"1. Type <kbd>just apply prod web</kbd>", []string{"1!: nothing guards `just apply prod web`"}},
		"a later line":                    {"1. Wait.\n\n   When all is well, type just apply prod web and wait.", []string{"1!: line 3: " + isnt}},
		"preformatted":                    {"1. Do:\n\n   <pre>\n   just apply prod web\n   </pre>", []string{"1!: line 4: " + isnt}},
		"a fence for text":                {"1. Do:\n   ```text\n   just apply prod web\n   ```", []string{"1!: line 3: " + isnt}},
		"a fence for YAML":                {"1. Do:\n   ```yaml\n   run: just apply prod web\n   ```", []string{"1!: line 3: " + isnt}},
		"a fence of PowerShell":           {"1. Do:\n   ~~~powershell\n   terraform apply plan.bin\n   ~~~", []string{"1!: nothing guards `terraform apply plan.bin`"}},
		"a heading":                       {"## `just apply prod web`\n\n1. Wait.", []string{"line 1: " + nowhere}},
		"a list in HTML":                  {"# T\n\n<ol>\n<li>Run <code>just apply prod web</code></li>\n</ol>\n\n1. x", []string{"line 4: " + nowhere}},
		"a footnote":                      {"1. Deploy.[^1]\n\n[^1]: Run `just apply prod web`.", []string{"line 3: " + nowhere}},
		"front matter":                    {"---\ntitle: x\n---\n\n## `tofu apply`\n\n1. x", []string{"line 5: `tofu apply` is where no command is read"}},
		"Windows line ends":               {"# T\r\n\r\n## `just apply prod web`\r\n\r\n1. x", []string{"line 3: " + nowhere}},
		"a bump alone in a tag":           {"1. Use <code>just bump prod web</code>", []string{"1!: nothing guards `just bump prod web`"}},
		"an alert that orders":            {"1. Wait.\n\n> [!IMPORTANT]\n> Run `just apply prod web` now.", []string{"line 4~: `just apply prod web` is in a quote"}},
		"a quote as a step":               {"1. > Run `just apply prod web`.", []string{"1~: line 1: `just apply prod web` is in a quote"}},
		"an admonition":                   {"1. Wait.\n\n:::{tip}\nRun `just apply prod web` now.\n:::\n", []string{"line 4~: `just apply prod web` is in a quote"}},
		"a placeholder":                   {"1. Wait.\n\n   Then run just apply ENVIRONMENT web.", []string{"1!: line 3: `just apply ENVIRONMENT web` isn't read"}},
		"a prohibiting alert":             {"1. Wait.\n   > [!CAUTION]\n   > The operator does it. Do **not**\n   > type `just apply prod web` yourself.", nil},
		"English":                         {"1. We just apply the patch, and just plan to bump it.\n\n   Or just bump your version, and just apply common sense.", nil},
		"told of":                         {"# T\n\nThe page tells how terraform apply works, and what terraform plan prints.\n\n## Terraform apply\n\n1. x", nil},
		"struck out":                      {"1. Wait. ~~Run just apply prod web~~", nil},
		"a comment":                       {"1. Wait. <!-- just apply prod web -->\n\n<!--\njust apply prod web\n-->", nil},
		"a comment of a shell":            {"1. Do:\n   ```sh\n   # later: just apply prod web\n   just test\n   ```", nil},
		"what a command printed":          {"1. Do:\n   ```console\n   $ just plan prod web\n   Now run just apply prod web\n   ```", nil},
		"by hand, as annotated":           {"1. Then <code>just apply prod web</code> <!-- runbook: kind=manual -->", nil},
		"as annotated":                    {"1. Then <code>just apply prod web</code> <!-- runbook: kind=plan-and-apply -->", nil},
		"prose":                           {"# T\n<!-- runbook: prose -->\n\n## `just apply prod web`\n", nil},
		"forbidden":                       {"1. Wait.\n\n   Never run just apply prod web by hand.", nil},
		"a drawing":                       {"1. Look:\n   ```text\n   build -> terraform apply -> done\n   ```", nil},
		"read":                            {"1. Run `just plan prod web` and `just apply prod web`.\n2. ```sh\n   just plan prod web\n   just apply prod web\n   ```", nil},
	} {
		t.Run(name, func(t *testing.T) {
			wantJudged(t, tt.doc, tt.want)
		})
	}
}

// TestLinear reads a document with many commands in one block and outside of every step,
// and one with four times as many: that takes some four times as long on any machine, and
// sixteen times if each command were compared with each other one.
func TestLinear(t *testing.T) {
	few, many := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for range 5 { // a busy machine can spoil one measurement
		few, many = min(few, tookToJudge(t, 250)), min(many, tookToJudge(t, 1_000))
		if many <= 10*few {
			return
		}
	}
	t.Errorf("250 commands of each sort took %s, 1,000 took %s", few, many)
}

// tookToJudge returns the shortest of three times.
func tookToJudge(t *testing.T, lines int) time.Duration {
	text := "1. Do:\n   ```\n" + strings.Repeat("   just apply prod web\n", lines) + "   ```\n\n## x\n\n" + strings.Repeat("## `just apply prod web`\n", lines)
	best := time.Duration(math.MaxInt64)
	for range 3 {
		before := time.Now()
		if got := len(judge(t, text)); got != 2*lines {
			t.Errorf("%d problems, want %d", got, 2*lines)
		}
		best = min(best, time.Since(before))
	}
	return best
}

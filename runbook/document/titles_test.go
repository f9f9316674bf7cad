package document

import (
	"strings"
	"testing"
)

// TestOnlyIfWrong reads what is done only if something goes wrong. A command that is has a
// name that begins with "b", and no other has.
func TestOnlyIfWrong(t *testing.T) {
	for name, text := range map[string]string{
		"nested":                 "1. `a 1`\n2. If it fails, roll back:\n   1. `b 1`\n   2. Next:\n      ```sh\n      b 2\n      ```\n3. `a 2`\n",
		"nested, full stop":      "1. If it fails, roll back.\n   1. `b 1`\n2. `a 1`\n",
		"own command":            "1. In the event of problems, roll back with `b 1`.\n2. Roll back with `b 2`.\n3. On failure, `b 3`\n4. Should it crash, `b 4`\n5. Rollback: `b 5`\n6. When it's broken: `b 6`\n",
		"later sentence":         "1. `a 1`. If it fails, run `b 1`.\n",
		"bullet":                 "1. Watch, `a 1`.\n   - If it fails: `b 1`\n   - `a 2`\n",
		"bold in a step":         "1. `a 1`\n\n   **If it fails:**\n\n   1. `b 1`\n\n   Also:\n\n   ```sh\n   b 2\n   ```\n2. `a 2`\n",
		"bold, then another":     "1. Do:\n\n   **If it fails:**\n\n   - `b 1`\n\n   **Afterwards**\n\n   - `a 1`\n",
		"bold at the top":        "1. `a 1`\n\n**Rollback**\n\n1. `b 1`\n2. `b 2`\n\nText.\n\n1. `b 3`\n\n## Next\n\n1. `a 2`\n",
		"colon at the top":       "If anything goes wrong:\n\n1. `b 1`\n\n**Otherwise**\n\n1. `a 1`\n",
		"sentence at the top":    "If it fails, ask in the channel.\n\n1. `a 1`\n",
		"denied":                 "1. If there are no errors, `a 1`\n2. When nothing fails: `a 2`\n3. If the build didn't fail, `a 3`\n4. If no step failed, `a 4`\n",
		"being prepared":         "1. Rollback plan is ready, `a 1`\n2. Rollback procedure: `b 2`\n3. Rollback: `b 1`\n",
		"other conditions":       "1. If the release is there, `a 1`\n2. After the build, `a 2`\n3. To deploy, `a 3`\n4. Restart with `a 4`\n5. Backfill with `a 5`\n6. In the console: `a 6`\n",
		"procedure of its own":   "# Doc\n\n## Deploy\n\n1. `a 1`\n\n## Roll back\n\n1. If it fails, `a 2`\n",
		"annotated":              "# Doc\n\n## Deploy\n\n<!-- runbook: steps -->\n\n1. If it fails, `a 1`\n",
		"block not indented":     "1. If it fails, roll back:\n```sh\nb 1\n```\n2. `a 1`\n",
		"bold, with the command": "1. Do:\n\n   **If it fails:** `b 1`\n",
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse("DEPLOYMENT.md", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, s := range d.Steps {
				for _, c := range s.Commands {
					found++
					if wrong := c.Negated != "" && OnlyIfWrong(c.Negated); wrong != (c.Argv[0] == "b") {
						t.Errorf("%s: got %q", strings.Join(c.Argv, " "), c.Negated)
					}
				}
			}
			if want := strings.Count(text, "`a ") + strings.Count(text, "`b ") + strings.Count(text, "\nb ") + strings.Count(text, " b 2\n"); found != want {
				t.Errorf("got %d commands, want %d", found, want)
			}
		})
	}
}

// TestIfWrongIsInherited reads a step without commands, which its words alone may bind.
func TestIfWrongIsInherited(t *testing.T) {
	d, err := Parse("DEPLOYMENT.md", []byte("1. If it fails:\n   1. Plan and apply.\n2. Plan and apply.\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"If it fails", "If it fails", ""} {
		if got := d.Steps[i].IfWrong; got != want {
			t.Errorf("step %d: got %q, want %q", i+1, got, want)
		}
	}
	if len(d.Notes) != 1 || d.Notes[0].Line != 1 {
		t.Errorf("got the notes %v, want one of line 1", d.Notes)
	}
}

func TestProcedureOfItsOwn(t *testing.T) {
	for title, want := range map[string]bool{
		"Failed deploys": true, "If things go south": true, "Downgrade": true, "Fallback": true, "Falling back": true, "Abort": true, "Restore the database": true,
		"Restore from a backup": true, "Roll back": true, "When it fails": true,
		"Break glass": true, "Failure": true, "On failure": true, "Post-deployment failures": true, "Contingency plan": true, "Plan B": true, "Incident response": true, "Remediation": true,
		"Worst case": true, "Bad deploys": true, "Something broke?": true, "Deployment went wrong": true, "Retract a release": true, "Yanking": true, "Cancelling the rollout": true, "The previous version": true,
		"Glassware": false, "Plan before you deploy": false, "Cancel the maintenance window": false, "Compare with the previous version": false, "Goldfish": false, "Publish the old release notes": false, "Incidents": false,
		"Deploy": false, "Deploy and roll back": false, "Upgrade or downgrade": false, "Restore traffic": false, "South region": false, "Back up the database": false, "After the deployment": false,
	} {
		if got := procedureOfItsOwn(title); got != want {
			t.Errorf("%q: got %t, want %t", title, got, want)
		}
	}
}

func TestContentsAreNoSteps(t *testing.T) {
	for text, want := range map[string]int{
		"1. [Deploy](#deploy) ✅\n2. **[Check](#check)**\n":                       0,
		"1. [Deploy](#deploy)\n2. [Roll back](#roll-back): when it fails\n":      0,
		"1. [Deploy](DEPLOYMENT.md#deploy)\n   1. [Check](#check) (optional)\n":  0,
		"1. [Deploy](#deploy)\n2. [Check](#check)\n3. [Wiki](https://a.test/)\n": 0,
		"1. [Deploy](#deploy)\n2. [Wiki](https://a.test/)\n":                     2,
		"1. [Deploy](#deploy)\n2. [Check](#check): `just plan prod web`\n":       2,
		"1. [Deploy](#deploy) the web\n2. [Check](#check) it\n":                  2,
		"1. [Deploy](other.md#deploy)\n":                                         1,
		"- [ ] [Deploy](#deploy)\n":                                              1,
		"1. [ ] [Deploy](#deploy)\n":                                             1,
	} {
		d, err := Parse("docs/DEPLOYMENT.md", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(d.Steps); got != want {
			t.Errorf("%q: got %d steps, want %d", text, got, want)
		}
	}
}

// TestOddNumbers names what is numbered in a way that isn't read as a list.
func TestOddNumbers(t *testing.T) {
	for text, want := range map[string]bool{
		"1️⃣ Publish\n": true, "#. Publish\n": true, "(1) Publish\n": true, "a. Publish\n": true, "## Phase A: Build\n\nBuild it.\n": true, "## Step B\n\nBuild it.\n": false,
		"A walk.\n": false, "(see below) Text\n": false, "5 people\n": false, "#1 is done\n": false,
	} {
		d, err := Parse("DEPLOYMENT.md", []byte("# Deploy\n\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(d.Problems) > 0; got != want {
			t.Errorf("%q: got the problems %v", text, d.Problems)
		}
	}
}

// TestAnchored: links within a document name its headings as GitHub does.
func TestAnchored(t *testing.T) {
	doc, err := Parse("doc.md", []byte("# A *first* `one`\n\n## Deployment workflow\n\n## Rollback (if it fails!)\n\n## Deployment workflow\n\n## Deployment workflow-1\n\n## Größe & Maß_e\n\n## 🔒 Keys\n"))
	if err != nil {
		t.Fatal(err)
	}
	for fragment, line := range map[string]int{
		"a-first-one": 1, "deployment-workflow": 3, "rollback-if-it-fails": 5, "deployment-workflow-1": 7, "Deployment-Workflow": 3,
		"deployment-workflow-1-1": 9, "größe--maß_e": 11, "-keys": 13, "": 0, "nowhere": 0, "deployment-workflow-2": 0,
	} {
		got := 0
		if s := doc.Anchored(fragment); s != nil {
			got = s.Line
		}
		if got != line {
			t.Errorf("#%s is in line %d, want %d", fragment, got, line)
		}
	}
}

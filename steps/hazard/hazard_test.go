package hazard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/hazard"
)

// judge returns the problems of the steps of a document, as "2: problem", with "!" for a
// step that must not stay bound and "~" for a note. Annotations name kinds; without one, a step is done by
// hand.
func judge(t *testing.T, text string) []string {
	t.Helper()
	doc, err := document.Parse("doc.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []hazard.Step
	var prose []*document.Step
	for _, s := range doc.Steps {
		if s.Shape == document.Passage {
			prose = append(prose, s)
			continue
		}
		step := hazard.Step{Step: s, Label: func() clean.Text { return clean.Line("step " + s.Number) }, Kind: "manual", Manual: true}
		if a := s.Annotation; a != nil {
			step.Kind, step.Said = a.Params["kind"], true
			step.Manual = step.Kind == "manual"
			step.Runs = map[string][]string{"bump": {"bump"}, "plan-and-apply": {"plan", "apply"}}[step.Kind]
		}
		all = append(all, step)
	}
	var got []string
	against := hazard.Judge(all)
	problems, notes := hazard.Unread(doc, all, against)
	for i, found := range against {
		for _, p := range found.Problems {
			mark := ""
			if found.Unbind {
				mark = "!"
			}
			got = append(got, fmt.Sprintf("%s%s: %s", all[i].Number, mark, p))
		}
	}
	for i, found := range against {
		for _, n := range found.Notes {
			got = append(got, fmt.Sprintf("%s~: %s", all[i].Number, n))
		}
	}
	for _, r := range slices.Concat(problems, hazard.InProse(doc, prose)) {
		got = append(got, fmt.Sprintf("line %d: %s", r.Line, r.Text))
	}
	for _, r := range notes {
		got = append(got, fmt.Sprintf("line %d~: %s", r.Line, r.Text))
	}
	return got
}

func TestJudge(t *testing.T) {
	for name, tt := range map[string]struct {
		doc  string
		want []string // parts of the problems, in order
	}{
		"plan and apply in one step": {doc: "1. `just plan prod web`, then `just apply prod web`"},
		"a plan alone":               {doc: "1. Look at `just plan prod web`"},
		"a bump alone":               {doc: "1. `just bump prod web`"},
		"a rollback among the steps": {
			doc: "1. If it fails:\n   1. `just bump prod web`\n   2. `just plan prod web`, `just apply prod web`\n\n**Rollback**\n\n1. `just bump prod web`\n\nIf it fails, `just bump prod web`.",
			want: []string{
				"1.1!: `just bump prod web` is for when something goes wrong (\"If it fails\"), so it isn't next: move it below a heading of its own",
				"1.2!: `just apply prod web` is for when something goes wrong (\"If it fails\")",
				"1!: `just bump prod web` is for when something goes wrong (\"Rollback\")",
				"line 9: `just bump prod web` is in no step",
			},
		},
		"a rollback as annotated": {doc: "1. If it fails:\n   1. `just bump prod web` <!-- runbook: kind=bump -->"},
		"an apply alone": {
			doc:  "1. `just apply prod web`",
			want: []string{"1!: runs `just apply prod web`, but no step plans it: write `just plan prod web` beside it"},
		},
		"apart": {
			doc:  "1. `just plan prod web`\n2. Read it.\n3. `just apply prod web`",
			want: []string{"1!: `just plan prod web` is here, but its apply is in step 3", "3!: `just apply prod web` is here, but its plan is in step 1"},
		},
		"apart and nested": {
			doc:  "1. Deploy\n   1. `just plan prod web`\n   2. Then\n      - [ ] `just apply prod web`",
			want: []string{"1.1!: `just plan prod web` is here", "!: `just apply prod web` is here, but its plan is in step 1.1"},
		},
		"apart, of other places": {
			doc:  "1. `just plan dev web`\n2. `just apply prod web`",
			want: []string{"2!: runs `just apply prod web`, but no step plans it"},
		},
		"the plan after its apply": {
			doc:  "1. `just apply prod web`\n2. `just plan prod web`",
			want: []string{"1!: runs `just apply prod web`, but its plan comes only after it, in step 2: write `just plan prod web` beside it"},
		},
		"apart, as annotated": {
			doc: "1. `just plan prod web` <!-- runbook: kind=manual -->\n2. `just apply prod web` <!-- runbook: kind=plan-and-apply -->",
		},
		"all in one": {
			doc:  "1. Do it:\n   ```sh\n   just bump prod web\n   just plan prod web\n   just apply prod web\n   ```",
			want: []string{"1!: the step bumps, plans and applies prod web; make the bump a step of its own"},
		},
		"two environments": {
			doc:  "1. `just bump staging web`, and when that is well `just bump prod web`",
			want: []string{"1!: the step bumps staging and prod; make it two steps"},
		},
		"two services": {
			doc:  "1. `just plan prod web`, `just apply prod web`, `just plan prod api`, `just apply prod api`",
			want: []string{"1!: the step plans and applies web and api; make it two steps"},
		},
		"two of each": {
			doc:  "1. `just plan prod web`, `just apply dev api`",
			want: []string{"1!: the step plans and applies prod web and dev api; make it two steps"},
		},
		"prohibitions": {
			doc:  "1. Never run `just bump prod web` by hand.\n2. Do not `just apply prod web`.",
			want: []string{"1!: the sentence with `just bump prod web` says \"never\"", "2!: the sentence with `just apply prod web` says \"not\""},
		},
		"what is only mentioned": {
			doc: "1. Before you run `just apply prod web`, tell the channel.\n2. Ask the operator to run `just bump prod web`.\n3. Look at what `just bump prod web` changed.\n" +
				"4. Once the bot has run `just bump prod web`, merge its pull request.\n5. The bot runs `just bump prod web`.\n6. `just bump prod web` is run by the bot.\n7. At night, `just bump prod web` has already been executed.",
			want: []string{"1!: the sentence only mentions `just apply prod web`", "2!: the sentence only mentions", "3!: the sentence only mentions", "4!: the sentence only mentions", "5!: the sentence only mentions", "6!: the sentence only mentions", "7!: the sentence only mentions"},
		},
		"told to run": {
			doc: "1. Once the image is there, run `just bump prod web`.\n2. After that, `just plan prod web` and `just apply prod web`.\n3. Raise the version by running `just bump prod web`",
		},
		"behind other programs": {
			doc: "1. `./ov just bump prod web`\n2. `AWS_PROFILE=x just apply prod web`\n3. `sudo -u op just apply prod web`\n4. `docker compose run ops just apply prod web`\n" +
				"5. `env A=b just bump prod web`\n6. `time just apply prod web`",
			want: []string{
				"1!: `just bump` behind `./ov` isn't run: write `just bump prod web`, or annotate the step with kind=bump environment=prod service=web to run that, or with kind=manual",
				"2!: `just apply` behind `AWS_PROFILE=x`", "3!: `just apply` behind `sudo -u op`", "4!: `just apply` behind `docker compose run ops`",
				"5!: `just bump` behind `env A=b`", "6!: `just apply` behind `time`",
			},
		},
		"in a line for a shell": {
			doc: "1. `cd infra && just apply prod web`\n2. `just apply prod web | tee log`\n3. ```sh\n   for e in dev prod; do\n     just apply $e web\n   done\n   ```\n4. `yes | just apply prod web`\n5. ```\n   just apply prod web\n   ```",
			want: []string{
				"1!: `cd infra && just apply prod web` isn't run: write `just apply prod web` by itself", "2!: `just apply prod web | tee log` isn't run", "3!: `just apply $e web` isn't run", "4!: `yes | just apply prod web` isn't run", "5!: `just apply prod web` isn't run",
			},
		},
		"of a module": {
			doc:  "1. `just infra::bump prod web`\n2. `just infra/apply prod web`\n3. `just.exe bump prod web`\n4. `just plan apply prod web`\n5. `just infra::plan prod web`",
			want: []string{"1!: `just infra::bump prod web` isn't run: write `just bump ENVIRONMENT SERVICE`", "2!: `just infra/apply prod web` isn't run", "3!: `just.exe bump prod web` isn't run", "4!: `just plan apply prod web` isn't run"},
		},
		"with a prompt": {
			doc: "1. `$ just bump prod web`\n2. ```\n   $ just plan prod web\n   $ just apply prod web\n   ```",
		},
		"other arguments": {
			doc:  "1. `just apply`\n2. `just apply prod`\n3. `just apply prod web --yes`\n4. `just --yes apply prod web`\n5. `just prod apply web`",
			want: []string{"1!: `just apply` isn't run: write `just apply ENVIRONMENT SERVICE`", "2!:", "3!:", "4!:", "5!: nothing guards `just prod apply web`"},
		},
		"other programs": {
			doc:  "1. `terraform apply`\n2. `tofu apply -auto-approve plan.bin`\n3. `make apply`\n4. `make apply-prod ENV=x`\n5. `ansible-playbook site.yml -e airflow_apply=true`\n6. `kubectl apply -f x.yaml`\n7. `terraform -chdir=x destroy`\n8. Run the playbook with `-e airflow_apply=true`",
			want: []string{"1!: nothing guards `terraform apply`", "2!:", "3!:", "4!:", "5!:", "6!:", "7!:", "8!: nothing guards `-e airflow_apply=true`"},
		},
		"harmless": {
			doc: "1. `git apply fix.patch`\n2. `terraform plan`\n3. Look at `apply.tf`\n4. `./ov just plan prod web`\n5. `just test`\n6. `grep applying log`",
		},
		"without marks of code": {
			doc:  "1. Run just plan prod web and just apply prod web.\n2. Then run terraform apply.\n3. Just apply the patch, and just apply it well.\n4. Never run terraform apply by hand.",
			want: []string{"1!: nothing guards `just apply prod web`", "2!: nothing guards `terraform apply`"},
		},
		"by hand, as annotated": {
			doc: "1. `terraform apply` <!-- runbook: kind=manual -->\n2. `just bump dev web` and `just bump prod web` <!-- runbook: kind=manual -->",
		},
		"an annotation that leaves something out": {
			doc:  "1. `just bump prod web`, `just plan prod web`, `just apply prod web` <!-- runbook: kind=bump -->",
			want: []string{"1: nothing guards `just apply prod web`, because the annotation names the kind bump"},
		},
		"in a paragraph": {
			doc:  "Now please run `just apply prod web`.\n\nNever run `just apply prod web`.\n\nWhere `just apply` is told of.\n\n1. x",
			want: []string{"line 1: `just apply prod web` is in no step"},
		},
		"outside of the steps": {
			doc:  "1. x\n\n```sh\njust bump prod web\nterraform apply\n```\n\n- `cd x && just apply prod web`\n",
			want: []string{"line 4: `just bump prod web`", "line 5: `terraform apply`", "line 8: `cd x && just apply prod web`"},
		},
		"a block without a language": {
			doc:  "1. ```\n   just bump prod web\n\n   foo\n   just apply prod web\n   ```\n2. Then:\n\n       just apply prod web",
			want: []string{"1!: `just bump prod web` isn't run, because its block of code has no language: begin the block with ```sh", "1!: `just apply prod web` isn't run, because", "2!: `just apply prod web` isn't run, because"},
		},
		"the lines of a block": {
			doc:  "# T\n\n```\njust bump prod web\n\nfoo\njust apply prod web\n```\n\n1. x",
			want: []string{"line 4: `just bump prod web`", "line 7: `just apply prod web`"},
		},
		"a plan with an option": {
			doc:  "1. `just plan prod web -refresh=false` and `just apply prod web`",
			want: []string{"1!: `just plan prod web -refresh=false` has `-refresh=false`, so it isn't the plan of `just apply prod web`"},
		},
		"redirected": {
			doc:  "1. `xargs just apply prod < list`",
			want: []string{"1!: `just apply` behind `xargs` isn't run: write `just apply ENVIRONMENT SERVICE`, or annotate the step with kind=plan-and-apply to run that"},
		},
		"the name of a workflow": {doc: "- [ ] The `terraform apply` workflow succeeded"},
		"in an alert":            {doc: "1. `just plan prod web`\n   > [!CAUTION]\n   > Don't `just apply prod web`."},
	} {
		t.Run(name, func(t *testing.T) {
			wantJudged(t, tt.doc, tt.want)
		})
	}
}

// wantJudged expects one line for each part, which it begins with.
func wantJudged(t *testing.T, doc string, want []string) {
	t.Helper()
	got := judge(t, doc)
	if len(got) != len(want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, part := range want {
		if !strings.HasPrefix(got[i], part) {
			t.Errorf("got %s\nwant %s", got[i], part)
		}
	}
}

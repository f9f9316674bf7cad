package exact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// jsonPlan is a plan with parts beside its version.
func jsonPlan(parts ...string) string {
	all := strings.Join(append(parts, `"planned_values":{}`), ",")
	if !strings.Contains(all, `"errored"`) {
		all += `,"errored":false`
	}
	if !strings.Contains(all, `"complete"`) {
		all += `,"complete":true`
	}
	return `{"format_version":"1.2",` + all + `}`
}

// Whether planning ended well, and whether it left resources out, is only known from
// the JSON, or from an exit code and from what was printed.
func TestPlanThatDoesNotSayHowItEnded(t *testing.T) {
	for _, test := range []struct {
		says  string
		ended bool
		want  []string // of the problems
	}{
		{``, false, []string{"whether planning succeeded", "left out with -target"}},
		{``, true, nil},
		{`,"errored":false`, false, []string{"left out with -target"}}, // OpenTofu
		{`,"errored":false`, true, nil},
		{`,"complete":true`, false, []string{"whether planning succeeded"}},
		{`,"complete":true,"errored":false`, false, nil},
		{`,"complete":false,"errored":false`, true, []string{"it is a partial plan"}},
	} {
		plan := `{"format_version":"1.2","planned_values":{},"resource_changes":[]` + test.says + `}`
		p, err := Read(strings.NewReader(plan), Options{Ended: test.ended})
		ok := err == nil && p.Complete == (test.want == nil) && len(p.Problems) == len(test.want)
		for i := 0; ok && i < len(test.want); i++ {
			ok = strings.Contains(p.Problems[i].String(), test.want[i])
		}
		if !ok {
			t.Errorf("%q, known to have ended well: %v: complete %v, %q, %v", test.says, test.ended, p.Complete, p.Problems, err)
		}
	}
}

// A plan of OpenTofu that was asked for some resources alone says so in no other way.
func TestTargetedPlanOfTofuNamesWhatItLeavesOut(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "testdata", "tofu", "cloud-target.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(bytes.NewReader(file), Options{})
	if j := terraform.Judge(p, terraform.Policy{Service: "catalog-airflow"}); err != nil || j.Verdict != terraform.Unknown || !strings.Contains(j.Summary.String(), "the plan leaves resources out: aws_db_instance.catalog_db, aws_ebs_volume.volume, aws_route53_record.record") {
		t.Errorf("got %s, %s, %v", j.Verdict, j.Summary, err)
	}
}

// jsonChange is a change of a resource with a change's parts, and with something
// before and after it where its actions need it and the parts have nothing.
func jsonChange(address, parts string) string {
	a, _ := terraform.ParseAddress(address)
	for _, side := range []struct{ name, actions string }{{"before", `"(update|delete|forget)"`}, {"after", `"(update|create|read)"`}} {
		if !strings.Contains(parts, `"`+side.name+`":`) && regexp.MustCompile(side.actions).MatchString(parts) {
			parts += fmt.Sprintf(`,%q:{}`, side.name)
		}
	}
	return fmt.Sprintf(`{"address":%q,"mode":%q,"type":%q,"change":{%s}}`, address, a.Mode, a.Type, parts)
}

func jsonChanges(changes ...string) string {
	return `"resource_changes":[` + strings.Join(changes, ",") + `]`
}

func readString(t *testing.T, plan string) terraform.Plan {
	t.Helper()
	p, err := Read(iotest.HalfReader(strings.NewReader(plan)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !p.JSON {
		t.Error("it is not said to be JSON")
	}
	return p
}

func TestEveryActionSet(t *testing.T) {
	known := map[string]terraform.Change{
		`"create"`:          {Action: terraform.Create},
		`"update"`:          {Action: terraform.Update},
		`"delete"`:          {Action: terraform.Delete},
		`"forget"`:          {Action: terraform.Forget},
		`"read"`:            {Action: terraform.Read},
		`"no-op"`:           {Action: nothing},
		`"delete","create"`: {Action: terraform.Replace},
		`"create","delete"`: {Action: terraform.Replace, CreateFirst: true},
		`"create","forget"`: {Action: terraform.Forget, CreateFirst: true, Creates: true},
		`"forget","create"`: {Action: terraform.Forget, Creates: true},
	}
	words := []string{"no-op", "create", "read", "update", "delete", "forget", "destroy", "Delete", "", "no-op "}
	var sets []string
	for _, a := range words {
		sets = append(sets, fmt.Sprintf("%q", a))
		for _, b := range words {
			sets = append(sets, fmt.Sprintf("%q,%q", a, b))
		}
	}
	sets = append(sets, "", `1`, `null`, `["delete"]`, `"delete","create","delete"`, `"create","delete","forget"`, `"delete",null`)
	for _, set := range sets {
		address := "aws_instance.a"
		if set == `"read"` {
			address = "data.aws_ami.a"
		}
		p := readString(t, jsonPlan(jsonChanges(jsonChange(address, `"actions":[`+set+`]`))))
		want, ok := known[set]
		switch {
		case set == `"no-op"`:
			if len(p.Changes) > 0 || p.Unchanged != 1 || !p.Complete || !p.NoChanges {
				t.Errorf("%s: %+v", set, p)
			}
			continue
		case len(p.Changes) != 1:
			t.Errorf("%s: %d changes", set, len(p.Changes))
			continue
		case !ok:
			want.Action = terraform.Unclear
		}
		c := p.Changes[0]
		if got := (terraform.Change{Action: c.Action, CreateFirst: c.CreateFirst, Creates: c.Creates}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %+v, want %+v", set, got, want)
		}
		if p.Complete != ok || ok == (len(p.Problems) > 0) {
			t.Errorf("%s: complete %v, problems %q", set, p.Complete, p.Problems)
		}
		if got := fmt.Sprintf("%q", c.Actions()); ok && got != "["+strings.ReplaceAll(set, ",", " ")+"]" {
			t.Errorf("%s: Actions is %s", set, got)
		}
	}
}

// TestUnclearIsNeverGreen shows that a change that is not understood blocks,
// whatever else there is.
func TestUnclearIsNeverGreen(t *testing.T) {
	deploys := jsonChange("aws_instance.catalog_airflow", `"actions":["delete","create"]`)
	policy := terraform.Policy{Service: "catalog-airflow"}
	if j := terraform.Judge(readString(t, jsonPlan(jsonChanges(deploys))), policy); j.Verdict != terraform.Passed {
		t.Fatalf("the plan without it is %s: %s", j.Verdict, j.Summary)
	}
	for _, set := range []string{`"delete","update"`, `"update","delete"`, `"renew"`, `"no-op","delete"`, ``} {
		odd := jsonChange("null_resource.a", `"actions":[`+set+`]`)
		for _, both := range []string{deploys + "," + odd, odd + "," + deploys} {
			if j := terraform.Judge(readString(t, jsonPlan(jsonChanges(both))), policy); j.Verdict != terraform.Unknown {
				t.Errorf("with %s it is %s", set, j.Verdict)
			}
		}
	}
}

func TestJSONProblems(t *testing.T) {
	update := jsonChange("aws_instance.a", `"actions":["update"]`)
	for name, c := range map[string]struct{ plan, want string }{
		"two of a name in the plan":    {jsonPlan(jsonChanges(update), jsonChanges()), "not valid at byte"},
		"two of a name in a change":    {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"actions":["no-op"]`))), "not valid at byte"},
		"two of a name, one escaped":   {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"\u0061ctions":["no-op"]`))), "not valid at byte"},
		"two of a name in a value":     {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"after":{"a":1,"a":2}`))), "not valid at byte"},
		"more behind it":               {jsonPlan(jsonChanges(update)) + "{}", "text after the plan's end"},
		"a warning behind it":          {jsonPlan(jsonChanges(update)) + "\nWarning: x", "text after the plan's end"},
		"cut off":                      {jsonPlan(jsonChanges(update))[:60], "cut off after byte"},
		"cut off at the end":           {strings.TrimSuffix(jsonPlan(jsonChanges(update)), "}"), "cut off after byte"},
		"broken UTF-8":                 {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"after":"`+"\xff"+`"`))), "not valid at byte"},
		"half a surrogate":             {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"after":"\ud800"`))), "not valid at byte"},
		"too deep":                     {jsonPlan(`"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), "not valid at byte"},
		"too long":                     {jsonPlan(`"x":"` + strings.Repeat("x", maxValue+1<<20) + `"`), "longer than 32 MiB"},
		"no address":                   {jsonPlan(jsonChanges(`{"mode":"managed","change":{"actions":["update"]}}`)), "no address"},
		"no change":                    {jsonPlan(jsonChanges(`{"address":"aws_instance.a","mode":"managed","type":"aws_instance"}`)), "can't interpret what would be done to aws_instance.a"},
		"no actions":                   {jsonPlan(jsonChanges(jsonChange("aws_instance.a", ``))), "can't interpret what would be done to aws_instance.a"},
		"actions that are a word":      {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":"no-op"`))), "isn't in the form of a plan"},
		"a change that is none":        {jsonPlan(jsonChanges(`null`)), "no address"},
		"a list of changes in a list":  {jsonPlan(jsonChanges(`[` + update + `]`)), "no address"},
		"changes that are no list":     {jsonPlan(`"resource_changes":{}`), "resource_changes isn't a JSON list"},
		"changes that are null":        {jsonPlan(`"resource_changes":null`), "resource_changes isn't a JSON list"},
		"drift that is no list":        {jsonPlan(`"resource_drift":1`), "resource_drift isn't a JSON list"},
		"outputs that are no object":   {jsonPlan(`"output_changes":[]`), "output_changes isn't a JSON object"},
		"no address of a resource":     {jsonPlan(jsonChanges(jsonChange("aws_instance", `"actions":["update"]`))), "isn't the address"},
		"another type":                 {jsonPlan(jsonChanges(`{"address":"aws_db_instance.a","mode":"managed","type":"null_resource","change":{"actions":["update"]}}`)), "of the type"},
		"another mode":                 {jsonPlan(jsonChanges(`{"address":"aws_db_instance.a","mode":"data","type":"aws_db_instance","change":{"actions":["read"]}}`)), "of the mode"},
		"no mode":                      {jsonPlan(jsonChanges(`{"address":"aws_instance.a","type":"aws_instance","change":{"actions":["update"]}}`)), "of the mode"},
		"a data source is deleted":     {jsonPlan(jsonChanges(jsonChange("data.aws_ami.a", `"actions":["delete"]`))), "of the mode"},
		"a resource is read":           {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["read"]`))), "of the mode"},
		"something ephemeral":          {jsonPlan(jsonChanges(jsonChange("ephemeral.aws_secret.a", `"actions":["update"]`))), "of the mode"},
		"a no-op that changes":         {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["no-op"],"before":{"a":1},"after":{"a":2}`))), "its attributes change"},
		"a create of what there is":    {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["create"],"before":{"a":1},"after":{"a":2}`))), "before and after"},
		"a delete of what stays":       {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["delete"],"before":{"a":1},"after":{"a":2}`))), "before and after"},
		"a create of nothing":          {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["create"],"after":null`))), "neither before nor after"},
		"a delete of nothing":          {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["delete"],"before":null`))), "neither before nor after"},
		"a forgetting of nothing":      {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["forget"],"before":null`))), "neither before nor after"},
		"an update to nothing":         {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"after":null`))), "before, and not after"},
		"an update of nothing":         {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"before":null`))), "after, and not before"},
		"a replacement of nothing":     {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["delete","create"],"before":null`))), "after, and not before"},
		"a replacement by nothing":     {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["delete","create"],"after":null`))), "before, and not after"},
		"a read of nothing":            {jsonPlan(jsonChanges(jsonChange("data.aws_ami.a", `"actions":["read"],"after":null`))), "neither before nor after"},
		"twice":                        {jsonPlan(jsonChanges(update, update)), "twice"},
		"twice, the first one a no-op": {jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["no-op"]`), update)), "twice"},
		"partial":                      {jsonPlan(jsonChanges(update), `"complete":false`), "partial plan"},
		"not applyable":                {jsonPlan(jsonChanges(update), `"applyable":false`), "can't be applied"},
		"applyable without changes":    {jsonPlan(`"applyable":true`), "although it has no changes"},
		"refresh-only":                 {jsonPlan(`"applyable":true`, `"resource_drift":[`+update+`]`), "refresh-only"},
		"applyable is a word":          {jsonPlan(`"applyable":"true"`), "neither true nor false"},
		"errored is null":              {jsonPlan(`"errored":null`), "neither true nor false"},
		"put off":                      {jsonPlan(`"deferred_changes":[{},{"x":[1]}]`), "later plan: 2"},
		"actions put off":              {jsonPlan(`"deferred_action_invocations":[{}]`), "later plan: 1"},
		"actions":                      {jsonPlan(`"action_invocations":[{},{},{}]`), "can't interpret an action that it would invoke"},
		"drift that is not understood": {jsonPlan(`"resource_drift":[` + jsonChange("aws_instance.a", `"actions":["x"]`) + `]`), "can't interpret what would be done to aws_instance.a"},
		"a major version":              {`{"format_version":"2.0","resource_changes":[]}`, "this program doesn't know"},
		"a version that is none":       {`{"format_version":"1","resource_changes":[]}`, "this program doesn't know"},
		"a version that is a number":   {`{"format_version":1.2,"resource_changes":[]}`, "can't interpret the plan's format_version"},
		"a tool's version in colours":  {jsonPlan(`"terraform_version":"\u001b[31m1.11"`), "can't interpret the plan's terraform_version"},
		"a time that is none":          {jsonPlan(`"timestamp":"yesterday"`), "when the plan was made"},
		"an output is replaced":        {jsonPlan(`"output_changes":{"o":{"actions":["delete","create"]}}`), "the output o"},
		"an output has no actions":     {jsonPlan(`"output_changes":{"o":{}}`), "the output o"},
		"an output's no-op changes":    {jsonPlan(`"output_changes":{"o":{"actions":["no-op"],"before":1,"after":2}}`), "the output o"},
		"a precondition fails":         {jsonPlan(`"checks":[{"address":{"kind":"resource","to_display":"aws_instance.a"},"status":"fail"}]`), "aws_instance.a did not pass"},
		"a check's status is odd":      {jsonPlan(`"checks":[{"address":{"kind":"check","to_display":"check.a"},"status":"maybe"}]`), "can't interpret the outcome"},
	} {
		t.Run(name, func(t *testing.T) {
			p := readString(t, c.plan)
			found := slices.ContainsFunc(p.Problems, func(problem clean.Text) bool { return strings.Contains(problem.String(), c.want) })
			if !found || p.Complete {
				t.Errorf("complete %v, problems %q, want %q", p.Complete, p.Problems, c.want)
			}
			if j := terraform.Judge(p, terraform.Policy{Service: "a"}); j.Verdict == terraform.Passed {
				t.Error("it passes")
			}
		})
	}
}

// An update that leaves nothing is no harmless one, whatever it is called.
func TestUpdateToNothingIsNotJudged(t *testing.T) {
	deploys := jsonChange("aws_instance.catalog_airflow", `"actions":["delete","create"]`)
	gone := jsonChange("aws_eip.a", `"actions":["update"],"before":{"a":1},"after":null`)
	if j := terraform.Judge(readString(t, jsonPlan(jsonChanges(deploys, gone))), terraform.Policy{Service: "catalog-airflow"}); j.Verdict != terraform.Unknown {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
	deleted := jsonChange("aws_eip.a", `"actions":["delete"],"before":{"a":1},"after":{}`)
	if j := terraform.Judge(readString(t, jsonPlan(jsonChanges(deploys, deleted))), terraform.Policy{Service: "catalog-airflow"}); j.Verdict != terraform.Failed {
		t.Errorf("what is destroyed, and not understood: got %s, %s", j.Verdict, j.Summary)
	}
}

func TestWhatStandsBeforeTheTroubleIsKept(t *testing.T) {
	gone := jsonChange("aws_db_instance.a", `"actions":["delete"]`)
	p := readString(t, jsonPlan(jsonChanges(gone), `"x":[`))
	if len(p.Changes) != 1 || p.Changes[0].Action != terraform.Delete || p.NoChanges {
		t.Errorf("%+v", p)
	}
	p = readString(t, jsonPlan(`"x":[`))
	if p.NoChanges || p.Complete {
		t.Errorf("a plan that is cut off says that it has no changes")
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	var all []string
	for i := range 500 {
		all = append(all, jsonChange(fmt.Sprintf("aws_instance.a[%d]", i), `"actions":["x"]`))
	}
	p := readString(t, jsonPlan(jsonChanges(all...)))
	if n := len(p.Problems); n != 21 || p.Problems[20].String() != "and 480 more" || len(p.Changes) != 500 {
		t.Errorf("%d problems, %q", n, p.Problems[n-1])
	}
}

func TestNoPlanAtAll(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"nothing":              {"", "it isn't the JSON of a plan"},
		"text":                 {"Plan: 1 to add", "it isn't the JSON of a plan"},
		"a list":               {"[1]", "it isn't the JSON of a plan"},
		"a saved plan":         {"PK\x03\x04....", "terraform show -json FILE"},
		"UTF-16":               {"\xff\xfe{\x00", "UTF-16"},
		"the log":              {`{"@level":"info","@message":"Terraform 1.11.4","type":"version"}` + "\n" + `{"@level":"info"}`, "-out=FILE"},
		"a state":              {`{"format_version":"1.0","terraform_version":"1.11.4","values":{}}`, "it is a state"},
		"a state file":         {`{"version":4,"terraform_version":"1.11.4","lineage":"x","resources":[]}`, "it is a state"},
		"another JSON":         {`{"a":1}`, "it isn't the JSON of a plan"},
		"a version alone":      {`{"format_version":"1.2"}`, "it isn't the JSON of a plan"},
		"cut off before all":   {`{"terraform_version":`, "cut off"},
		"not valid before all": {`{"terraform_version" "x"}`, "not valid"},
	} {
		if p, err := Read(strings.NewReader(c.file), Options{}); err == nil || !strings.Contains(err.Error(), c.want) || len(p.Changes) > 0 {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	broken := errors.New("the disk is gone")
	for _, n := range []int{0, 1, 20, 80} {
		plan := jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"]`)))
		r := io.MultiReader(strings.NewReader(plan[:n]), iotest.ErrReader(broken))
		if _, err := Read(r, Options{}); !errors.Is(err, broken) {
			t.Errorf("the reader's error after %d bytes is %v", n, err)
		}
	}
}

func TestSniffTellsTheForms(t *testing.T) {
	plan := jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"]`)))
	for _, before := range []string{"", " \r\n\t", "\ufeff", "\ufeff\n"} {
		all, isJSON, err := Sniff(iotest.OneByteReader(strings.NewReader(before + plan + "\n")))
		if err != nil || !isJSON {
			t.Fatalf("%q: JSON: %v, %v", before, isJSON, err)
		}
		p, err := Read(all, Options{})
		if err != nil || !p.JSON || !p.Complete || len(p.Changes) != 1 {
			t.Fatalf("%q: %+v, %v", before, p, err)
		}
		at := p.Changes[0].At
		if object := (before + plan)[at.Offset : at.Offset+at.Length]; !strings.HasPrefix(object, `{"address"`) || !strings.HasSuffix(object, `}}`) {
			t.Errorf("%q: the change stands at %q", before, object)
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "testdata", "destroy.txt"))
	if err != nil {
		t.Fatal(err)
	}
	all, isJSON, err := Sniff(bytes.NewReader(text))
	if err != nil || isJSON {
		t.Fatalf("the text: JSON: %v, %v", isJSON, err)
	}
	if rest, err := io.ReadAll(all); err != nil || !bytes.Equal(rest, text) {
		t.Errorf("of %d bytes of the text, %d are left, %v", len(text), len(rest), err)
	}
	if _, _, err := Sniff(strings.NewReader("PK\x03\x04")); err == nil {
		t.Error("a saved plan is read as text")
	}
}

func TestWhatAPlanSays(t *testing.T) {
	parts := []string{
		`"terraform_version":"1.11.4"`, `"timestamp":"2026-01-02T03:04:05Z"`, `"a new key":{}`, `"errored":false`, `"complete":true`, `"applyable":true`,
		jsonChanges(
			`{"address":"module.a[\"x.y\"].aws_instance.a[0]","module_address":"module.a[\"x.y\"]","mode":"managed","type":"aws_instance","name":"a","index":0,"change":{"actions":["create","delete"],"before":{},"after":{},"replace_paths":[["user_data"],["tags","Name"],["disk",0,"size"],["rules",{"port":1},"x"],["labels","a b"]]},"action_reason":"replace_because_cannot_update"}`,
			jsonChange("aws_instance.same", `"actions":["no-op"],"before":{"b":1,"a":2},"after":{ "a":2, "b":1 }`),
			`{"address":"aws_instance.new","previous_address":"aws_instance.old","mode":"managed","type":"aws_instance","change":{"actions":["no-op"]}}`,
			`{"address":"aws_instance.stays","previous_address":"aws_instance.stays","mode":"managed","type":"aws_instance","change":{"actions":["no-op"]}}`,
			jsonChange("aws_eip.a", `"actions":["no-op"],"importing":{"id":"x"}`),
			jsonChange("aws_eip.b", `"actions":["update"],"importing":{"id":"x"}`),
			jsonChange("data.aws_ami.a", `"actions":["read"]`),
			`{"address":"aws_eip.c","mode":"managed","type":"aws_eip","deposed":"0a1b2c3d","change":{"actions":["delete"],"before":{}},"action_reason":"delete_because_magic"}`,
			jsonChange("aws_eip.c", `"actions":["update"]`),
		),
		`"resource_drift":[` + jsonChange("aws_eip.d", `"actions":["delete"]`) + `]`,
		`"output_changes":{"b":{"actions":["update"],"before_sensitive":false,"after_sensitive":true},"a":{"actions":["no-op"]},"c":{"actions":["create"]}}`,
		`"prior_state":{"values":{"root_module":{"resources":[{"mode":"managed"}]}}}`,
	}
	for range 2 {
		p := readString(t, jsonPlan(parts...))
		if !p.Complete || p.Version != "1.11.4" || !p.Made.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || p.Unchanged != 2 || p.StateEmpty || p.NoChanges || p.OutputsOnly || p.Errored {
			t.Errorf("%+v", p)
		}
		if want := (terraform.Counts{Import: 2, Add: 1, Change: 2, Destroy: 2}); p.Counts != want {
			t.Errorf("it counts %s", p.Counts)
		}
		var got []string
		for _, c := range p.Changes {
			got = append(got, fmt.Sprintf("%s %s %s %q %s %v %v %s %q", c.Action, c.Address, c.Type, c.Previous, c.Deposed, c.CreateFirst, c.Imported, c.Reason, c.Triggers))
		}
		want := []string{
			`replace module.a["x.y"].aws_instance.a[0] aws_instance ""  true false must be replaced ["user_data" "tags.Name" "disk[0].size" "rules" "labels[\"a b\"]"]`,
			`move aws_instance.new aws_instance "aws_instance.old"  false false  []`,
			`import aws_eip.a aws_eip ""  false true  []`,
			`update aws_eip.b aws_eip ""  false true  []`,
			`read data.aws_ami.a aws_ami ""  false false  []`,
			`delete aws_eip.c aws_eip "" 0a1b2c3d false false delete because magic []`,
			`update aws_eip.c aws_eip ""  false false  []`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if len(p.Drifted) != 1 || p.Drifted[0].Action != terraform.Delete {
			t.Errorf("drift is %+v", p.Drifted)
		}
		if got := fmt.Sprint(p.Outputs); got != "[{b update true} {c create false}]" {
			t.Errorf("outputs are %s", got)
		}
		slices.Reverse(parts) // nothing says in which order they come
	}
}

func TestAbsentIsNotFalse(t *testing.T) {
	update := jsonChanges(jsonChange("aws_instance.a", `"actions":["update"]`))
	if p := readString(t, jsonPlan(update)); !p.Complete {
		t.Errorf("without applyable and complete: %q", p.Problems)
	}
	if p := readString(t, jsonPlan(`"applyable":false`, `"complete":true`)); !p.Complete || !p.NoChanges {
		t.Errorf("without changes: %q", p.Problems)
	}
	if p := readString(t, jsonPlan(update, `"errored":true`, `"applyable":false`, `"complete":false`)); !p.Errored || p.Complete || len(p.Problems) > 0 {
		t.Errorf("of a plan that failed: %+v", p)
	}
}

func TestEmptyState(t *testing.T) {
	create := jsonChanges(jsonChange("aws_instance.a", `"actions":["create"]`), jsonChange("data.aws_ami.a", `"actions":["read"]`))
	for name, c := range map[string]struct {
		parts []string
		want  bool
	}{
		"no state":                {[]string{create}, true},
		"a state without values":  {[]string{create, `"prior_state":{"format_version":"1.0"}`}, true},
		"a data source in it":     {[]string{create, `"prior_state":{"values":{"root_module":{"resources":[{"mode":"data","values":{"mode":"managed"}}]}}}`}, true},
		"a resource in it":        {[]string{create, `"prior_state":{"values":{"root_module":{"resources":[{"mode":"data"},{"mode":"managed"}]}}}`}, false},
		"a resource in a module":  {[]string{create, `"prior_state":{"values":{"root_module":{"child_modules":[{},{"child_modules":[{"resources":[{"mode":"managed"}]}]}]}}}`}, false},
		"a resource among values": {[]string{create, `"prior_state":{"values":{"outputs":{"o":{"resources":[{"mode":"managed"}]}}}}`}, true},
		"an update":               {[]string{jsonChanges(jsonChange("aws_instance.a", `"actions":["update"]`))}, false},
		"nothing":                 {nil, false},
	} {
		if p := readString(t, jsonPlan(c.parts...)); p.StateEmpty != c.want {
			t.Errorf("%s: %v", name, p.StateEmpty)
		}
	}
}

func TestChecks(t *testing.T) {
	one := func(kind, status string) string {
		return jsonPlan(`"checks":[{"address":{"kind":"` + kind + `","to_display":"x.y"},"status":"` + status + `","instances":[{"problems":[{"message":"not\u001b two"}]}]}]`)
	}
	for _, status := range []string{"fail", "error"} {
		p := readString(t, one("check", status))
		if len(p.Warnings) != 1 || p.Warnings[0].Title.String() != "the check x.y did not pass: not^[ two" || !p.Complete {
			t.Errorf("%s of a check block: %+v, %q", status, p.Warnings, p.Problems)
		}
	}
	for _, status := range []string{"pass", "unknown"} {
		if p := readString(t, one("resource", status)); len(p.Warnings) > 0 || !p.Complete {
			t.Errorf("%s: %+v, %q", status, p.Warnings, p.Problems)
		}
	}
	failed := strings.Replace(one("resource", "fail"), `"errored":false`, `"errored":true`, 1)
	if p := readString(t, failed); len(p.Errors) != 1 || !p.Errored {
		t.Errorf("of a plan that failed: %q", p.Errors)
	}
	unmade := strings.Replace(one("check", "unknown"), `"errored":false`, `"errored":true`, 1)
	if p := readString(t, unmade); len(p.Problems) != 1 {
		t.Errorf("a check that was not made: %q", p.Problems)
	}
}

func TestEditsAreKept(t *testing.T) {
	b := func(c terraform.Change) bool { return c.Address == "aws_instance.b" }
	edited := func(name, after string) string {
		return jsonChange("aws_instance."+name, `"actions":["update"],"before":{"x":"1"},"after":{"x":"`+after+`"}`)
	}
	plan := jsonPlan(jsonChanges(edited("a", "2"), edited("b", "3")))
	p, err := Read(iotest.OneByteReader(strings.NewReader(plan)), Options{Edits: b})
	if err != nil || len(p.Changes) != 2 || p.Changes[0].Edits != nil {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := fmt.Sprint(p.Changes[1].Edits); got != "[{[1] [3] true}]" {
		t.Errorf("it keeps %s", got)
	}
	if at := p.Changes[1].At; plan[at.Offset:at.Offset+at.Length] != edited("b", "3") {
		t.Errorf("it stands at %+v", at)
	}
	large := strings.Repeat("x", maxKept*2/3)
	p, err = Read(strings.NewReader(jsonPlan(jsonChanges(edited("a", large), edited("b", large)))), Options{Edits: func(terraform.Change) bool { return true }})
	if err != nil || p.Complete || p.Changes[1].Edits != nil {
		t.Errorf("it keeps without a limit: %v", err)
	}
}

// TestRealPlansAreComplete reads what the real tools wrote; the tests of the text
// compare it in every point.
func TestRealPlansAreComplete(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "testdata", "*.json"))
	if len(files) < 30 {
		t.Fatalf("%d plans", len(files))
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Read(strings.NewReader(string(data)), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, c := range p.Changes {
			lines, err := Diff(data[c.At.Offset : c.At.Offset+c.At.Length])
			switch moves := c.Action == terraform.Move || c.Action == terraform.Import; {
			case err != nil:
				t.Errorf("%s, %s: %v", name, c.Address, err)
			case c.Action == terraform.Unclear:
				t.Errorf("%s: %s is not understood", name, c.Address)
			case len(lines) == 0, !moves && c.Action != terraform.Forget && !slices.ContainsFunc(lines, func(l terraform.Line) bool { return l.Mark != terraform.Same }):
				if c.Reason.String() != "will be replaced due to changes in replace_triggered_by" {
					t.Errorf("%s: nothing of %s is said to change", name, c.Address)
				}
			}
		}
	}
}

package steps_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// gappedText is the default document without the name of the environment.
var gappedText = strings.ReplaceAll(defaultText, " prod catalog-airflow", " ENVIRONMENT catalog-airflow")

// TestFill deploys with a runbook that leaves the environment open: nothing runs until it is
// filled in, and then everything runs with what was said.
func TestFill(t *testing.T) {
	w := pretendOf(t, 0, gappedText)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Unsure)
	fake.Contains(t, w.at(bump).Result.Summary.String(), "The environment is a placeholder: ENVIRONMENT; fill it in during the walk")
	for _, i := range []int{bump, plan} {
		b := &w.engine.Bound().Steps[i]
		if b.Gap() != "ENVIRONMENT" || steps.Next(w.engine.Run(), b, w.clock.Now()).Do != steps.TodoFill {
			t.Errorf("step %d doesn't ask what ENVIRONMENT is", i+1)
		}
		if err := w.engine.Prepare(t.Context(), w.id(i), b.Kind.Effects[0].Name); err == nil || !strings.Contains(err.Error(), "is a placeholder") {
			t.Errorf("step %d: its command could run: %v", i+1, err)
		}
	}
	if w.engine.Run().Environment().String() != "test" {
		t.Errorf("the environment is %s", w.engine.Run().Environment())
	}

	for value, why := range map[string]string{
		"": "type what it stands for", "ENV": "is itself a placeholder", "<env>": "is itself a placeholder", "prod; reboot": "has a character",
		"--yes": "has a character", "1.10": "can't be", "9prod": "can't be", "prod/web": "can't be",
	} {
		if err := w.engine.Fill("ENVIRONMENT", value); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", value, err, why)
		}
	}
	if err := w.engine.Fill("TARGET", "prod"); err == nil || !strings.Contains(err.Error(), "no step has the placeholder TARGET; hint: fill in ENVIRONMENT") {
		t.Errorf("a placeholder that isn't there: %v", err)
	}

	w.must(w.engine.Fill("ENVIRONMENT", "staging"))
	w.checkAll()
	w.must(w.engine.Fill("ENVIRONMENT", "prod"))
	if got := w.at(bump).Result.Verdict; got != runbook.NotAsked {
		t.Errorf("what was found for staging counts: %s", got)
	}
	w.status(runbook.Done, runbook.Done, runbook.Done) // which don't depend on it
	if now := w.engine.Run().Environment().String(); now != "prod" || runbook.EnvironmentOf(w.journal.events).String() != "prod" {
		t.Errorf("the environment is %s", now)
	}
	w.checkAll()
	if e := w.at(bump).Result.Evidence; len(e) == 0 || e[0].Name.String() != "ENVIRONMENT" || e[0].Value.String() != "prod, said by tester" {
		t.Errorf("the evidence is %v", e)
	}
	argv, _, err := w.engine.Command(w.id(plan), "apply")
	if err != nil || !slices.Equal(argv, []string{"just", "apply", "prod", "catalog-airflow"}) {
		t.Errorf("the command is %q (%v)", argv, err)
	}
	if phrase := w.engine.Run().Phrase(w.id(bump), "bump"); phrase != "prod" {
		t.Errorf("%q confirms it", phrase)
	}

	w.must(w.perform(bump, "bump"))
	refused(t, w.engine.Fill("ENVIRONMENT", "staging"), runbook.DemandPossible)
	w.must(w.engine.Fill("ENVIRONMENT", "prod")) // changes nothing
	again, err := w.resumed(steps.Options{Mode: runbook.Live, Actor: "kim"}, gappedText, commands{t: t, dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	w.engine = again
	if b := &again.Bound().Steps[plan]; b.Gap() != "" || b.Params["environment"] != "prod" || again.Run().Environment().String() != "prod" {
		t.Errorf("after a resume, the step has %v", b.Params)
	}
	refused(t, w.engine.Fill("ENVIRONMENT", "staging"), runbook.DemandPossible)
	w.checkAll()
	w.must(w.perform(plan, "plan"))
	w.must(w.judge())
	w.must(w.perform(plan, "apply"))
	var ran []string
	for _, e := range w.journal.events {
		if e, ok := e.(runbook.EffectStarted); ok {
			ran = append(ran, strings.Join(e.Argv, " "))
		}
	}
	if want := []string{"just bump prod catalog-airflow", "just plan prod catalog-airflow", "just apply prod catalog-airflow"}; !slices.Equal(ran, want) {
		t.Errorf("%q was run, want %q", ran, want)
	}
}

// TestFillIsReplayed: what another process fills in is taken up by one that looks on, and the
// journal's form of it says all that is needed.
func TestFillIsReplayed(t *testing.T) {
	w := pretendOf(t, 0, gappedText)
	looking, err := w.resumed(steps.Options{Mode: runbook.Live, ReadOnly: "it is held."}, gappedText, nil)
	if err != nil {
		t.Fatal(err)
	}
	from := len(w.journal.events)
	w.must(w.engine.Fill("ENVIRONMENT", "prod"))
	var news []runbook.Event
	for _, e := range w.journal.events[from:] {
		data, err := json.Marshal(e)
		w.must(err)
		e, err = runbook.DecodeEvent(e.Type(), data)
		w.must(err)
		news = append(news, e)
	}
	w.must(looking.Observe(news))
	for _, i := range []int{bump, plan} {
		spec, _ := looking.Run().Spec(w.id(i))
		if b := &looking.Bound().Steps[i]; b.Params["environment"] != "prod" || !strings.Contains(spec.Effects[0].Label.String(), " prod ") {
			t.Errorf("step %d has %v and %s", i+1, b.Params, spec.Effects[0].Label)
		}
	}
	if err := looking.Fill("ENVIRONMENT", "staging"); err == nil {
		t.Error("one who looks on fills it in")
	}
	if f := looking.Run().Filled("ENVIRONMENT"); f == nil || f.Value != "prod" || f.Actor.String() != "tester" {
		t.Errorf("it says %v", f)
	}
}

// TestFillNames fills in placeholders by what a person calls them, and no others than those
// of what a step requires.
func TestFillNames(t *testing.T) {
	bind := func(text string) *steps.Bound {
		return steps.Bind(fake.Parse(t, text), steps.Settings{}, kinds.All())
	}
	b := bind("1. `just bump <env> {{ service }}`\n2. `just plan <env> {{ service }}`, `just apply <env> {{ service }}`\n3. Run `kubectl get pods -n NAMESPACE`.\n")
	if got := b.Steps[0].Placeholders(); !slices.Equal(got, []string{"<env>", "{{ service }}"}) {
		t.Errorf("the placeholders are %q", got)
	}
	if last := b.Steps[len(b.Steps)-1]; last.Placeholders() != nil || last.Kind.Name != "manual" {
		t.Errorf("the manual step is %s and asks for %q", last.Kind.Name, last.Placeholders())
	}
	var err error
	for _, fill := range [][2]string{{"env", "prod"}, {"{{ service }}", "web"}} {
		if b, _, err = b.Fill(fill[0], fill[1]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		if step := &b.Steps[i]; step.Gap() != "" || step.Params["environment"] != "prod" || step.Params["service"] != "web" || len(step.Problems) > 0 && strings.Contains(step.Problems[0].String(), "placeholder") {
			t.Errorf("step %d has %v, %v", i+1, step.Params, step.Problems)
		}
	}

	for text, why := range map[string]string{
		"1. `just bump <env> {{ env }}`\n":                                   "env can be <env> or {{ env }}; hint: write the one that you mean with the signs around it",
		"1. `just bump NAME NAME`\n":                                         "no step has the placeholder env; hint: fill in NAME",
		"1. `just bump prod web`\n":                                          "no step waits for what env stands for",
		"1. Run `kubectl -n ENV get pods`.\n":                                "no step waits for what env stands for",
		"1. Ask. <!-- runbook: kind=bump environment=prod service=web -->\n": "no step waits for what env stands for",
	} {
		if _, _, err := bind(text).Fill("env", "prod"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", text, err, why)
		}
	}
	if _, _, err := bind("1. `just bump NAME NAME`\n").Fill("NAME", "prod"); err == nil || !strings.Contains(err.Error(), "NAME stands for several things, the environment and the service") {
		t.Errorf("one placeholder for two things: %v", err)
	}

	clean.Secret("prod-secret-value")
	if _, _, err := bind("1. `just bump ENV web`\n").Fill("ENV", "prod-secret-value"); err == nil || !strings.Contains(err.Error(), "secret") {
		t.Errorf("a secret is kept: %v", err)
	}

	var set steps.Settings
	set.Infrastructure.Environment = "prod"
	if got := steps.Bind(fake.Parse(t, "1. `just bump ENV web`\n"), set, kinds.All()).Steps[0].Placeholders(); got != nil {
		t.Errorf("what the settings give is asked for: %q", got)
	}
}

// TestPlaceholdersThatAreSaid: who annotates a step or writes settings from an example may
// leave its placeholders there, which are no values; a name in upper case is one.
func TestPlaceholdersThatAreSaid(t *testing.T) {
	for _, tt := range []struct{ text, set, gap, environment string }{
		{"1. Bump. <!-- runbook: kind=bump environment=ENVIRONMENT service=web -->\n", "", "ENVIRONMENT", ""},
		{"1. Bump. <!-- runbook: kind=bump environment=your-env service=web -->\n", "", "your-env", ""},
		{"1. Bump. <!-- runbook: kind=bump environment=ENVIRONMENT service=web -->\n", "prod", "", "prod"},
		{"1. Bump. <!-- runbook: kind=bump environment=PROD service=web -->\n", "", "", "PROD"},
		{"1. `just bump prod web`\n", "ENV", "", "prod"},
		{"1. `just bump <env> web`\n", "YOUR_ENV", "<env>", ""},
		{"1. `just bump <env> web`\n", "PROD", "", "PROD"},
		{"1. Bump. <!-- runbook: kind=bump service=web -->\n", "<environment>", "<environment>", ""},
	} {
		var set steps.Settings
		set.Infrastructure.Environment = tt.set
		b := steps.Bind(fake.Parse(t, tt.text), set, kinds.All())
		if step := &b.Steps[0]; step.Gap() != tt.gap || step.Params["environment"] != tt.environment {
			t.Errorf("%swith the setting %q: the environment is %q, and the placeholder %q; want %q, %q", tt.text, tt.set, step.Params["environment"], step.Gap(), tt.environment, tt.gap)
		}
		if noted := len(b.Steps[0].Notes) > 0 && strings.Contains(b.Steps[0].Notes[0].String(), "isn't read"); noted != (tt.set != "" && tt.set != "PROD" && tt.set != "prod" && strings.Contains(tt.text, "just")) {
			t.Errorf("%swith the setting %q: the notes are %q", tt.text, tt.set, b.Steps[0].Notes)
		}
		if tt.gap == "" {
			continue
		}
		if b, _, err := b.Fill(tt.gap, "PROD"); err != nil || b.Steps[0].Params["environment"] != "PROD" {
			t.Errorf("%sthe environment can't be called PROD: %v", tt.text, err)
		}
	}
}

// TestFilledIsChecked: a value that no one could have typed isn't taken from a journal.
func TestFilledIsChecked(t *testing.T) {
	b := steps.Bind(fake.Parse(t, "1. `just bump ENV web`\n"), steps.Settings{}, kinds.All())
	for _, value := range []string{"$(reboot)", "--yes", "ENV", ""} {
		if got := b.Filled([]runbook.Event{runbook.Filled{Name: "ENV", Value: value}}).Steps[0].Params["environment"]; got != "" {
			t.Errorf("%q becomes %q", value, got)
		}
	}
	if got := b.Filled([]runbook.Event{runbook.Filled{Name: "ENV", Value: "dev"}, runbook.Filled{Name: "ENV", Value: "prod"}}).Steps[0].Params["environment"]; got != "prod" {
		t.Errorf("it is %q", got)
	}
	if document.PlaceholderName("{{ env }}") != "env" {
		t.Error("the signs stay around a placeholder")
	}
}

package tui

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/testdata/clock"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/help"
	"catalog-runbook/tui/text"
)

// everyState is a document whose steps are in one state each. Its steps end with the name of
// that state.
const everyState = `# Every state

## Statements

1. A word: to do.
2. A word: ticked.
3. A word: changed.
4. A word: skipped.

## Commands

1. A bump: ready. <!-- runbook: kind=bump environment=prod service=catalog-airflow -->
2. A bump: running. <!-- runbook: kind=bump environment=prod service=catalog-airflow -->
3. A bump: in doubt. <!-- runbook: kind=bump environment=prod service=catalog-airflow -->
4. A plan: planned. <!-- runbook: kind=plan-and-apply environment=prod service=catalog-airflow -->
5. A plan: decided. <!-- runbook: kind=plan-and-apply environment=prod service=catalog-airflow -->
6. A plan: done elsewhere. <!-- runbook: kind=plan-and-apply environment=prod service=catalog-airflow -->

## Checks

1. An image: passed. <!-- runbook: kind=image-tag image=ghcr.io/wordpress/catalog -->
2. An image: failed. <!-- runbook: kind=image-tag image=ghcr.io/wordpress/catalog -->
3. DAG runs: waiting. <!-- runbook: kind=idle-dags airflow=https://airflow.example.org -->
4. DAG runs: unknown. <!-- runbook: kind=idle-dags airflow=https://airflow.example.org -->
5. DAG runs: accepted. <!-- runbook: kind=idle-dags airflow=https://airflow.example.org -->
6. DAG runs: stale. <!-- runbook: kind=idle-dags airflow=https://airflow.example.org -->
`

// inEveryState returns an engine whose run has a step in each state that there is outside of a dry run.
func inEveryState(t *testing.T, c *clock.Clock) *steps.Engine {
	t.Helper()
	doc, err := document.Parse("doc.md", []byte(everyState))
	if err != nil {
		t.Fatal(err)
	}
	var settings steps.Settings
	settings.GitHub.APIURL, settings.Airflow.URL = "https://api.github.com", "https://airflow.example.org"
	bound := steps.Bind(doc, settings, kinds.All())
	world, err := steps.Connect(settings, steps.Credentials{}, true, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	world.Now = c.Now
	at := c.Now().Add(-30 * time.Second)
	who := runbook.Head{At: at, Actor: clean.Line("sam@desk")}
	line := clean.Line
	events := []runbook.Event{
		runbook.Started{Head: who, Mode: runbook.Practice, Environment: line("prod")},
		runbook.ReleaseChosen{Head: who, Tag: "v1.5.4"},
	}
	add := func(all ...runbook.Event) { events = append(events, all...) }
	for i := range bound.Steps {
		step := bound.Steps[i].Step
		id := step.ID
		_, state, named := strings.Cut(strings.Trim(step.Text.String(), ". "), ": ")
		if !named {
			continue // the program has added it
		}
		spec, _ := specOf(bound, id)
		found := func(v runbook.Verdict, summary string, change ...func(*runbook.Checked)) {
			e := runbook.Checked{Head: who, Step: id, Result: runbook.Result{Verdict: v, Summary: line(summary), Evidence: []runbook.Evidence{
				{Name: line("asked"), Value: line("https://example.org/what/it/saw"), Source: line("https://example.org/what/it/saw"), At: at},
			}}}
			for _, f := range change {
				f(&e)
			}
			add(e)
		}
		started := func(effect string) {
			add(runbook.EffectStarted{Head: who, Step: id, Effect: effect, Argv: []string{"just", effect}, Dir: "/infrastructure"})
		}
		switch status := runbook.Status(state); status {
		case runbook.Done:
			found(runbook.Passed, "The image is there.")
		case runbook.Rejected:
			found(runbook.Failed, "The image isn't there. Build it again.")
		case runbook.Waiting:
			found(runbook.Failed, "2 DAG runs are active.", func(e *runbook.Checked) { e.Result.Waiting = true })
		case runbook.Unsure:
			found(runbook.Unknown, "Airflow didn't answer within 10 s. Ask again.")
		case runbook.Stale:
			found(runbook.Passed, "No DAG run is active.", func(e *runbook.Checked) { e.At = at.Add(-time.Hour) })
		case runbook.Accepted:
			found(runbook.Failed, "1 DAG run is active.", func(e *runbook.Checked) { e.Result.Facts = runbook.Facts{spec.Override: "reingestion manual_1"} })
			add(runbook.Overridden{Head: who, Step: id, Reason: line("it can be run again"), Names: "reingestion manual_1"})
		case runbook.Pending:
		case runbook.TickedOff:
			add(runbook.Ticked{Head: who, Step: id, Hash: spec.Hash})
		case runbook.Changed:
			add(runbook.Ticked{Head: who, Step: id, Hash: "another"})
		case runbook.SkippedOver:
			add(runbook.Skipped{Head: who, Step: id, Reason: line("not needed today")})
		case runbook.Ready:
			found(runbook.Failed, "Not bumped yet: main still names v1.5.3.", func(e *runbook.Checked) { e.Result.Facts = runbook.Facts{spec.Effects[0].Needs: "clean"} })
		case runbook.InProgress:
			started(spec.Effects[0].Name)
		case runbook.Doubtful, runbook.Decided:
			last := spec.Effects[spec.Course()-1].Name
			started(last)
			add(runbook.EffectDoubted{Head: who, Step: id, Effect: last, Text: line("The connection was lost.")})
			if status == runbook.Decided {
				add(runbook.Settled{Head: who, Step: id, Effect: last, Done: true, Reason: line("the console shows it")})
			}
		case runbook.Planned:
			started(spec.Effects[0].Name)
			add(runbook.EffectFinished{Head: who, Step: id, Effect: spec.Effects[0].Name, Result: runbook.Result{
				Verdict: runbook.Passed, Summary: line("The plan replaces 1 instance."), Facts: runbook.Facts{spec.Effects[0].Hash: "abc"},
			}})
		case runbook.ElsewhereDone:
			add(runbook.DoneElsewhere{Head: who, Step: id, By: line("kim"), Reason: line("kim showed me the console")})
		default:
			t.Fatalf("no step can be made %q", state)
		}
	}
	engine, err := steps.Watch(bound, world, steps.Options{Mode: runbook.Practice, Environment: "prod", Actor: "sam@desk", ReadOnly: "it shows every state."}, events)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func specOf(b *steps.Bound, id document.StepID) (runbook.Spec, bool) {
	for _, s := range b.Specs() {
		if s.ID == id {
			return s, true
		}
	}
	return runbook.Spec{}, false
}

// allStatuses returns every status that package runbook has.
func allStatuses(t *testing.T) (all []runbook.Status) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "..", "runbook", "status.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Status" {
			for _, value := range v.Values {
				word, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, runbook.Status(word))
			}
		}
		return true
	})
	return all
}

// TestStatesWithoutColour holds that every state has a sign and a word of its own, that no sign
// is a frame of the spinner, and that the help explains all of them and nothing else.
func TestStatesWithoutColour(t *testing.T) {
	all := allStatuses(t)
	if len(all) < 17 {
		t.Fatalf("only %d states were found: %q", len(all), all)
	}
	bySign := map[string]string{"│": "a border", "─": "a border", "═": "a border", "…": "what is cut"}
	for _, frame := range frames {
		bySign[frame] = "the spinner"
	}
	for _, other := range help.Others().Terms {
		for _, sign := range strings.Fields(other.Name) {
			bySign[sign] = other.Means
		}
	}
	words := map[runbook.Status]bool{}
	for _, s := range all {
		if s == "" || words[s] {
			t.Errorf("the word %q is empty or stands for two states", s)
		}
		words[s] = true
		sign := text.Sign(s)
		if other := bySign[sign]; other != "" {
			t.Errorf("%s is the sign of %q and of %q", sign, s, other)
		}
		bySign[sign] = s.String()
		checkFrame(t, sign, 1, 1, func() string { return "the sign of " + s.String() })
	}
	explained := help.Signs(text.NewStyles(text.Plain)).Terms
	for _, term := range explained {
		known := slices.ContainsFunc(all, func(s runbook.Status) bool { return text.Sign(s) == term.Name })
		if means := bySign[term.Name]; !known || !strings.HasPrefix(term.Means, means) {
			t.Errorf("the help says that %s means %q; it is the sign of %q", term.Name, term.Means, means)
		}
	}
	if len(explained) != len(all) {
		t.Errorf("the help explains %d of %d signs", len(explained), len(all))
	}
}

// TestEveryState shows a step in each state, except the one of a dry run, in the list and
// beside it.
func TestEveryState(t *testing.T) {
	c := clock.At(time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC))
	d := seat(t, c, Config{Engine: inEveryState(t, c)}, 120, 60)
	seen := map[runbook.Status]bool{runbook.AsIfDone: true}
	for d.do("g"); ; d.do("j") {
		b, _ := d.m.selected()
		if _, state, named := strings.Cut(strings.Trim(b.Step.Text.String(), ". "), ": "); named {
			status := runbook.Status(state)
			if got := d.m.run.Status(b.Step.ID, c.Now()); got != status {
				t.Errorf("the step is %q, not %q", got, status)
			}
			seen[status] = true
			d.sees("›"+text.Sign(status)+" "+b.Step.Number, text.Sign(status)+" "+status.String())
		}
		if _, below := d.m.outline.Edges(); !below {
			break
		}
	}
	for _, s := range allStatuses(t) {
		if !seen[s] {
			t.Errorf("no step is %q", s)
		}
	}
}

// looks are the themes that goldens are kept of.
var looks = []struct {
	name  string
	theme text.Theme
}{
	{"none", text.Plain},
	{"dark", text.Theme{Background: text.BackgroundDark}},
	{"light", text.Theme{Background: text.BackgroundLight}},
	{"contrast", text.Theme{Background: text.BackgroundDark, Contrast: true}},
}

// TestLooks keeps the screens that people see most, at each size in each theme, in a golden for
// both. Colour adds nothing that isn't said without.
func TestLooks(t *testing.T) {
	kept := map[string]*strings.Builder{}
	plain := map[string]string{}
	// see keeps what a person sees at each size in each theme after some keys.
	see := func(screen string, c *clock.Clock, engine *steps.Engine, keys ...string) {
		t.Helper()
		for _, size := range []struct{ w, h int }{{40, 12}, {80, 24}, {120, 40}, {200, 60}} {
			for _, look := range looks {
				d := seat(t, c, Config{Engine: engine, Theme: look.theme}, size.w, size.h)
				d.goTo("1")
				d.do(keys...)
				shown := d.screen()
				name, at := fmt.Sprintf("%dx%d-%s", size.w, size.h, look.name), fmt.Sprintf("%s at %dx%d", screen, size.w, size.h)
				checkFrame(t, d.m.View(), size.w, size.h, func() string { return name + " of " + screen })
				switch stripped := ansi.Strip(shown); {
				case look.theme == text.Plain:
					plain[at] = shown
				case trimmed(stripped) != trimmed(plain[at]):
					t.Errorf("%s in %s says something else than without colour:\n%s\n%s", at, look.name, stripped, plain[at])
				}
				if kept[name] == nil {
					kept[name] = &strings.Builder{}
				}
				fmt.Fprintf(kept[name], "=== %s\n%s", screen, shown)
				d.m.Close()
			}
		}
	}
	c := clock.At(time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC))
	see("every state", c, inEveryState(t, c))
	see("every state as a map", c, inEveryState(t, c), "m")
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	engine := d.m.engine
	see("evidence", d.clock, engine, "enter")
	see("help", d.clock, engine, "?")
	see("picker", d.clock, engine, "c")
	d.goTo("4")
	d.confirm()
	see("output", d.clock, engine, "j", "j", "j", "o")
	d.goTo("5")
	d.confirm()
	see("plan", d.clock, engine, "j", "j", "j", "j", "p")
	d.readPlan()
	d.do("t")
	see("confirmation", d.clock, engine, "j", "j", "j", "j", "r")
	for name, screens := range kept {
		compare(t, name, screens.String())
	}
}

// trimmed returns a screen without the spaces at the ends of its lines.
func trimmed(screen string) string {
	lines := strings.Split(screen, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

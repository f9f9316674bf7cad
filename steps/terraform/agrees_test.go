package terraform_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

// silent are the plans that keep something from their text. There is no way to see
// it there: that is why the JSON is asked for.
var silent = map[string]string{
	"terraform-1.14/deferred":          "Terraform's experiments print nothing of what they put off",
	"terraform-1.14/deferred-coloured": "Terraform's experiments print nothing of what they put off",
}

// TestTextIsNeverMoreLenientThanJSON holds the reading of each text to that of the
// same plan's JSON.
func TestTextIsNeverMoreLenientThanJSON(t *testing.T) {
	passed := map[string]int{}
	for _, name := range fixtures(t) {
		p := read(t, fixture(t, name))
		for of, policy := range policies() {
			text := Judge(p, policy)
			if text.Verdict == Passed {
				passed[of]++
			}
			q := readExact(t, name, policy)
			if q == nil {
				if text.Verdict == Passed || p.Complete {
					t.Errorf("%s, %s: there was no plan, and its text is %s", name, of, text.Verdict)
				}
				continue
			}
			if silent[name] != "" {
				continue
			}
			exact := Judge(*q, policy)
			if text.Verdict == Passed && exact.Verdict != Passed {
				t.Errorf("%s, %s: the text passed; the JSON is %s: %s", name, of, exact.Verdict, exact.Summary)
			}
			if p.Complete && !q.Complete {
				t.Errorf("%s: the text is complete, the JSON is not: %q", name, q.Problems)
			}
			if exact.Verdict == Failed && text.Verdict == Failed && !sameRules(text, exact) {
				t.Errorf("%s, %s: other rules\ntext %s\nJSON %s", name, of, blocking(text), blocking(exact))
			}
		}
	}
	for of := range policies() {
		if passed[of] < 3 {
			t.Errorf("%s: no more than %d texts passed: nothing is shown by it", of, passed[of])
		}
	}
}

// sameRules reports whether the text was found to do everything forbidden that the
// JSON was. Of an empty state only the JSON tells.
func sameRules(text, exact Judgement) bool {
	found := strings.Fields(blocking(text))
	for _, rule := range strings.Fields(blocking(exact)) {
		if Ranks[rule] < Ranks["not-understood"] && rule != "state-empty" && !slices.Contains(found, rule) {
			return false
		}
	}
	return true
}

// told is all that both forms tell of the changes.
func told(changes []Change) []string {
	all := []string{}
	for _, c := range changes {
		s := fmt.Sprintf("%s %s %s", c.Action, c.Address, c.Type)
		if c.Previous != "" {
			s += " from " + c.Previous
		}
		if c.Deposed != "" {
			s += " deposed " + c.Deposed
		}
		if c.Creates {
			s += " creates"
		}
		if c.CreateFirst {
			s += " created first"
		}
		if c.Imported {
			s += " imported"
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

func TestTextListsWhatJSONLists(t *testing.T) {
	n := 0
	for _, name := range fixtures(t) {
		q := readExact(t, name, airflow)
		if q == nil {
			continue
		}
		n++
		p := read(t, fixture(t, name))
		if got, want := told(p.Changes), told(q.Changes); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: changes\ntext %q\nJSON %q", name, got, want)
		}
		// Terraform 1.5 does not say in its JSON that planning failed.
		if p.Errored != q.Errored && (q.Errored || !strings.HasPrefix(name, "terraform-1.5/")) {
			t.Errorf("%s: errored: text %v, JSON %v", name, p.Errored, q.Errored)
		}
		if p.NoChanges != q.NoChanges && !p.OutputsOnly && p.Complete {
			t.Errorf("%s: no changes: text %v, JSON %v", name, p.NoChanges, q.NoChanges)
		}
		if p.OutputsOnly != q.OutputsOnly {
			t.Errorf("%s: outputs only: text %v, JSON %v", name, p.OutputsOnly, q.OutputsOnly)
		}
	}
	if n < 150 {
		t.Errorf("only %d texts have a JSON", n)
	}
}

// listIndex is a place in a list, which a text does not tell.
var listIndex = regexp.MustCompile(`\[\d+\]`)

// TestTextNamesWhatForcesAReplacement leaves terraform_data out: the text does not
// mark its triggers_replace, which is of any type, though the JSON names it.
func TestTextNamesWhatForcesAReplacement(t *testing.T) {
	forces := func(p Plan) []string {
		all := []string{}
		for _, c := range p.Changes {
			if c.Type == "terraform_data" {
				continue
			}
			for _, trigger := range c.Triggers {
				all = append(all, c.Address+" "+listIndex.ReplaceAllString(trigger.String(), ""))
			}
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	n := 0
	for _, name := range fixtures(t) {
		q := readExact(t, name, airflow)
		if q == nil {
			continue
		}
		got, want := forces(read(t, fixture(t, name))), forces(*q)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ntext %q\nJSON %q", name, got, want)
		}
		n += len(want)
	}
	if n < 100 {
		t.Errorf("only %d attributes force a replacement", n)
	}
}

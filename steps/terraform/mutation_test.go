package terraform_test

import (
	"flag"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
)

// long makes the tests that try many cases try all that .ci/run tries.
var long = flag.Bool("long", false, "try as many cases as .ci/run does")

// TestNoLineMakesAPlanPass takes each line of each text away, puts it there twice, and
// begins a text before it that has no end; without -long every fifth line. A plan that did not pass must not pass then. The one thing that cannot be
// told is a line of a resource's block that is missing: Terraform hides what does
// not change, so a block has no fixed number of lines. It only matters where the
// release is looked for, and the line has another one, and for a line that is all that
// shows a source of traffic.
func TestNoLineMakesAPlanPass(t *testing.T) {
	n, stride, enough := 0, 5, 4_000
	if *long {
		stride, enough = 1, 20_000
	}
	for f, name := range fixtures(t) {
		if strings.Contains(name, "coloured") || strings.HasPrefix(name, "terraform-1.5/") {
			continue // the same lines once more
		}
		text := fixture(t, name)
		left := failing(read(t, text))
		all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for i := f % stride; i < len(all); i += stride {
			line := all[i]
			for what, mutant := range map[string][]string{
				"without": slices.Delete(slices.Clone(all), i, i+1),
				"twice":   slices.Insert(slices.Clone(all), i, line),
				"hidden":  slices.Insert(slices.Clone(all), i, indentation.FindString(line)+"~ text = <<-EOT"),
			} {
				p := read(t, strings.Join(mutant, "\n")+"\n")
				for of, policy := range left {
					n++
					if Judge(p, policy).Verdict == Passed && (what != "without" || !inBlock(line) || policy.Release == "" && !strings.Contains(line, `/0"`)) {
						t.Errorf("%s, %s: passes %s line %d: %q", name, of, what, i+1, line)
					}
				}
			}
		}
	}
	if n < enough {
		t.Errorf("only %d mutants", n)
	}
}

// failing are the policies under which a plan does not pass.
func failing(p Plan) map[string]Policy {
	left := policies()
	for of, policy := range left {
		if Judge(p, policy).Verdict == Passed {
			delete(left, of)
		}
	}
	return left
}

// indentation is what a line begins with.
var indentation = regexp.MustCompile("^ *")

// colour is what colours a terminal.
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// inBlock reports whether a line is of a resource's attributes.
func inBlock(line string) bool {
	return strings.HasPrefix(colour.ReplaceAllString(line, ""), "      ")
}

// TestNoCutMakesAPlanPass cuts each text at the end of each line. Warnings stand
// below the counts, and nothing says that there are none: who reads a text must
// know that the program that printed it came to its end.
func TestNoCutMakesAPlanPass(t *testing.T) {
	for _, name := range fixtures(t) {
		text := fixture(t, name)
		left := failing(read(t, text))
		counted := false
		for at, rest := 0, text; len(left) > 0; {
			line, below, more := strings.Cut(rest, "\n")
			at += len(line) + 1
			if counted = counted || strings.HasPrefix(colour.ReplaceAllString(line, ""), "Plan: "); counted || !more {
				break
			}
			p := read(t, text[:at])
			for of, policy := range left {
				if Judge(p, policy).Verdict == Passed {
					t.Errorf("%s, %s: passes when it is cut at byte %d, behind %q", name, of, at, line)
				}
			}
			rest = below
		}
	}
}

// TestACutPlanIsNoPlan cuts plans that pass above their counts.
func TestACutPlanIsNoPlan(t *testing.T) {
	n := 0
	for _, name := range fixtures(t) {
		text := fixture(t, name)
		all := policies()
		if len(failing(read(t, text))) == len(all) {
			continue
		}
		n++
		for at := strings.LastIndexByte(text[:strings.Index(text, "Plan:")], '\n'); at > 0; at = strings.LastIndexByte(text[:at], '\n') {
			if len(failing(read(t, text[:at]))) < len(all) {
				t.Errorf("%s: passes when it is cut at byte %d", name, at)
			}
		}
	}
	if n == 0 {
		t.Error("nothing passes")
	}
}

// FuzzMutation takes two lines of a text out, swaps them or puts another text's in
// their place: what did not pass passes no more than by a line of a block. As in
// TestNoLineMakesAPlanPass, a line that is all that shows a source of traffic stays.
func FuzzMutation(f *testing.F) {
	names := fixtures(f)
	for i := range names {
		f.Add(uint16(i), uint16(10), uint16(20), uint8(i), false)
	}
	f.Fuzz(func(t *testing.T, which, first, second uint16, how uint8, coloured bool) {
		text := fixture(t, names[int(which)%len(names)])
		all := strings.Split(text, "\n")
		i, k := int(first)%len(all), int(second)%len(all)
		switch how % 3 {
		case 0:
			if strings.Contains(all[i]+all[k], `/0"`) {
				return
			}
			all[i], all[k] = all[k], all[i]
		case 1:
			all = slices.Insert(all, k, all[i])
		case 2:
			all[i] = strings.ReplaceAll(all[i], "\x1b", "") // half a colour
		}
		mutant := strings.Join(all, "\n")
		if coloured {
			mutant = strings.ReplaceAll(mutant, "\n", "\x1b[0m\r\n\x1b[1m")
		}
		before, after := read(t, text), read(t, mutant)
		for of, policy := range policies() {
			if policy.Release == "" && Judge(before, policy).Verdict != Passed && Judge(after, policy).Verdict == Passed {
				t.Errorf("%s: passes:\n%s", of, mutant)
			}
		}
	})
}

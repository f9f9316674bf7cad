package hazard

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// Step is a step as it is bound so far.
type Step struct {
	*document.Step
	Label     func() clean.Text // returns its name in sentences: "step 3"
	Procedure string
	Kind      string
	Runs      []string // the recipes that the kind runs behind its gates
	Said      bool     // an annotation names the kind
	Manual    bool     // the kind is done by hand
}

// Found is what stands against a step.
type Found struct {
	Problems []clean.Text
	Notes    []clean.Text // what is worth a word, and in nobody's way
	// Unbind says that the step asks for more than its kind does, so that a check of that
	// kind must not turn it green.
	Unbind bool
}

// Judge returns what stands against each of the steps, in their order: commands that change
// something and that no gate guards.
func Judge(steps []Step) []Found {
	found := make([]Found, len(steps))
	all := make([]judged, 0, len(steps))
	buffer := make([]command, 0, len(steps))
	var r lineReader
	for i := range steps {
		if steps[i].Said && steps[i].Manual {
			continue
		}
		before := len(buffer)
		if buffer = r.commands(steps[i].Step, buffer); len(buffer) > before {
			all = append(all, judged{step: &steps[i], found: &found[i], commands: buffer[before:len(buffer):len(buffer)]})
		}
	}
	for i := range all {
		all[i].single()
	}
	plans, later := map[string]*judged{}, map[string]*judged{}
	for i := range all {
		all[i].plans(later)
	}
	for i := range all {
		all[i].apart(plans, later)
	}
	return found
}

// Place returns the environment and the service of the step's commands with one of the
// recipes, also behind another program. ok is false if they don't all have the same.
func Place(s *document.Step, recipes []string) (environment, service string, ok bool) {
	for _, c := range new(lineReader).commands(s, nil) {
		if !slices.Contains(recipes, c.Recipe) || len(c.Args) < 2 {
			continue
		}
		if ok && (environment != c.Args[0] || service != c.Args[1]) {
			return "", "", false
		}
		environment, service, ok = c.Args[0], c.Args[1], true
	}
	return environment, service, ok
}

// InProse returns a problem for each command that changes something, or plans it, and that
// stands in none of the steps: in a paragraph of passages, which are no steps, or elsewhere
// in the document.
func InProse(doc *document.Document, passages []*document.Step) []document.Remark {
	var r lineReader
	all := r.commands(&document.Step{Commands: doc.Outside, Code: doc.OutsideCode}, nil)
	for _, s := range passages {
		all = r.commands(s, all)
	}
	var problems []document.Remark
	for i := range all {
		if c := &all[i]; (c.Negated == "" || document.OnlyIfWrong(c.Negated)) && !c.aside && c.does != publishes && len(c.Args) != 0 == (c.Recipe != "") {
			problems = append(problems, document.Remark{Line: c.Line, Text: clean.Linef("`%s` is in no step, so nothing guards it: write it into an item of a numbered list (\"1. ...\"), or <!-- runbook: prose --> below the heading if nobody runs it.", say.Shorten(c.text().String(), 60))})
		}
	}
	return problems
}

// judged is a step with commands.
type judged struct {
	step     *Step
	found    *Found
	commands []command
	paired   bool // a problem names the step that applies its plan
}

func (j *judged) problem(unbind bool, format string, args ...any) {
	j.found.Problems = append(j.found.Problems, clean.Linef(format, args...))
	j.found.Unbind = j.found.Unbind || unbind && !j.step.Said
}

// direct returns the commands that the step tells to run as they are.
func (j *judged) direct() []command {
	told := func(c command) bool { return c.direct && c.Negated == "" && !c.aside && !c.vague }
	if !slices.ContainsFunc(j.commands, func(c command) bool { return !told(c) }) {
		return j.commands
	}
	return slices.DeleteFunc(slices.Clone(j.commands), func(c command) bool { return !told(c) })
}

// single looks for what one step alone shows.
func (j *judged) single() {
	for i := range j.commands {
		c := &j.commands[i]
		switch {
		case j.step.Said || c.Recipe == "plan":
		case c.does == publishes:
			if c.Negated == "" && !c.aside {
				j.found.Notes = append(j.found.Notes, clean.Linef("`%s` publishes something, and nothing checks or guards that", c.short()))
			}
		case document.OnlyIfWrong(c.Negated):
			j.problem(true, "`%s` is for when something goes wrong (%q), so it isn't next: move it below a heading of its own, such as \"## Roll back\"; %s", c.short(), c.Negated, c.meant())
		case c.Negated != "":
			j.problem(true, "the sentence with `%s` says %q, so nothing is bound to it; %s", c.short(), strings.Replace(c.Negated, "n't", "not", 1), c.meant())
		case c.aside:
			j.problem(true, "the sentence only mentions `%s`, so nothing is bound to it; %s", c.short(), c.meant())
		case c.vague && j.almostPlans(c):
		case c.vague:
			j.problem(true, "the text doesn't plainly say to run `%s`, so nothing is bound to it; %s", c.short(), c.meant())
		case c.Recipe == "":
			j.problem(true, "nothing guards `%s`: if a person runs it outside of every gate, annotate the step with kind=manual", c.short())
		case c.unnamed:
			j.problem(true, "`%s` isn't run, because its block of code has no language: begin the block with ```sh, or annotate the step with kind=manual", c.short())
		case !c.direct && strings.ContainsAny(c.line, "&|;"):
			j.problem(true, "`%s` isn't run: write `%s` by itself, or annotate the step with kind=%s, or with kind=manual", c.short(), bare(c), kindOf(c.Recipe))
		case !c.direct && c.behind > 0:
			j.problem(true, "`just %s` behind `%s` isn't run: write `%s`, or annotate the step with kind=%s%s to run that, or with kind=manual", c.Recipe, clean.Line(strings.Join(c.words[:c.behind], " ")), bare(c), kindOf(c.Recipe), where(c))
		case !c.direct:
			j.problem(true, "`%s` isn't run: write `just %s ENVIRONMENT SERVICE` and nothing else, or annotate the step with kind=%s, or with kind=manual", c.short(), c.Recipe, kindOf(c.Recipe))
		}
	}
	direct := j.direct()
	var done []string
	for _, c := range direct {
		if !slices.Contains(done, c.Recipe) {
			done = append(done, c.Recipe)
		}
	}
	slices.SortFunc(done, func(a, b string) int { return slices.Index(recipes, a) - slices.Index(recipes, b) })
	switch {
	case len(direct) == 0 || slices.Equal(done, j.step.Runs) && same(direct):
	case j.step.Said:
		for _, c := range direct {
			if c.Recipe != "plan" && !slices.Contains(j.step.Runs, c.Recipe) {
				j.problem(false, "nothing guards `%s`, because the annotation names the kind %s; make it a step of its own", c.text(), j.step.Kind)
			}
		}
	case places(direct) != "":
		j.problem(true, "the step %s %s; make it two steps", verbs(done), places(direct))
	case slices.Contains(done, "bump") && len(done) > 1:
		j.problem(true, "the step %s %s; make the bump a step of its own", verbs(done), strings.Join(direct[0].Args, " "))
	case !j.step.Manual && !slices.Equal(done, []string{"plan"}) && !covers(j.step.Runs, done):
		j.problem(true, "`%s` is in a step that is otherwise bound to %s; make it a step of its own", direct[0].text(), j.step.Kind)
	}
}

// meant says how to annotate a command that the text forbids or only mentions.
func (c *command) meant() string {
	if c.Recipe == "" {
		return "annotate the step with kind=manual"
	}
	return fmt.Sprintf("if it is to be run here, annotate the step with kind=%s, else with kind=manual", kindOf(c.Recipe))
}

// short returns the command as it stands in the document, cut to the length of a line.
func (c *command) short() string {
	const longest = 100
	return say.Shorten(c.text().String(), longest)
}

// covers reports whether all of the recipes done are among those that a kind runs.
func covers(runs, done []string) bool {
	return !slices.ContainsFunc(done, func(r string) bool { return !slices.Contains(runs, r) })
}

// plans adds the step to those that plan, by what they plan, if it doesn't apply that
// itself.
func (j *judged) plans(all map[string]*judged) {
	for _, c := range j.direct() {
		if c.Recipe == "plan" && all[j.key(c)] == nil {
			all[j.key(c)] = j
		}
	}
}

// apart looks for an apply without a plan in its own step. plans are the steps before it
// that plan, by what they plan, and later all that do.
func (j *judged) apart(plans, later map[string]*judged) {
	direct := j.direct()
	has := func(recipe string) int {
		return slices.IndexFunc(direct, func(c command) bool { return c.Recipe == recipe })
	}
	plan, apply := has("plan"), has("apply")
	if plan >= 0 && apply < 0 {
		plans[j.key(direct[plan])] = j
	}
	if apply < 0 || plan >= 0 || j.step.Said || j.found.Unbind {
		return
	}
	c := direct[apply]
	other, after := plans[j.key(c)], later[j.key(c)]
	switch {
	case other == nil && j.almostPlans(&c):
		return
	case other == nil && after != nil:
		j.problem(true, "runs `%s`, but its plan comes only after it, in %s: write `just plan %s` beside it, or annotate the step with kind=plan-and-apply", c.text(), after.name(j), strings.Join(c.Args, " "))
		return
	case other == nil:
		j.problem(true, "runs `%s`, but no step plans it: write `just plan %s` beside it, or annotate the step with kind=plan-and-apply", c.text(), strings.Join(c.Args, " "))
		return
	}
	j.problem(true, "`%s` is here, but its plan is in %s: write both into one step, or annotate this step with kind=plan-and-apply, which plans again, and %s with kind=manual", c.text(), other.name(j), other.name(j))
	if !other.step.Said && !other.paired {
		other.paired = true
		other.problem(true, "`just plan %s` is here, but its apply is in %s: write both into one step, or annotate %s with kind=plan-and-apply, which plans again, and this step with kind=manual", strings.Join(c.Args, " "), j.name(other), j.name(other))
	}
}

// almostPlans reports whether the step plans with more arguments than those of an apply, and
// says so.
func (j *judged) almostPlans(apply *command) bool {
	n := len(apply.Args)
	i := slices.IndexFunc(j.commands, func(c command) bool {
		return c.Recipe == "plan" && c.Negated == "" && len(c.Args) > n && slices.Equal(c.Args[:n], apply.Args)
	})
	if apply.Recipe != "apply" || i < 0 {
		return false
	}
	plan := &j.commands[i]
	j.problem(true, "`%s` has `%s`, so it isn't the plan of `%s`: leave that out, or annotate the step with kind=plan-and-apply, which plans without it", plan.short(), strings.Join(plan.Args[n:], " "), apply.short())
	return true
}

// name returns the name of the step in a sentence about another one.
func (j *judged) name(beside *judged) clean.Text {
	mine, its := j.step.Section, beside.step.Section
	if mine == its || mine == nil || len(mine.Path) == 0 || j.step.Label() != beside.step.Label() {
		return j.step.Label()
	}
	return clean.Linef("%s of %q", j.step.Label(), mine.Path[len(mine.Path)-1])
}

func (j *judged) key(c command) string {
	return j.step.Procedure + "\x00" + strings.Join(c.Args, "\x00")
}

// kindOf returns the kind whose step runs a recipe.
func kindOf(recipe string) string {
	if recipe == "bump" {
		return "bump"
	}
	return "plan-and-apply"
}

// bare returns the command without what stands before and behind it.
func bare(c *command) clean.Text {
	if len(c.Args) < 2 {
		return clean.Linef("just %s ENVIRONMENT SERVICE", c.Recipe)
	}
	return clean.Linef("just %s %s %s", c.Recipe, c.Args[0], c.Args[1])
}

// where returns the parameters of an annotation for the command's place, if it is known.
func where(c *command) clean.Text {
	if len(c.Args) != 2 || strings.ContainsAny(c.Args[0]+c.Args[1], "$<>*{}") || document.PlaceholderValue(c.Args[0]) != "" || document.PlaceholderValue(c.Args[1]) != "" {
		return clean.Text{}
	}
	return clean.Linef(" environment=%s service=%s", c.Args[0], c.Args[1])
}

// same reports whether all commands are about one place.
func same(direct []command) bool {
	return !slices.ContainsFunc(direct, func(c command) bool { return !slices.Equal(c.Args, direct[0].Args) })
}

// places returns what the commands are about, such as "staging and prod", "" if it is one
// place.
func places(direct []command) string {
	var environments, services, both []string
	if same(direct) {
		return ""
	}
	add := func(all *[]string, s string) {
		if !slices.Contains(*all, s) {
			*all = append(*all, s)
		}
	}
	for _, c := range direct {
		add(&environments, c.Args[0])
		add(&services, c.Args[1])
		add(&both, c.Args[0]+" "+c.Args[1])
	}
	switch {
	case len(both) == 1:
		return ""
	case len(services) == 1:
		return list(environments)
	case len(environments) == 1:
		return list(services)
	}
	return list(both)
}

// verbs says what the recipes do: "bumps, plans and applies".
func verbs(done []string) string {
	var all []string
	for _, recipe := range done {
		all = append(all, map[string]string{"bump": "bumps", "plan": "plans", "apply": "applies"}[recipe])
	}
	return list(all)
}

func list(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return fmt.Sprintf("%s and %s", strings.Join(all[:len(all)-1], ", "), all[len(all)-1])
}

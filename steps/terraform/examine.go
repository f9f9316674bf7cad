package terraform

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
)

// examine judges one change. If the finding blocks, the change isn't understood if the
// rule is ruleUncertain, and forbidden otherwise.
func (t *judging) examine(c Change) Finding {
	if c.Type == "" {
		c.Action = Unclear
	}
	f := Finding{Address: clean.Line(c.Address), Actions: c.Actions(), Blocks: true}
	subject := c.Address
	if c.Deposed != "" {
		subject = "the deposed object " + c.Deposed + " of " + c.Address
	}
	say := func(rule string, text ...string) Finding {
		words, hint, hinted := strings.Cut(strings.Join(text, " "), "; hint: ")
		if hinted {
			hint = "; hint: " + hint
		}
		f.Rule, f.Text = rule, clean.Linef("%s %s%s%s", subject, words, because(c), hint)
		return f
	}
	if c.Action == Unclear {
		return say(ruleUncertain, "is in the plan with an action that this program doesn't know")
	}
	done := c.Effect()
	if pattern, ok := t.forbids(c); ok {
		return say(ruleForbidden, done+", which the settings forbid for", pattern)
	}
	rule, text := t.objection(c)
	if rule == "" {
		f.Blocks = false
		return say(t.kind(c), done)
	}
	if pattern, ok := t.allowedBy(c); ok {
		f.Blocks = false
		text, _, _ = strings.Cut(text, "; hint: ")
		return say(ruleAllowed, text+", which the settings allow for", pattern)
	}
	return say(rule, text)
}

// objection returns the default rule that forbids a change, and why. Both are "" if
// none does.
func (t *judging) objection(c Change) (rule, text string) {
	done := c.Effect()
	switch {
	case t.database(c) && t.objects(c, string(c.Action)):
		return ruleDatabase, "is a database's, and " + done + changed(c)
	case t.storage(c) && (c.Action == Replace || c.Action == Delete):
		return ruleStorage, "holds data, and " + strings.Replace(done, "replaced", "destroyed and created empty", 1)
	case c.Action == Delete:
		return ruleDestroy, done + ", and nothing created in its place"
	case c.Action == Forget:
		return ruleForget, done
	case tie(c) && len(t.replaced) > 0 && t.objects(c, string(c.Action)):
		return ruleReplace, done + ", which destroys it, and nothing shows that it belongs to the instance of " + t.name() + " that is replaced"
	case t.objects(c, string(c.Action)): // a replacement
		return ruleReplace, done + ", which destroys it, and it is not the instance of " + t.name() + t.hint(c)
	}
	return "", ""
}

// changed returns the attributes that an update of a database changes. Tags of the
// provider change in every resource, and so does what the tool only reads.
func changed(c Change) string {
	const most = 5
	all := slices.Clone(c.Attributes)
	switch n := len(all) - most; {
	case c.Action != Update || len(all) == 0:
		return ""
	case !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(incidental, name) }):
		quoted := make([]string, len(all))
		for i, name := range all {
			quoted[i] = `"` + name + `"`
		}
		return " (" + strings.Join(all, ", ") + " only); hint: allow it with attributes = [" + strings.Join(quoted, ", ") + "]"
	case n > 0:
		return fmt.Sprintf(" (%s and %d more)", strings.Join(all[:most], ", "), n)
	}
	return " (" + strings.Join(all, ", ") + ")"
}

// incidental are attributes whose change doesn't change what a database does.
var incidental = []string{"tags", "tags_all", "latest_restorable_time"}

// objects reports whether an action of a change is forbidden by default.
func (t *judging) objects(c Change, word string) bool {
	switch Action(word) {
	case Read:
		return false
	case Delete, Forget:
		return true
	case Replace:
		return t.database(c) || t.storage(c) || t.knowsService() && !t.instance(c) && !t.belongs(c)
	default:
		return t.database(c)
	}
}

// allowedBy reports whether the settings allow every action of a change that is
// forbidden by default, and returns a pattern that does.
func (t *judging) allowedBy(c Change) (pattern string, ok bool) {
	for _, word := range ruleWords(c) {
		if !t.objects(c, word) {
			continue
		}
		if pattern, ok = t.allows(c, word); !ok {
			return "", false
		}
	}
	return pattern, pattern != ""
}

// kind returns the rule of a change that isn't forbidden.
func (t *judging) kind(c Change) string {
	switch {
	case c.Action == Read, c.Action == Move, c.Action == Import:
		return ruleHarmless
	case t.instance(c):
		return ruleInstance
	case c.Action == Replace && t.knowsService():
		return ruleTie
	default:
		return ruleOther
	}
}

// Effect returns what would happen to the resource: "would be destroyed".
func (c Change) Effect() string {
	var text string
	switch c.Action {
	case Delete:
		text = "would be destroyed"
	case Forget:
		text = "would no longer be managed by Terraform"
		if c.Creates {
			text += ", and another created in its place"
		}
	case Read:
		return "would be read"
	case Move:
		return "would take the place of " + c.Previous + ", and stay as it is"
	case Import:
		return "would come under Terraform's management, and stay as it is"
	default:
		text = "would be " + participle(c.Action)
	}
	if c.Imported {
		text += " and come under Terraform's management"
	}
	if c.Previous != "" {
		text += " and take the place of " + c.Previous
	}
	return text
}

func participle(a Action) string {
	return strings.TrimSuffix(string(a), "e") + "ed"
}

// because returns what forces a change, or else the reason that Terraform gives.
func because(c Change) string {
	if len(c.Triggers) > 0 && c.Action == Replace {
		names := make([]string, len(c.Triggers))
		for i, trigger := range c.Triggers {
			names[i] = trigger.String()
		}
		return " (forced by " + strings.Join(names, ", ") + ")"
	}
	if reason := c.Reason.String(); reason == "" || reason == "must be "+participle(c.Action) {
		return ""
	}
	return " (" + c.Reason.String() + ")"
}

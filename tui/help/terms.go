package help

import (
	"catalog-runbook/runbook"
	"catalog-runbook/tui/text"
)

// Signs explains the signs of the steps.
func Signs(s *text.Styles) Group {
	g := Group{Title: "Signs"}
	for _, sign := range []struct {
		status runbook.Status
		means  string
	}{
		{runbook.Pending, "to do"},
		{runbook.Ready, "ready: not done yet, and its command can run"},
		{runbook.Done, "passed: a check saw that it's done"},
		{runbook.TickedOff, "ticked: a person says that it's done"},
		{runbook.Rejected, "failed: the check says no"},
		{runbook.Waiting, "waiting: not yet, and it comes by itself"},
		{runbook.Unsure, "unknown: the check couldn't find out"},
		{runbook.Stale, "stale: passed or accepted, but too long ago to rely on"},
		{runbook.Changed, "changed: ticked, but its text has changed since"},
		{runbook.Planned, "planned: the plan is made, and not applied yet"},
		{runbook.InProgress, "running; a turning sign of dots means that this is being checked or run right now"},
		{runbook.Doubtful, "outcome unknown: nobody knows how its command ended"},
		{runbook.Decided, "decided: a person says that its command was carried out"},
		{runbook.SkippedOver, "skipped, with a reason"},
		{runbook.ElsewhereDone, "done elsewhere: a person says who did it"},
		{runbook.Accepted, "accepted with a reason, although the check failed"},
		{runbook.AsIfDone, "as if done: a dry run continues as if it had been"},
	} {
		g.Terms = append(g.Terms, Term{s.Status(sign.status).Render(text.Sign(sign.status)), sign.means})
	}
	return g
}

// Others explains the signs that aren't those of a step.
func Others() Group {
	return Group{Title: "Other signs", Terms: []Term{
		{"🔒", "for maintainers with access to the infrastructure"},
		{"›", "the cursor"},
		{"■ ▧ □", "steps done, settled in another way, and left"},
		{"▸ ▾", "closed, open"},
		{"+", "a step that the program adds"},
	}}
}

// Terms explains the words of the screen.
func Terms() Group {
	return Group{Title: "Terms", Terms: []Term{
		{"check", "to look whether a step is done, without changing anything (v)"},
		{"tick", "your word that a step is done, where the program can't look (t)"},
		{"accept", "to continue although a check failed, with a reason that is recorded (a)"},
		{"skip", "to leave a step out, with a reason that is recorded (s)"},
		{"outcome", "how a command ended; if nobody knows, look for yourself, then resolve it (x)"},
		{"stale", "what was found is too old to rely on, and is asked again before a command runs"},
		{"plan", "what a command would change, made before it's applied"},
		{"digest", "what an image contains, as a number: the same tag can get another one"},
		{"draft", "a release that isn't published: it has no tag and builds no image"},
		{"run", "one walk through the document; what happens in it is recorded, and can be resumed"},
	}}
}

// Mode explains the mode.
func Mode(mode runbook.Mode) Group {
	g := Group{Title: "Mode"}
	switch mode {
	case runbook.Practice:
		g.Terms = []Term{{"PRACTICE", "a small world on this machine; nothing outside of it is asked or changed"}}
	case runbook.DryRun:
		g.Terms = []Term{{"DRY RUN", "the real services are asked, and nothing is changed"}}
	default:
		g.Terms = []Term{{"LIVE", "commands change the real services, after you confirm each of them"}}
	}
	return g
}

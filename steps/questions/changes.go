package questions

import (
	"fmt"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// MostThings is how many things a question names. What is more is listed before it.
const MostThings = 12

// ChangeTitle says what is done to so many things: "Pause 2 DAGs".
func ChangeTitle(e runbook.EffectSpec, n int) string {
	return say.Capital(verb(e)) + " " + say.Count(n, e.Thing)
}

// verb is the first word of the label: "pause" of "pause DAGs".
func verb(e runbook.EffectSpec) string {
	v, _, _ := strings.Cut(e.Label.String(), " ")
	return v
}

// ListThings names things, with the notes of the first that are urgent.
func ListThings(things []steps.Thing, urgent int) string {
	names := make([]string, len(things))
	for i, t := range things {
		names[i] = clean.Line(t.Name).String()
		if i < urgent && !t.Note.Empty() {
			names[i] += " (" + t.Note.String() + ")"
		}
	}
	return strings.Join(names, ", ")
}

// ChangeQuestion returns what a person reads before they type what confirms the change, and the
// least of that. If there are more than MostThings things, they have been listed before.
func ChangeQuestion(e runbook.EffectSpec, s steps.Scope, phrase string) (about, brief []string) {
	named := ListThings(s.Things, s.Urgent)
	if n := len(s.Things); n > MostThings {
		named = fmt.Sprintf("The %d that were listed: %s, and %d more", n, ListThings(s.Things[:3], s.Urgent), n-3)
	}
	about = []string{named + ".", "in " + s.Where.String()}
	brief = []string{named + "."}
	for _, a := range s.About {
		about = append(about, a.String())
	}
	if e.Undoes == "" && !e.Singly {
		about = append(about, "This run remembers what it has "+e.Made+", and offers to take it back at its end.")
	}
	typed := "Type " + phrase + " to " + verb(e) + " " + them(len(s.Things)) + "."
	return append(about, typed), append(brief, typed)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// ChangeChoices returns the two sentences between which a person chooses if only some of the
// things are urgent.
func ChangeChoices(e runbook.EffectSpec, s steps.Scope) (urgent, all string) {
	first := s.Things[:min(s.Urgent, MostThings)]
	more := ""
	if n := s.Urgent - len(first); n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	return fmt.Sprintf("%s only what is due: %s%s", say.Capital(verb(e)), ListThings(first, len(first)), more),
		fmt.Sprintf("%s all %s that are on and have no active run", say.Capital(verb(e)), say.Count(len(s.Things), e.Thing))
}

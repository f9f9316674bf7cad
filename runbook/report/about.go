package report

import (
	"reflect"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// about is what most events have in common: when, who, where, and about which step
// and effect.
type about struct {
	at     time.Time
	actor  clean.Text
	host   clean.Text
	step   document.StepID
	effect string
}

// aboutOf reads the fields by name, so that it works for event types that are added
// later.
func aboutOf(rec Record) about {
	a := about{at: rec.Event.When().UTC(), host: clean.Line(rec.Host)}
	v := reflect.Indirect(reflect.ValueOf(rec.Event))
	if f := v.FieldByName("Head"); f.IsValid() {
		a.actor = oneLine(f.Interface().(runbook.Head).Actor)
	}
	if f := v.FieldByName("Step"); f.IsValid() {
		a.step = document.StepID(clean.Line(f.String()).String())
	}
	if f := v.FieldByName("Effect"); f.IsValid() {
		a.effect = f.String()
	}
	return a
}

// acts reports whether a person or a command did or stated something by an event. Opening a
// run and verifying its steps is looking.
func acts(e runbook.Event) bool {
	switch e.(type) {
	case runbook.Started, runbook.Resumed, runbook.AccessSeen, runbook.Checked, runbook.EffectDoubted, runbook.EffectVoided:
		return false
	}
	return true
}

// people lists who did something, in the order of their first event.
type people struct{ all []Person }

func (p *people) add(rec Record) {
	a := aboutOf(rec)
	for i := range p.all {
		if q := &p.all[i]; q.Actor == a.actor && q.Host == a.host {
			q.To = a.at
			return
		}
	}
	p.all = append(p.all, Person{Actor: a.actor, Host: a.host, From: a.at, To: a.at})
}

func (p *people) list() []Person { return append([]Person{}, p.all...) }

// on returns the host of an actor, or "" if the name includes it.
func on(actor, host clean.Text) string {
	if host.Empty() || strings.HasSuffix(actor.String(), "@"+host.String()) {
		return ""
	}
	return host.String()
}

// cleaned cleans each argument separately.
func cleaned(argv []string) []clean.Text {
	all := make([]clean.Text, len(argv))
	for i, a := range argv {
		all[i] = clean.Line(a)
	}
	return all
}

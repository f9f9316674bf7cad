package steps

import (
	"maps"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// masked masks known secrets in the fields of an event that aren't a clean.Text,
// which never contains any.
func masked(ev runbook.Event) runbook.Event {
	switch ev := ev.(type) {
	case runbook.Started:
		ev.Source, ev.Settings, ev.Text = clean.Masked(ev.Source), clean.Masked(ev.Settings), clean.Masked(ev.Text)
		return ev
	case runbook.Resumed:
		ev.Text = clean.Masked(ev.Text)
		return ev
	case runbook.Checked:
		ev.Result.Facts = maskedFacts(ev.Result.Facts)
		return ev
	case runbook.EffectFinished:
		ev.Result.Facts = maskedFacts(ev.Result.Facts)
		return ev
	case runbook.EffectStarted:
		ev.Argv, ev.Dir = maskedAll(ev.Argv), clean.Masked(ev.Dir)
		return ev
	case runbook.Pretended:
		ev.Argv, ev.Dir = maskedAll(ev.Argv), clean.Masked(ev.Dir)
		return ev
	}
	return ev
}

func maskedFacts(f runbook.Facts) runbook.Facts {
	f = maps.Clone(f)
	for name, value := range f {
		f[name] = clean.Masked(value)
	}
	return f
}

func maskedAll(values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = clean.Masked(v)
	}
	return all
}

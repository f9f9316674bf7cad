package runbook

import (
	"maps"

	"catalog-runbook/runbook/clean"
)

// Masked masks known secrets in the fields of an event that aren't a clean.Text,
// which never contains any.
func Masked(ev Event) Event {
	switch ev := ev.(type) {
	case Started:
		ev.Source, ev.Settings, ev.Text = clean.Masked(ev.Source), clean.Masked(ev.Settings), clean.Masked(ev.Text)
		return ev
	case Resumed:
		ev.Text = clean.Masked(ev.Text)
		return ev
	case Filled:
		ev.Name, ev.Value = clean.Masked(ev.Name), clean.Masked(ev.Value)
		return ev
	case Checked:
		ev.Result.Facts = maskedFacts(ev.Result.Facts)
		return ev
	case EffectFinished:
		ev.Result.Facts = maskedFacts(ev.Result.Facts)
		return ev
	case EffectStarted:
		ev.Argv, ev.Dir = clean.MaskedAll(ev.Argv), clean.Masked(ev.Dir)
		if ev.On != nil {
			ev.On = clean.MaskedAll(ev.On)
		}
		return ev
	case EffectDid:
		ev.Name = clean.Masked(ev.Name)
		return ev
	case Pretended:
		ev.Argv, ev.Dir = clean.MaskedAll(ev.Argv), clean.Masked(ev.Dir)
		return ev
	}
	return ev
}

func maskedFacts(f Facts) Facts {
	f = maps.Clone(f)
	for name, value := range f {
		f[name] = clean.Masked(value)
	}
	return f
}

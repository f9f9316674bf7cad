package after

import (
	"cmp"
	"fmt"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

const (
	// patience is how long a service may take to come back where no earlier run tells more.
	patience = 15 * time.Minute
	// factNotYet is when the service was last seen not to be back.
	factNotYet runbook.Fact = "back.not-yet"
	// factFound is what a person accepts if they accept that the service isn't back.
	factFound runbook.Fact = "service-back.found"
)

// usual returns how long the service took in an earlier run, 0 if that isn't known.
func (b *back) usual() time.Duration {
	if b.in.World.Earlier == nil {
		return 0
	}
	return b.in.World.Earlier().Back[clean.Masked(b.address)]
}

// notYet is the result while Airflow isn't back: it is waited for as long as that usually
// takes, and some more. Then the journal says what was deployed, and how to go back. what is
// a clause in which no time passes.
func (b *back) notYet(what string) runbook.Result {
	since, usual := b.Now.Sub(b.ended), b.usual()
	b.Saw("deployed", say.Duration(since)+" ago", "journal")
	about := ""
	if usual > 0 {
		about = " Last time it took " + say.Duration(usual) + "."
		b.Facts[steps.FactUntil] = b.ended.Add(usual).UTC().Format(time.RFC3339)
	}
	if since < cmp.Or(b.in.World.BackWithin, max(patience, 3*usual)) {
		b.Facts[factNotYet] = b.Now.UTC().Format(time.RFC3339)
		return b.Waiting("%s, %s after the deployment.%s", what, say.Duration(since), about)
	}
	b.recall()
	b.Facts[factFound] = what
	return b.Failed("%s, %s after the deployment.%s Look at the machine and its log first. To go back to %s, run `catalog-runbook rollback`; that doesn't restore Airflow's metadata database.",
		what, say.Duration(since), about, b.versionBefore())
}

// versionBefore names the version to go back to.
func (b *back) versionBefore() string {
	return clean.Line(cmp.Or(b.before[steps.FactPrevious], "the version before")).String()
}

// recall shows what the journal knows of the deployment.
func (b *back) recall() {
	if c := b.in.Followed; c.Argv != nil {
		b.Saw("deployed by", fmt.Sprintf("%s, `%s`", c.By, say.CommandLine(c.Argv)), "journal")
		b.Saw("begun", c.Begun.UTC().Format(time.DateTime+" UTC"), "journal")
	} else {
		b.Saw("deployed elsewhere, says", c.By.String(), "journal")
	}
	b.Saw("ended", b.ended.UTC().Format(time.DateTime+" UTC"), "journal")
	b.Saw("version", fmt.Sprintf("%s, before that %s", b.in.Release(), b.versionBefore()), "journal")
	if v := b.before[factVersion]; v != "" {
		b.Saw("Airflow before", v, "journal")
	}
}

// noticed is how long before now the service may have been seen last that wasn't back, if
// how long it took is to be told.
const noticed = time.Minute

// tookOnce leaves how long the service took to come back, if that was seen.
func (b *back) tookOnce() {
	if took := b.in.Facts[steps.FactBack]; took != "" {
		b.Facts[steps.FactBack] = took
		return
	}
	last, err := time.Parse(time.RFC3339, b.in.Facts[factNotYet])
	if err == nil && b.Now.Sub(last) <= noticed {
		b.Facts[steps.FactBack] = fmt.Sprintf("%s %s", b.Now.Sub(b.ended).Round(time.Second), b.address)
		b.Saw("back after", say.Duration(b.Now.Sub(b.ended)), "journal")
	}
}

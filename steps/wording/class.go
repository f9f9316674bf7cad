package wording

import (
	"strings"
	"sync"
)

// class says what words can mean around a command, as a set.
type class uint32

const (
	command       class = 1 << iota
	discouraging        // makes what a text says an exception, or a choice
	undone              // takes a command back, or puts it into another time
	condition           // says that something is done sometimes only
	judgement           // names what a command has shown
	somebody            // who isn't the reader
	agent               // names who does something
	acts                // says that someone does it
	acted               // says that someone has done it
	small               // asks for nothing
	label               // may begin a label
	place               // begins a clause that says where
	when                // begins a clause that says after what
	lead                // begins a clause that leads to where it is done
	runs                // runs a command
	begin               // begins a deployment
	deed                // deploys
	deedOfVersion       // does so to a version
	deedOfPlan          // does so to a plan
	version             // names what is deployed
	plan                // names a plan
	link                // leads to a command
	particle            // stands between a link and a command
	commandWord         // names a command
	behind              // may follow a command
	joint               // leads from one command to another
	chore               // asks for another deed
)

// classes returns the class of each word that has one.
var classes = sync.OnceValue(func() map[string]class {
	all := make(map[string]class, 300)
	for _, c := range []struct {
		is    class
		words string
	}{
		{discouraging, "skip skips skipped optional optionally unless automatic automatically alternatively instead emergency emergencies dry rehearse rehearsal example examples e.g perhaps maybe unnecessary need needed necessary case rare would could replace replacing substitute substituting appropriate respective corresponding doubt option variant fallback workaround cf"},
		{undone, "back revert reverted reverting undo undone throw thrown discard discarded drop reset rollback yesterday yesterday's tomorrow later ago last every daily weekly nightly without or copy midnight noon monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays weekdays week weeks month months year years"},
		{condition, "if when whenever provided long"},
		{judgement, "plan plans it that this everything output diff you people well"},
		{somebody, "ci cd bot bots robot robots pipeline pipelines job jobs cron cronjob cronjobs jenkins atlantis operator operators somebody someone colleague colleagues engineer engineers team teams automation on-call"},
		{agent, "by let tell ask remind have in from"},
		{acts, "run runs does did do will executes calls handles takes"},
		{acted, "run done bumped planned applied deployed executed"},
		{small, "please now then next finally first second third lastly afterwards also and so again lock locked padlock"},
		{label, "the deploy deployment deploying rollout release bump bumping plan planning apply production prod staging stage dev development infrastructure command version maintainer maintainers"},
		{place, "in on from at inside within"},
		{when, "once after when as"},
		{lead, "go cd change switch check checkout verify make ensure confirm cut publish merge wait read open clone pull fetch update log export"},
		{runs, "run execute type enter call use do invoke issue start launch using with"},
		{begin, "initiate begin start"},
		{deed, "bump deploy roll release ship upgrade continue go plan apply"},
		{deedOfVersion, "update raise increase change set write lift"},
		{deedOfPlan, "make create prepare generate"},
		{version, "version tag image"},
		{plan, "plan"},
		{link, "with via by running executing using through run type execute"},
		{particle, "the a this that it following command"},
		{commandWord, "command recipe"},
		{behind, "and then in on from at once if when as to for with again now followed which before after only yourself"},
		{joint, "and then run type execute enter with via running subsequently using by do well"},
	} {
		for _, w := range strings.Fields(c.words) {
			all[w] |= c.is
		}
	}
	for w := range chores {
		if w != "run" && w != "apply" {
			all[w] |= chore
		}
	}
	return all
})

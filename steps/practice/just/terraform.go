package just

import (
	"fmt"
	"strings"
	"time"

	"catalog-runbook/steps/practice/state"
)

// plan is the difference between two states of the infrastructure. What is printed
// of it, in words and as JSON, is made from its resources.
type plan struct {
	before, after  state.Deployment
	made           time.Time
	replace        bool // the instance, for another image tag
	create, remove bool // the database
	adds, destroys int
}

func makePlan(before, after state.Deployment, made time.Time) plan {
	p := plan{
		before: before, after: after, made: made,
		replace: before.Deployed != after.Deployed,
		create:  !before.Database && after.Database,
		remove:  before.Database && !after.Database,
	}
	if p.replace {
		p.adds++
		p.destroys++
	}
	if p.create {
		p.adds++
	}
	if p.remove {
		p.destroys++
	}
	return p
}

func (p plan) changes() bool { return p.replace || p.create || p.remove }

// lines are what Terraform 1.11 prints of it with -no-color, after what it has
// looked at.
func (p plan) lines() []line {
	var b strings.Builder
	if !p.changes() {
		b.WriteString(noChanges)
	} else {
		b.WriteString(planHeader)
		for _, symbol := range []struct {
			used bool
			text string
		}{
			{p.create, "  + create\n"},
			{p.remove, "  - destroy\n"},
			{p.replace, "-/+ destroy and then create replacement\n"},
		} {
			if symbol.used {
				b.WriteString(symbol.text)
			}
		}
		b.WriteString("\nTerraform will perform the following actions:\n")
		for _, r := range p.resources() {
			b.WriteString(r.text())
		}
		fmt.Fprintf(&b, "\nPlan: %d to add, 0 to change, %d to destroy.", p.adds, p.destroys)
	}
	return paced(b.String())
}

// refreshes are the lines about what Terraform looks at first.
func (p plan) refreshes() []line {
	looked := []string{
		imageAddress + ": Reading...",
		roleAddress + ": Refreshing state... [id=" + roleID + "]",
		groupAddress + ": Refreshing state... [id=" + groupID() + "]",
	}
	if p.before.Database {
		looked = append(looked, databaseAddress+": Refreshing state... [id="+databaseID+"]")
	}
	looked = append(looked,
		imageAddress+": Read complete after 1s [id="+imageID()+"]",
		instanceAddress+": Refreshing state... [id="+instanceID(p.before)+"]")
	out := make([]line, len(looked))
	for i, text := range looked {
		out[i] = line{refreshPause, text}
	}
	return out
}

func paced(text string) []line {
	var out []line
	for l := range strings.SplitSeq(text, "\n") {
		out = append(out, line{linePause, l})
	}
	return out
}

// planFooter says what became of a plan with changes: saved is its file, "" for
// none.
func planFooter(saved string) []line {
	text := `
Note: You didn't use the -out option to save this plan, so Terraform can't
guarantee to take exactly these actions if you run "terraform apply" now.`
	if saved != "" {
		text = "\nSaved the plan to: " + saved +
			"\n\nTo perform exactly these actions, run the following command to apply:\n    terraform apply \"" + saved + `"`
	}
	return paced("\n" + strings.Repeat("─", 77) + "\n" + text)
}

const noChanges = `
No changes. Your infrastructure matches the configuration.

Terraform has compared your real infrastructure against your configuration
and found no differences, so no changes are needed.`

const planHeader = `
Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
`

// progress is what an apply prints between the approval and its last line.
func (p plan) progress() []line {
	var out []line
	say := func(format string, args ...any) { out = append(out, line{workPause, fmt.Sprintf(format, args...)}) }
	old, id := instanceID(p.before), instanceID(p.after)
	if p.remove {
		say("%s: Destroying... [id=%s]", databaseAddress, databaseID)
		say("%s: Still destroying... [id=%s, 10s elapsed]", databaseAddress, databaseID)
		say("%s: Destruction complete after 18s", databaseAddress)
	}
	if p.replace {
		say("%s: Destroying... [id=%s]", instanceAddress, old)
		say("%s: Still destroying... [id=%s, 10s elapsed]", instanceAddress, old)
		say("%s: Still destroying... [id=%s, 20s elapsed]", instanceAddress, old)
		say("%s: Destruction complete after 30s", instanceAddress)
		say("%s: Creating...", instanceAddress)
		say("%s: Still creating... [10s elapsed]", instanceAddress)
		say("%s: Creation complete after 13s [id=%s]", instanceAddress, id)
	}
	if p.create {
		say("%s: Creating...", databaseAddress)
		say("%s: Creation complete after 9m41s [id=%s]", databaseAddress, databaseID)
	}
	return out
}

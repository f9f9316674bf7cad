package terraform

import (
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
)

// rollout is what an update in place of a resource does to the containers that it runs.
type rollout int

const (
	rolls    rollout = iota // it deploys
	rests                   // it deploys nothing, and neither does an update of this type
	template                // it never deploys, replaced or not: something else must use it
	group                   // an autoscaling group: it deploys if it refreshes its instances
	service                 // an ECS service: it deploys if its task definition changes
	mute                    // the plan doesn't tell whether it deploys
)

// rollouts says for each type what deploys. A replacement deploys, except for that of a
// template. Types that aren't listed deploy whenever they change.
//
//	aws_instance, aws_spot_instance_request
//	    user_data changes in place unless user_data_replace_on_change is set: EC2 stops
//	    and starts the machine, and cloud-init runs the script at the first boot only.
//	    (registry.terraform.io/providers/hashicorp/aws, aws_instance, "user_data" and
//	    "user_data_replace_on_change"; EC2 User Guide, "Run commands when you launch an
//	    EC2 instance".)
//	aws_launch_template, aws_launch_configuration, google_compute_*instance_template
//	    A new version serves instances that are launched later.
//	aws_autoscaling_group
//	    An update leaves the running instances alone unless the group has an
//	    instance_refresh and its launch_template, launch_configuration or
//	    mixed_instances_policy changes. With version = "$Latest" the group doesn't
//	    change, so no refresh starts. (aws_autoscaling_group, "instance_refresh".)
//	aws_ecs_task_definition
//	    Every change registers a new revision, which runs only where a service names it.
//	    (aws_ecs_task_definition.)
//	aws_ecs_service
//	    A new task_definition starts a deployment. With force_new_deployment so does a
//	    change of triggers, but of the same task definition: it runs another version only
//	    if the tag of its image has moved, which no plan shows. A new desired_count runs
//	    the same version. (aws_ecs_service, "task_definition", "force_new_deployment",
//	    "triggers".)
//	null_resource
//	    A change of triggers replaces it, which runs its provisioners again.
//	    (providers/hashicorp/null, null_resource, "triggers".)
//	terraform_data
//	    triggers_replace replaces it and runs its provisioners; input changes in place
//	    and runs none. (Terraform's documentation, "terraform_data".)
//	google_compute_instance, google_compute_*instance_group_manager,
//	azurerm_linux_virtual_machine, azurerm_linux_virtual_machine_scale_set
//	    What an update in place does depends on what the machine runs and on the policy
//	    for updates (update_policy, upgrade_mode), so it isn't known.
var rollouts = map[string]rollout{
	"aws_instance":              rests,
	"aws_spot_instance_request": rests,
	"null_resource":             rests,
	"terraform_data":            rests,
	"aws_launch_template":       template,
	"aws_launch_configuration":  template,
	"aws_ecs_task_definition":   template,
	"aws_autoscaling_group":     group,
	"aws_ecs_service":           service,

	"google_compute_instance_template":             template,
	"google_compute_region_instance_template":      template,
	"google_compute_instance":                      mute,
	"google_compute_instance_group_manager":        mute,
	"google_compute_region_instance_group_manager": mute,
	"azurerm_linux_virtual_machine":                mute,
	"azurerm_linux_virtual_machine_scale_set":      mute,
}

// deployment says what a change of the service's instance deploys: it does, it
// certainly doesn't, or the plan doesn't tell. why is a sentence for the last two.
type deployment struct {
	does, unsure bool
	why          string
}

func deploymentOf(c Change) deployment {
	kind := rollouts[c.Type]
	switch {
	case c.Action != Update && c.Action != Replace && c.Action != Create:
		return deployment{}
	case kind == template:
		return deployment{why: "is a template: what runs already keeps the old one"}
	case c.Action != Update:
		return deployment{does: true}
	}
	switch kind {
	case rests:
		why := "is updated in place, which starts no new version"
		if slices.Contains(c.Attributes, "user_data") || slices.Contains(c.Attributes, "user_data_base64") {
			why = "gets its user data in place, which the machine doesn't run again; hint: set user_data_replace_on_change = true"
		}
		return deployment{why: why}
	case group:
		switch {
		case len(c.Attributes) == 0:
			return deployment{unsure: true, why: "is updated, and the plan does not show what changes"}
		case !changesAny(c, "launch_template", "launch_configuration", "mixed_instances_policy"):
			return deployment{why: "keeps its template, so no instance is replaced"}
		case c.Refreshes:
			return deployment{does: true}
		case c.Hidden:
			return deployment{unsure: true, why: "gets another template, and the text does not show whether it has an instance_refresh; hint: give the JSON"}
		}
		return deployment{why: "gets another template, and has no instance_refresh, so its instances stay"}
	case service:
		switch {
		case len(c.Attributes) == 0:
			return deployment{unsure: true, why: "is updated, and the plan does not show what changes"}
		case changesAny(c, "task_definition"):
		case !changesAny(c, "triggers", "force_new_deployment"):
			return deployment{why: "keeps its task definition, so no new version starts"}
		case c.Refreshes, c.Hidden:
			return deployment{unsure: true, why: "keeps its task definition, which it may run again, and the plan does not show which version that is"}
		default:
			return deployment{why: "keeps its task definition, and has no force_new_deployment, so no new version starts"}
		}
	case mute:
		return deployment{unsure: true, why: "is updated in place, and the plan does not tell whether that starts the new version"}
	}
	return deployment{does: true}
}

func changesAny(c Change, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(c.Attributes, name) })
}

// undeployed adds why changes of the service's instance deploy nothing, if none does.
// What uses a template comes before the template.
func (t *judging) undeployed() bool {
	if t.deploys || t.createsAlone {
		return false
	}
	var changed, last []Change
	for _, c := range t.plan.Changes {
		switch {
		case !t.instance(c):
		case rollouts[c.Type] == template:
			last = append(last, c)
		default:
			changed = append(changed, c)
		}
	}
	found := false
	for _, c := range slices.Concat(changed, last) {
		d := deploymentOf(c)
		if d.does || d.why == "" {
			continue
		}
		found = true
		f := Finding{Rule: ruleUndeployed, Address: clean.Line(c.Address), Actions: c.Actions(), Blocks: true,
			Text: clean.Linef("%s %s", c.Address, strings.TrimSpace(d.why))}
		if d.unsure {
			t.doubts = append(t.doubts, f)
		} else {
			t.idle = append(t.idle, f)
		}
	}
	return found
}

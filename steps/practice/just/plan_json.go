package just

import (
	"encoding/json"
	"io"
	"slices"
	"time"

	"catalog-runbook/steps/practice/server"
)

// terraformVersion is what the practice claims to be.
const terraformVersion = "1.11.4"

const awsProvider = "registry.terraform.io/hashicorp/aws"

// The parts of what `terraform show -json` prints of a plan, in its order.
// (Terraform's documentation, "JSON Output Format".)
type (
	planJSON struct {
		FormatVersion    string        `json:"format_version"`
		TerraformVersion string        `json:"terraform_version"`
		PlannedValues    server.Object `json:"planned_values"`
		ResourceChanges  []changeJSON  `json:"resource_changes"`
		PriorState       stateJSON     `json:"prior_state"`
		Configuration    server.Object `json:"configuration"`
		Timestamp        string        `json:"timestamp"`
		Applyable        bool          `json:"applyable"`
		Complete         bool          `json:"complete"`
		Errored          bool          `json:"errored"`
	}
	stateJSON struct {
		FormatVersion    string        `json:"format_version"`
		TerraformVersion string        `json:"terraform_version"`
		Values           server.Object `json:"values"`
	}
	changeJSON struct {
		Address       string          `json:"address"`
		ModuleAddress string          `json:"module_address"`
		Mode          string          `json:"mode"`
		Type          string          `json:"type"`
		Name          string          `json:"name"`
		ProviderName  string          `json:"provider_name"`
		Change        differencesJSON `json:"change"`
		ActionReason  string          `json:"action_reason,omitempty"`
	}
	differencesJSON struct {
		Actions         []string      `json:"actions"`
		Before          server.Object `json:"before"`
		After           server.Object `json:"after"`
		AfterUnknown    any           `json:"after_unknown"`
		BeforeSensitive any           `json:"before_sensitive"`
		AfterSensitive  any           `json:"after_sensitive"`
		ReplacePaths    [][]any       `json:"replace_paths,omitempty"`
	}
	resourceJSON struct {
		Address         string        `json:"address"`
		Mode            string        `json:"mode"`
		Type            string        `json:"type"`
		Name            string        `json:"name"`
		ProviderName    string        `json:"provider_name"`
		SchemaVersion   int           `json:"schema_version"`
		Values          server.Object `json:"values"`
		SensitiveValues any           `json:"sensitive_values"`
	}
)

// writeJSON prints the plan as one line.
func (p plan) writeJSON(w io.Writer) error {
	out := planJSON{
		FormatVersion: "1.2", TerraformVersion: terraformVersion,
		Configuration: p.configuration(),
		Timestamp:     p.made.UTC().Format(time.RFC3339), Applyable: p.changes(), Complete: true,
	}
	var was, will []resource
	for _, r := range p.resources() {
		out.ResourceChanges = append(out.ResourceChanges, r.changeJSON())
		if r.before != nil {
			was = append(was, r)
		}
		if r.after != nil {
			will = append(will, r)
		}
	}
	was = append([]resource{image()}, was...)
	out.PlannedValues = values(will, func(r resource) server.Object { return r.after })
	out.PriorState = stateJSON{"1.0", terraformVersion, values(was, func(r resource) server.Object { return r.before })}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(true) // as Terraform does
	return e.Encode(out)
}

func (r resource) mode() string {
	if r.data() {
		return "data"
	}
	return "managed"
}

func (r resource) changeJSON() changeJSON {
	d := differencesJSON{
		Actions: r.actions(), Before: r.before, After: known(r.after),
		AfterUnknown:    server.Object{},
		BeforeSensitive: r.sensitiveMarks(r.before), AfterSensitive: r.sensitiveMarks(r.after),
	}
	reason := ""
	switch {
	case r.after == nil:
		reason = "delete_because_no_resource_config"
	case r.forces != "":
		reason, d.ReplacePaths = "replace_because_cannot_update", [][]any{{r.forces}}
	}
	if r.after != nil && !equal(r.before, r.after) {
		d.AfterUnknown = marks(r.after, func(_ string, v any) bool { _, ok := v.(unknown); return ok })
	}
	return changeJSON{r.address, r.module(), r.mode(), r.kind(), r.name(), awsProvider, d, reason}
}

// sensitiveMarks has false for what does not exist.
func (r resource) sensitiveMarks(o server.Object) any {
	if o == nil {
		return false
	}
	return marks(o, func(name string, _ any) bool { return slices.Contains(r.sensitive, name) })
}

// known leaves out what is known only after the apply.
func known(o server.Object) server.Object {
	if o == nil {
		return nil
	}
	out := server.Object{}
	for name, v := range o {
		switch v := v.(type) {
		case unknown:
		case []server.Object:
			blocks := make([]server.Object, len(v))
			for i, block := range v {
				blocks[i] = known(block)
			}
			out[name] = blocks
		default:
			out[name] = v
		}
	}
	return out
}

// marks mirrors an object the way that Terraform marks the values in it: true for
// what is marked, false for other elements of lists, and nothing for other values
// of objects.
func marks(o server.Object, marked func(name string, v any) bool) server.Object {
	out := server.Object{}
	for name, v := range o {
		if marked(name, v) {
			out[name] = true
			continue
		}
		switch v := v.(type) {
		case server.Object:
			out[name] = marks(v, marked)
		case []server.Object:
			blocks := []server.Object{}
			for _, block := range v {
				blocks = append(blocks, marks(block, marked))
			}
			out[name] = blocks
		case []any:
			out[name] = make([]bool, len(v))
		}
	}
	return out
}

// values are those of resources by their modules; resources come in the order of
// their addresses.
func values(resources []resource, of func(resource) server.Object) server.Object {
	var modules []server.Object
	last := ""
	for _, r := range resources {
		if r.module() != last {
			last = r.module()
			modules = append(modules, server.Object{"address": last, "resources": []resourceJSON{}})
		}
		o := of(r)
		m := modules[len(modules)-1]
		m["resources"] = append(m["resources"].([]resourceJSON), resourceJSON{
			r.address, r.mode(), r.kind(), r.name(), awsProvider, 1, known(o), r.sensitiveMarks(known(o)),
		})
	}
	return server.Object{"root_module": server.Object{"child_modules": modules}}
}

// configuration is a short one: the calls of the modules, without their insides.
func (p plan) configuration() server.Object {
	calls := server.Object{"catalog_airflow": moduleCall("catalog-airflow", server.Object{
		"environment": "prod", "instance_type": "m5.xlarge", "docker_image_tag": p.after.Deployed, "airflow_port": 9090,
	})}
	if p.after.Database {
		calls["catalog_db"] = moduleCall("catalog-db", server.Object{
			"environment": "prod", "instance_class": "db.m5.2xlarge", "allocated_storage": 3000,
		})
	}
	return server.Object{
		"provider_config": server.Object{"aws": server.Object{"name": "aws", "full_name": awsProvider}},
		"root_module":     server.Object{"module_calls": calls},
	}
}

func moduleCall(service string, arguments server.Object) server.Object {
	expressions := server.Object{}
	for name, v := range arguments {
		expressions[name] = server.Object{"constant_value": v}
	}
	return server.Object{"source": "../../modules/services/" + service, "expressions": expressions, "module": server.Object{}}
}

package exact

import (
	"bytes"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// outputs reads output_changes.
func (r *reader) outputs() error {
	return r.object("output_changes", func(name string) error {
		var f changeFields
		if _, err := r.in.decode(&f); err != nil {
			return err
		}
		r.secrets.change(f)
		o := terraform.Output{Name: clean.Line(name), Sensitive: marks(f.BeforeSensitive) || marks(f.AfterSensitive)}
		o.Action, _, _ = classify(f.actions())
		switch {
		case !f.fits():
			o.Action = terraform.Unclear
		case o.Action == nothing && same(f.Before, f.After):
			return nil
		case o.Action != terraform.Create && o.Action != terraform.Update && o.Action != terraform.Delete:
			o.Action = terraform.Unclear
		}
		if o.Action == terraform.Unclear {
			r.problem("can't interpret what would be done to the output %s", name)
		}
		r.plan.Outputs = append(r.plan.Outputs, o)
		return nil
	})
}

// state reads the objects of prior_state. It has data sources even if there is no state
// yet, and is missing if the state is empty.
func (r *reader) state() error {
	r.mustBe('{', "prior_state", "object")
	return r.in.find(r.stateModule, "values", "root_module")
}

// stateModule reads the resources of a module in the state and of its child modules.
func (r *reader) stateModule() error {
	_, err := r.in.object(func(name string) error {
		var err error
		switch name {
		case "resources":
			_, err = r.in.array(func() error {
				raw, err := r.in.dec.ReadValue()
				if err == nil {
					r.stateObject(raw)
				}
				return err
			})
		case "child_modules":
			_, err = r.in.array(r.stateModule)
		default:
			err = r.in.dec.SkipValue()
		}
		return err
	})
	return err
}

// maxVariables is the most bytes of variable values that are kept until the
// configuration, which follows, says which of them are sensitive.
const maxVariables = 1 << 20

func (r *reader) variableValues() error {
	if r.secrets.tell == nil {
		return r.in.dec.SkipValue()
	}
	kept := 0
	return r.object("variables", func(name string) error {
		raw, err := r.in.dec.ReadValue()
		if kept += len(raw); kept > maxVariables {
			r.secrets.untold = true
			return err
		}
		r.variables[name] = bytes.Clone(raw)
		return err
	})
}

// configuration reads the managed resources, and which of the root module's variables
// are sensitive.
func (r *reader) configuration() error {
	r.mustBe('{', "configuration", "object")
	return r.in.find(func() error { return r.configuredModule("", false, 0) }, "root_module")
}

func (r *reader) sensitiveVariables() error {
	if r.secrets.tell == nil {
		return r.in.dec.SkipValue()
	}
	_, err := r.in.object(func(variable string) error {
		raw, err := r.in.dec.ReadValue()
		for name, value := range members(raw) {
			if name == "sensitive" && marks(value) {
				r.sensitive = append(r.sensitive, variable)
			}
		}
		return err
	})
	return err
}

func (r *reader) tellVariables() {
	for _, name := range r.sensitive {
		for n, value := range members(r.variables[name]) {
			if n == "value" {
				r.secrets.marked(value, []byte("true"))
			}
		}
	}
}

// invocations reads action_invocations, which Terraform has since 1.14. (Terraform's
// source, internal/command/jsonplan, ActionInvocation.)
func (r *reader) invocations() error {
	return r.array("action_invocations", func() error {
		raw, err := r.in.dec.ReadValue()
		if err != nil {
			return err
		}
		var i terraform.Invocation
		var values, sensitive []byte
		triggers := 0
		for name, value := range members(raw) {
			switch name {
			case "address":
				i.Address, _ = word(value)
			case "config_values":
				values = value
			case "config_sensitive":
				sensitive = value
			case "lifecycle_action_trigger":
				triggers++
				for name, value := range members(value) {
					switch text, _ := word(value); name {
					case "triggering_resource_address":
						i.Trigger = text
					case "action_trigger_event":
						i.Event = event(text)
					}
				}
			case "invoke_action_trigger":
				triggers++
			}
		}
		r.secrets.marked(values, sensitive)
		if !terraform.IsAction(i.Address) || triggers != 1 {
			r.problem("can't interpret an action that it would invoke: %s", i.Address)
		}
		r.plan.Invocations = append(r.plan.Invocations, i)
		return nil
	})
}

// event returns the words for an event such as "AfterCreate": "after create".
func event(name string) clean.Text {
	for _, when := range []string{"Before", "After"} {
		if what, ok := strings.CutPrefix(name, when); ok && what != "" {
			return clean.Line(strings.ToLower(when + " " + what))
		}
	}
	return clean.Line(name)
}

// unknown reads a part that isn't known. Unless it is empty, what it does can't be
// judged: action_invocations came without a new version of the format.
func (r *reader) unknown(name string) error {
	empty := true
	var err error
	switch r.in.dec.PeekKind() {
	case 'n':
		err = r.in.dec.SkipValue()
	case '{':
		_, err = r.in.object(func(string) error { empty = false; return r.in.dec.SkipValue() })
	case '[':
		_, err = r.in.array(func() error { empty = false; return r.in.dec.SkipValue() })
	default:
		var raw []byte
		raw, err = r.in.dec.ReadValue()
		empty = string(raw) == `""`
	}
	if err == nil && !empty {
		r.problem("it has an unknown part: %s", name)
	}
	return err
}

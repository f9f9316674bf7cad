package exact

import (
	"bytes"

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
			r.problem("what would become of the output %s is not understood", name)
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

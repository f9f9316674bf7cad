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

// state searches prior_state for a managed resource. It has data sources even if there
// is no state yet, and is missing if the state is empty.
func (r *reader) state() error {
	r.mustBe('{', "prior_state", "object")
	return r.in.find(func() error {
		return r.module(func(raw []byte) {
			for name, value := range members(raw) {
				if name == "mode" {
					mode, _ := word(value)
					r.managed = mode == "managed"
					return
				}
			}
		})
	}, "values", "root_module")
}

// planned skips planned_values, because resource_changes say more.
func (r *reader) planned() error {
	return r.in.find(func() error { return r.module(func([]byte) {}) }, "root_module")
}

// module calls resource for the resources of a module and its child modules, until
// one of them is managed.
func (r *reader) module(resource func(raw []byte)) error {
	_, err := r.in.object(func(name string) error {
		var err error
		switch name {
		case "resources":
			_, err = r.in.array(func() error {
				raw, err := r.in.dec.ReadValue()
				if err == nil && !r.managed {
					resource(raw)
				}
				return err
			})
		case "child_modules":
			_, err = r.in.array(func() error { return r.module(resource) })
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

// configuration reads which of the root module's variables are sensitive.
func (r *reader) configuration() error {
	if r.secrets.tell == nil {
		return r.in.dec.SkipValue()
	}
	r.mustBe('{', "configuration", "object")
	return r.in.find(func() error {
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
	}, "root_module", "variables")
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

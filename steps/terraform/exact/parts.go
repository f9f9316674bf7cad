package exact

import (
	"bytes"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// outputs reads output_changes.
func (r *reader) outputs() error {
	return r.object("output_changes", func(name string) error {
		raw, _, err := r.in.value()
		if err != nil {
			return err
		}
		f, ok := readChangeFields(raw)
		r.secrets.change(f)
		o := terraform.Output{Name: clean.Line(name), Sensitive: marks(f.beforeSensitive) || marks(f.afterSensitive)}
		o.Action, _, _ = classify(f.actions)
		switch {
		case !ok:
			o.Action = terraform.Unclear
		case o.Action == nothing && same(f.before, f.after):
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

// state looks in prior_state for a managed resource; data sources are in it also
// where there is no state yet. The part is missing where the state is empty.
func (r *reader) state() error {
	return r.object("prior_state", func(name string) error {
		if name != "values" {
			return r.in.skip()
		}
		_, err := r.in.object(func(name string) error {
			if name != "root_module" {
				return r.in.skip()
			}
			return r.module()
		})
		return err
	})
}

// module looks for a managed resource in a module of the state.
func (r *reader) module() error {
	if r.managed {
		return r.in.skip()
	}
	_, err := r.in.object(func(name string) error {
		switch {
		case r.managed:
			return r.in.skip()
		case name == "resources":
			_, err := r.in.array(r.resource)
			return err
		case name == "child_modules":
			_, err := r.in.array(r.module)
			return err
		default:
			return r.in.skip()
		}
	})
	return err
}

func (r *reader) resource() error {
	if r.managed {
		return r.in.skip()
	}
	_, err := r.in.object(func(name string) error {
		if name != "mode" {
			return r.in.skip()
		}
		raw, _, err := r.in.value()
		mode, _ := word(raw)
		r.managed = r.managed || mode == "managed"
		return err
	})
	return err
}

// maxVariables is the most of the variables' values that is kept, in bytes. They
// stand before the configuration, which says which of them are sensitive.
const maxVariables = 1 << 20

func (r *reader) variableValues() error {
	if r.secrets.tell == nil {
		return r.in.skip()
	}
	kept := 0
	return r.object("variables", func(name string) error {
		raw, _, err := r.in.value()
		if kept += len(raw); kept > maxVariables {
			r.secrets.untold = true
			return err
		}
		r.variables[name] = bytes.Clone(raw)
		return err
	})
}

// configuration looks for the root module's variables that are sensitive.
func (r *reader) configuration() error {
	if r.secrets.tell == nil {
		return r.in.skip()
	}
	inside := func(part string, f func(name string) error) func(string) error {
		return func(name string) error {
			if name != part {
				return r.in.skip()
			}
			_, err := r.in.object(f)
			return err
		}
	}
	return r.object("configuration", inside("root_module", inside("variables", func(variable string) error {
		raw, _, err := r.in.value()
		for name, value := range members(raw) {
			if string(name) == "sensitive" && marks(value) {
				r.sensitive = append(r.sensitive, variable)
			}
		}
		return err
	})))
}

func (r *reader) tellVariables() {
	for _, name := range r.sensitive {
		for n, value := range members(r.variables[name]) {
			if string(n) == "value" {
				r.secrets.marked(value, []byte("true"))
			}
		}
	}
}

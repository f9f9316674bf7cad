package exact

import (
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

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
			r.problem("an action that it would invoke is not understood: %s", i.Address)
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
		r.problem("it has a part that is not known: %s", name)
	}
	return err
}

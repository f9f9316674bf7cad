package exact

import (
	"bytes"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// leftOut finds what -target or -exclude left out of a plan. Every managed object of
// prior_state is in resource_changes, and so is every managed resource of the
// configuration unless its count is 0 or its for_each is empty. OpenTofu's JSON tells
// in no other way that resources were left out.
type leftOut struct {
	state     []object       // managed objects of the state that weren't in the changes read so far
	resources []staticObject // managed resources of the configuration
}

// object is an object in the state.
type object struct{ address, deposed string }

// staticObject is a resource in the configuration, which has no keys there:
// "module.a.aws_instance.b".
type staticObject struct {
	address string
	counted bool // it or a module around it may have no instances
}

// stateObject notes a resource of prior_state.
func (r *reader) stateObject(raw []byte) {
	if address, ok := firstAddress(raw); ok && r.managed && !bytes.Contains(raw, []byte(`"deposed_key"`)) {
		if _, seen := r.seen[[2]string{string(address), ""}]; seen {
			return // nearly always
		}
	}
	var o object
	managed := false
	for name, value := range members(raw) {
		switch name {
		case "mode":
			mode, _ := word(value)
			managed = mode == "managed"
		case "address":
			o.address, _ = word(value)
		case "deposed_key":
			o.deposed, _ = word(value)
		}
	}
	if !managed {
		return
	}
	r.managed = true
	if _, seen := r.seen[[2]string{o.address, o.deposed}]; !seen {
		r.left.state = append(r.left.state, o)
	}
}

// firstAddress returns the address of an object that begins with a plain one.
func firstAddress(raw []byte) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(raw, []byte(`{"address":"`))
	end := bytes.IndexByte(rest, '"')
	if !ok || end < 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return nil, false
	}
	return rest[:end], true
}

// configuredModule notes the managed resources of a module in the configuration and of
// those that it calls. prefix is the module's address, with a dot behind it.
func (r *reader) configuredModule(prefix string, counted bool, depth int) error {
	const most = 100 // levels of modules
	if depth == most {
		r.problem("the configuration's modules are nested too deep")
		return r.in.dec.SkipValue()
	}
	_, err := r.in.object(func(name string) error {
		switch {
		case name == "resources":
			_, err := r.in.array(func() error {
				raw, err := r.in.dec.ReadValue()
				if err == nil {
					r.configuredResource(raw, prefix, counted)
				}
				return err
			})
			return err
		case name == "module_calls":
			_, err := r.in.object(func(call string) error { return r.moduleCall(prefix+"module."+call+".", counted, depth) })
			return err
		case name == "variables" && prefix == "":
			return r.sensitiveVariables()
		}
		return r.in.dec.SkipValue()
	})
	return err
}

// moduleCall reads a call of a module. Whether the call has count or for_each may only
// follow the module's resources.
func (r *reader) moduleCall(prefix string, counted bool, depth int) error {
	from := len(r.left.resources)
	empty := false
	_, err := r.in.object(func(name string) error {
		switch name {
		case "module":
			return r.configuredModule(prefix, counted, depth+1)
		case "count_expression", "for_each_expression":
			raw, err := r.in.dec.ReadValue()
			n := instancesOf(raw)
			counted, empty = counted || n == unknown, empty || n == none
			return err
		}
		return r.in.dec.SkipValue()
	})
	if empty {
		r.left.resources = r.left.resources[:from]
	}
	for i := from; counted && i < len(r.left.resources); i++ {
		r.left.resources[i].counted = true
	}
	return err
}

// configuredResource notes a resource of the configuration.
func (r *reader) configuredResource(raw []byte, prefix string, counted bool) {
	address, managed, empty := "", false, false
	var expressions []byte
	for name, value := range members(raw) {
		switch name {
		case "address":
			address, _ = word(value)
		case "mode":
			mode, _ := word(value)
			managed = mode == "managed"
		case "count_expression", "for_each_expression":
			n := instancesOf(value)
			counted, empty = counted || n == unknown, empty || n == none
		case "expressions":
			expressions = value
		}
	}
	if names, ok := r.computed[prefix+address]; ok && managed {
		r.unset[prefix+address] = !setsAny(expressions, names)
	}
	if managed && !empty && address != "" {
		r.left.resources = append(r.left.resources, staticObject{prefix + address, counted})
	}
}

// setsAny reports whether the expressions of a resource set any of the attributes.
func setsAny(expressions []byte, names []string) bool {
	for name := range members(expressions) {
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// instances says how many instances the expression of a count or for_each gives.
type instances int

const (
	some    instances = iota
	none              // it is constant, and empty
	unknown           // it isn't constant, and the plan doesn't have its value
)

func instancesOf(expression []byte) instances {
	for name, value := range members(expression) {
		if name != "constant_value" {
			continue
		}
		if string(value) == "0" || (kind(value) == '{' || kind(value) == '[') && len(bytes.Trim(value, "{}[] \t\r\n")) == 0 {
			return none
		}
		return some
	}
	return unknown
}

// tellLeftOut reports what was left out as a problem. It returns whether anything was.
func (r *reader) tellLeftOut() bool {
	before := map[string]bool{}
	static := map[string]bool{}
	for key := range r.seen {
		static[withoutKeys(key[0])] = true
	}
	for _, c := range r.plan.Changes {
		before[c.Previous] = true
		static[withoutKeys(c.Previous)] = true
	}
	var names []string
	for _, o := range r.left.state {
		_, seen := r.seen[[2]string{o.address, o.deposed}]
		if !seen && !(o.deposed == "" && before[o.address]) {
			names = append(names, o.address)
			static[withoutKeys(o.address)] = true // named already
		}
	}
	unsure := 0
	for _, s := range r.left.resources {
		switch {
		case static[s.address]:
		case s.counted:
			unsure++
		default:
			names = append(names, s.address)
		}
	}
	if unsure > 0 {
		r.plan.Warnings = append(r.plan.Warnings, terraform.Warning{
			Title: clean.Linef("%d of the configuration's resources have no instance in the plan: it doesn't say whether their count is 0 or -target left them out", unsure),
			About: terraform.Remark,
		})
	}
	if len(names) == 0 {
		return false
	}
	const most = 5
	more := ""
	if n := len(names) - most; n > 0 {
		names, more = names[:most], clean.Linef(" and %d more", n).String()
	}
	r.plan.Warnings = append(r.plan.Warnings, terraform.Warning{
		Title: clean.Linef("%s%s", strings.Join(names, ", "), more),
		About: terraform.Targeted,
	})
	return true
}

// withoutKeys returns an address without the keys of count and for_each, as the
// configuration has it.
func withoutKeys(address string) string {
	if strings.IndexByte(address, '[') < 0 {
		return address
	}
	a, _ := terraform.ParseAddress(address)
	var b strings.Builder
	for _, module := range a.Modules {
		b.WriteString("module." + module + ".")
	}
	return b.String() + a.Type + "." + a.Name
}

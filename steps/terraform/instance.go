package terraform

import (
	"slices"
	"strings"
	"unicode"
)

// instances are the types that can run a service. Machines are made from
// templates, so a template and a machine aren't two instances.
var (
	instances = newTypeSet(
		"aws_instance", "aws_spot_instance_request", "aws_launch_template", "aws_launch_configuration", "aws_autoscaling_group",
		"google_compute_instance", "google_compute_*instance_template", "google_compute_*instance_group_manager",
		"azurerm_linux_virtual_machine", "azurerm_linux_virtual_machine_scale_set",
	)
	templates = newTypeSet("aws_launch_template", "aws_launch_configuration", "google_compute_*instance_template")
)

// beside are the words that a name may have in addition to the service's: environments,
// and words for a machine.
var beside = []string{
	"this", "main", "default", "instance", "instances", "server", "servers", "ec2", "vm", "asg",
	"prod", "production", "staging", "stage", "dev", "development", "test", "qa", "live",
}

// instance reports whether a change is to the service's instance. For a resource that
// moves, its old address must be that of the instance too, since the object there is
// what would be destroyed. A resource that is imported and replaced at once has no old
// address.
func (p Policy) instance(c Change) bool {
	if c.Imported && c.Action == Replace {
		return false
	}
	if len(p.Instance) == 0 && c.begins() && !instances.has(c.Type) {
		return false // most changes; their addresses need not be parsed
	}
	return p.runs(c.Address) && (c.Previous == "" || p.runs(c.Previous))
}

// runs reports whether the resource at an address runs the service.
func (p Policy) runs(address string) bool {
	if len(p.Instance) > 0 {
		return matches(p.Instance, address)
	}
	a, ok := ParseAddress(address)
	return ok && a.Mode == "managed" && instances.has(a.Type) && isCalled(a, words(p.Service))
}

// isCalled reports whether a resource has the service's name, or is in a module that
// has. A module whose name is only common words counts as the one around it. Keys of
// count and for_each aren't names, but if a name or a key suggests a database, the
// resource isn't the service's.
func isCalled(a Address, service []string) bool {
	modules := a.Modules
	called := isName(words(a.Name), service)
	for i := len(modules) - 1; i >= 0 && !called; i-- {
		called = isName(words(modules[i]), service)
		if !called && !onlyBeside(words(modules[i])) {
			break
		}
	}
	if !called {
		return false
	}
	for _, part := range slices.Concat(modules, []string{a.Name}, a.keys) {
		for _, word := range without(words(part), service) {
			if matches(databaseWords, strings.TrimRight(word, "0123456789")) {
				return false
			}
		}
	}
	return true
}

// words returns the words of a name in lower case.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// isName reports whether a name is the service's, disregarding the words in beside.
func isName(name, service []string) bool {
	at := within(name, service)
	return at >= 0 && onlyBeside(name[:at]) && onlyBeside(name[at+len(service):])
}

func onlyBeside(name []string) bool {
	return !slices.ContainsFunc(name, func(word string) bool { return !slices.Contains(beside, word) })
}

// without returns a name's words without the service's.
func without(name, service []string) []string {
	if at := within(name, service); at >= 0 {
		return slices.Concat(name[:at], name[at+len(service):])
	}
	return name
}

// within returns the index of the service's words in a name, -1 if it doesn't have
// them.
func within(name, service []string) int {
	for at := 0; len(service) > 0 && at+len(service) <= len(name); at++ {
		if slices.Equal(name[at:at+len(service)], service) {
			return at
		}
	}
	return -1
}

// several returns the addresses of the changed resources that may be the service's
// instance, if there is more than one and the policy doesn't name the instance.
func (t *judging) several() []string {
	if len(t.Instance) > 0 {
		return nil
	}
	var machines, patterns []string
	for _, c := range t.plan.Changes {
		switch {
		case c.Action != Update && c.Action != Replace || !t.instance(c):
		case templates.has(c.Type):
			patterns = append(patterns, c.Address)
		default:
			machines = append(machines, c.Address)
		}
	}
	if len(patterns) > len(machines) {
		machines = patterns
	}
	if len(machines) < 2 {
		return nil
	}
	return machines
}

// undecided adds a doubt if more than one resource may be the service's instance.
func (t *judging) undecided() {
	if all := t.several(); len(all) > 0 {
		t.doubt(ruleUncertain, "which of these is the instance of %s is unknown: %s; hint: set instance under [plan] to what runs it", t.name(), list(all))
	}
}

// hint returns how to name a resource as the service's instance, if it is one that could
// run the service and has the service's words in its name or its keys. It is "" for any
// other.
func (t *judging) hint(c Change) string {
	if len(t.Instance) > 0 || !instances.has(c.Type) || t.instance(c) {
		return ""
	}
	a, _ := ParseAddress(c.Address)
	service, called := words(t.Service), false
	for _, part := range slices.Concat(a.Modules, []string{a.Name}, a.keys) {
		called = called || within(words(part), service) >= 0
		for _, word := range without(words(part), service) {
			if matches(databaseWords, strings.TrimRight(word, "0123456789")) {
				return ""
			}
		}
	}
	if !called || strings.Contains(c.Address, "'") {
		return ""
	}
	return "; hint: if it runs " + t.name() + ", set instance = ['" + c.Address + "'] in [plan]"
}

package terraform

import (
	"slices"
	"strings"
	"unicode"
)

// instances are patterns of the types that can run a service. Machines are made from
// templates, so that a template beside a machine isn't a second instance.
var (
	instances = []string{
		"aws_instance", "aws_spot_instance_request", "aws_launch_template", "aws_launch_configuration", "aws_autoscaling_group",
		"google_compute_instance", "google_compute_instance_template", "google_compute_*instance_group_manager",
		"azurerm_linux_virtual_machine", "azurerm_linux_virtual_machine_scale_set",
	}
	templates = []string{"aws_launch_template", "aws_launch_configuration", "google_compute_instance_template"}
)

// beside are the words that a name may have besides the service's: the usual
// environments, and words that only say that it is a machine.
var beside = []string{
	"this", "main", "default", "instance", "instances", "server", "servers", "ec2", "vm", "asg",
	"prod", "production", "staging", "stage", "dev", "development", "test", "qa", "live",
}

// instance reports whether a change is of the service's instance. A resource that
// moves has to have the old address of one too, since that is what would be
// destroyed. One that is imported and replaced at once has no such address yet.
func (p Policy) instance(c Change) bool {
	if c.Imported && c.Action == Replace {
		return false
	}
	for _, address := range c.addresses() {
		if !p.runs(address) {
			return false
		}
	}
	return true
}

// runs reports whether the resource at an address runs the service.
func (p Policy) runs(address string) bool {
	if len(p.Instance) > 0 {
		return matches(p.Instance, address)
	}
	a, ok := ParseAddress(address)
	return ok && a.Mode == "managed" && matches(instances, a.Type) && isCalled(a, words(p.Service))
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

// words are the words of a name, in lower case.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// isName reports whether a name is the service's, but for words that may stand
// beside it.
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

// within returns where the service's words stand in a name, and -1 if nowhere.
func within(name, service []string) int {
	for at := 0; len(service) > 0 && at+len(service) <= len(name); at++ {
		if slices.Equal(name[at:at+len(service)], service) {
			return at
		}
	}
	return -1
}

// several returns the addresses of what would be changed and may be the service's
// instance where there are more of them than one and nobody has named it.
func (t *judging) several() []string {
	if len(t.Instance) > 0 {
		return nil
	}
	var machines, patterns []string
	for _, c := range t.plan.Changes {
		switch {
		case c.Action != Update && c.Action != Replace || !t.instance(c):
		case matches(templates, c.Type):
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

// undecided doubts a plan in which more than one instance may be the service's.
func (t *judging) undecided() {
	if all := t.several(); len(all) > 0 {
		t.doubt(ruleUncertain, "it is not known which of these is the instance of %s: %s; hint: name what runs it in [plan] instance", t.name(), list(all))
	}
}

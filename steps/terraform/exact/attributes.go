package exact

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/steps/terraform"
)

// attributes returns the names of the attributes and blocks of a resource that differ
// before and after a change, in order, with those that aren't known yet.
func attributes(f changeFields) []string {
	before := map[string][]byte{}
	for name, value := range members(f.Before) {
		before[name] = value
	}
	var all []string
	unknown := map[string]bool{}
	for name, mark := range members(f.Unknown) {
		if unknown[name] = marks(mark); unknown[name] {
			all = append(all, name)
		}
	}
	for name, value := range members(f.After) {
		if was := before[name]; !unknown[name] && !same(was, value) {
			all = append(all, name)
		}
		delete(before, name)
	}
	for name, was := range before {
		if !unknown[name] && !absent(was) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// refreshes reports whether an autoscaling group has an instance_refresh, or an ECS
// service force_new_deployment.
func refreshes(kind string, after []byte) bool {
	switch kind {
	case "aws_autoscaling_group":
		for range elements(member(after, "instance_refresh")) {
			return true
		}
	case "aws_ecs_service":
		return string(member(after, "force_new_deployment")) == "true"
	}
	return false
}

// opens returns what a change of a security group or of one of its rules newly lets in
// from anywhere, and whether some of that isn't known yet.
func opens(kind string, f changeFields) (opened []string, isUnknown bool) {
	after := ingress(kind, f.After)
	opened = terraform.Opened(ingress(kind, f.Before), after)
	for name, mark := range members(f.Unknown) {
		switch name {
		case "ingress", "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6":
			isUnknown = isUnknown || marks(mark) && !egress(kind, f.After)
		case "type", "from_port", "to_port", "protocol", "ip_protocol":
			isUnknown = isUnknown || marks(mark) && len(terraform.Opened(nil, after)) > 0
		}
	}
	return opened, isUnknown
}

func egress(kind string, object []byte) bool {
	return kind == "aws_security_group_rule" && string(member(object, "type")) == `"egress"`
}

// ingress returns the rules of a security group that let traffic in, or the one that is a
// resource of its own.
func ingress(kind string, object []byte) []terraform.Ingress {
	if absent(object) || egress(kind, object) {
		return nil
	}
	if kind != "aws_security_group" && kind != "aws_default_security_group" {
		return []terraform.Ingress{ingressRule(object)}
	}
	var all []terraform.Ingress
	for rule := range elements(member(object, "ingress")) {
		all = append(all, ingressRule(rule))
	}
	return all
}

func ingressRule(object []byte) terraform.Ingress {
	var r terraform.Ingress
	for name, value := range members(object) {
		switch name {
		case "protocol", "ip_protocol":
			r.Protocol, _ = word(value)
		case "from_port":
			r.From = string(value)
		case "to_port":
			r.To = string(value)
		case "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6":
			r.Sources = slices.AppendSeq(r.Sources, stringsIn(value))
		}
	}
	return r
}

// payloads returns what a resource runs after a change. It includes what the plan marks
// as sensitive, which is compared and not shown.
func payloads(kind string, f changeFields) []terraform.Payload {
	var all []terraform.Payload
	for _, name := range terraform.PayloadAttributes(kind) {
		before, after := member(f.Before, name), member(f.After, name)
		switch {
		case marks(member(f.Unknown, name)):
			all = append(all, terraform.Payload{Attribute: name, Changed: true, Unknown: true})
		case !absent(after) && (allStrings(after) != "" || !same(before, after)):
			p := terraform.NewPayload(name, allStrings(before), allStrings(after))
			p.Changed = !same(before, after) // also in a number
			p.Sensitive = sensitive(f.BeforeSensitive, name) || sensitive(f.AfterSensitive, name)
			all = append(all, p)
		}
	}
	return all
}

// sensitive reports whether a mark of a resource covers any of an attribute.
func sensitive(mark []byte, name string) bool {
	return kind(mark) == 't' || marks(member(mark, name))
}

// member returns the value with a name in an object, nil if there is none.
func member(object []byte, name string) []byte {
	for n, value := range members(object) {
		if n == name {
			return value
		}
	}
	return nil
}

func allStrings(value []byte) string {
	return strings.Join(slices.Collect(stringsIn(value)), "\n")
}

// noise returns how the two sides of an update differ if that changes nothing that is
// known to matter, 0 if anything else differs. computed are the attributes that aren't
// known yet, which count only if the configuration doesn't set them.
func noise(f changeFields) (n terraform.Noise, computed []string) {
	if (marks(f.BeforeSensitive) || marks(f.AfterSensitive)) && !same(f.BeforeSensitive, f.AfterSensitive) {
		return 0, nil
	}
	before, unknown := map[string][]byte{}, map[string]bool{}
	for name, value := range members(f.Before) {
		before[name] = value
	}
	for name, mark := range members(f.Unknown) {
		switch {
		case kind(mark) == 't':
			n, computed, unknown[name] = n|terraform.Computed, append(computed, name), true
		case marks(mark):
			return 0, nil // a part of something, which may be configured
		}
	}
	for name, value := range members(f.After) {
		was := before[name]
		delete(before, name)
		if unknown[name] || same(was, value) {
			continue
		}
		less := idle(was, value, maxLevels)
		if less == 0 || sensitive(f.AfterSensitive, name) {
			return 0, nil
		}
		n |= less
	}
	for name, was := range before {
		if !unknown[name] && !absent(was) {
			return 0, nil
		}
	}
	return n, computed
}

// idle returns how two values differ, down to a number of levels, if that changes nothing
// that is known to matter. It returns 0 if anything else differs, or nothing.
func idle(was, is []byte, levels int) (n terraform.Noise) {
	switch k := kind(was); {
	case levels == 0 || k != kind(is):
		return 0
	case k == '"':
		if document(was) != nil && bytes.Equal(document(was), document(is)) {
			return terraform.Respelled
		}
		return 0
	case k == '[':
		olds, news := slices.Collect(elements(was)), slices.Collect(elements(is))
		if len(olds) != len(news) {
			return 0
		}
		if reordered(canonicals(olds), canonicals(news)) {
			return terraform.Reordered
		}
		for i := range olds {
			if !alike(&n, olds[i], news[i], levels) {
				return 0
			}
		}
	case k == '{':
		olds := map[string][]byte{}
		for name, value := range members(was) {
			olds[name] = value
		}
		for name, value := range members(is) {
			if old, ok := olds[name]; !ok || !alike(&n, old, value, levels) {
				return 0
			}
			delete(olds, name)
		}
		if len(olds) > 0 {
			return 0
		}
	}
	return n
}

// alike adds how two parts of a value differ. It returns false if that may matter.
func alike(n *terraform.Noise, was, is []byte, levels int) bool {
	if same(was, is) {
		return true
	}
	part := idle(was, is, levels-1)
	*n |= part
	return part != 0
}

// canonicals returns values in canonical form.
func canonicals(values [][]byte) []string {
	all := make([]string, len(values))
	for i, v := range values {
		value := jsontext.Value(bytes.Clone(v))
		_ = canonical(&value) // it is valid
		all[i] = string(value)
	}
	return all
}

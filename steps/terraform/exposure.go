package terraform

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
)

// HasIngress reports whether a resource type says which sources may reach a network
// interface: a security group of AWS, or one of its rules.
// (registry.terraform.io/providers/hashicorp/aws: aws_security_group, "ingress";
// aws_security_group_rule, "type"; aws_vpc_security_group_ingress_rule, "cidr_ipv4".)
func HasIngress(kind string) bool {
	switch kind {
	case "aws_security_group", "aws_default_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule":
		return true
	}
	return false
}

// Ingress is a rule that lets traffic in.
type Ingress struct {
	Protocol string   // as it is written: "tcp", "6", or "-1" for any
	From, To string   // the ports, in digits; empty for all
	Sources  []string // as CIDRs
}

// Opened returns what the rules after a change let in from anywhere, and those before it
// did not: "tcp 22 from 0.0.0.0/0".
func Opened(before, after []Ingress) []string {
	var all []string
	for _, rule := range after {
		for _, source := range rule.Sources {
			six, anywhere := Anywhere(source)
			wasOpen := slices.ContainsFunc(before, func(was Ingress) bool {
				return was.spans(rule) && slices.ContainsFunc(was.Sources, func(source string) bool {
					alike, anywhere := Anywhere(source)
					return anywhere && alike == six
				})
			})
			if anywhere && !wasOpen {
				all = append(all, rule.ports()+" from "+source)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Anywhere reports whether a CIDR stands for the whole Internet or a large part of it,
// and whether it is of IPv6. The parts count because two halves are a whole: only the
// networks that are private by RFC 1918 and RFC 4193 may be that large.
func Anywhere(cidr string) (six, anywhere bool) {
	const largest, largest6 = 8, 16 // bits
	prefix, err := netip.ParsePrefix(strings.TrimSpace(cidr))
	if err != nil {
		return false, false
	}
	address, bits := prefix.Addr(), prefix.Bits()
	if address.Is4() {
		return false, bits < largest
	}
	return true, bits < largest6 && !(bits >= 7 && address.IsPrivate())
}

// spans reports whether a rule lets in the protocol and the ports of another.
func (r Ingress) spans(other Ingress) bool {
	if r.protocol() == anyProtocol {
		return true
	}
	from, to, all := r.span()
	otherFrom, otherTo, otherAll := other.span()
	return r.protocol() == other.protocol() && (all || !otherAll && from <= otherFrom && otherTo <= to)
}

// anyProtocol is what AWS writes for all protocols.
const anyProtocol = "-1"

// protocol returns the name of the protocol (IANA, "Assigned Internet Protocol Numbers").
func (r Ingress) protocol() string {
	switch p := strings.ToLower(r.Protocol); p {
	case "all", "":
		return anyProtocol
	case "6":
		return "tcp"
	case "17":
		return "udp"
	default:
		return p
	}
}

func (r Ingress) span() (from, to int, all bool) {
	from, errFrom := strconv.Atoi(r.From)
	to, errTo := strconv.Atoi(r.To)
	return from, to, errFrom != nil || errTo != nil || from < 0
}

func (r Ingress) ports() string {
	from, to, all := r.span()
	switch protocol := r.protocol(); {
	case protocol == anyProtocol:
		return "everything"
	case all:
		return protocol
	case from == to:
		return fmt.Sprintf("%s %d", protocol, from)
	default:
		return fmt.Sprintf("%s %d-%d", protocol, from, to)
	}
}

// exposures adds a finding for each change that lets traffic in from anywhere. It blocks
// unless a rule allows the change by its type or address: a deployment opens no ports.
func (t *judging) exposures() {
	for _, c := range t.plan.Changes {
		if len(c.Opens) == 0 && !c.OpensUnknown {
			continue
		}
		f := Finding{Rule: ruleExposed, Address: clean.Line(c.Address), Actions: c.Actions(), Blocks: true}
		pattern, allowed := t.allowsOpening(c)
		switch {
		case allowed:
			f.Rule, f.Blocks = ruleAllowed, false
			f.Text = clean.Linef("%s would let traffic in, which the settings allow for %s", c.Address, pattern)
			t.notes = append(t.notes, f)
		case len(c.Opens) > 0:
			f.Text = clean.Linef("%s would let in %s; hint: name it in [[plan.allow]] if that is intended", c.Address, list(c.Opens))
			t.forbidden = append(t.forbidden, f)
		case c.Action == Create && (c.Type == "aws_security_group" || c.Type == "aws_default_security_group"):
			// Without rules of its own, they are always unknown.
			f.Rule, f.Blocks, f.Text = ruleWarning, false, clean.Linef("%s may let traffic in: its rules are known only after the apply", c.Address)
			t.notes = append(t.notes, f)
		default:
			f.Text = clean.Linef("the plan does not show which traffic %s would let in", c.Address)
			t.doubts = append(t.doubts, f)
		}
	}
}

// allowsOpening reports whether a rule allows a change that opens ports. Like one for a
// database it must spell the type, or a pattern for anything would allow it.
func (t *judging) allowsOpening(c Change) (pattern string, ok bool) {
	i := slices.IndexFunc(t.Allow, func(r Rule) bool {
		return r.covers(string(c.Action), c.Address) && r.within(c, string(c.Action)) && r.spells(c.Address, c.Type)
	})
	if i < 0 {
		return "", false
	}
	return t.Allow[i].Address, true
}

package text

import (
	"strings"

	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/terraform"
)

// opens reads what a security group, or a rule of one, lets in. A text hides what stays
// the same, so a source that a change adds counts as new, whatever was open before.
type opens struct {
	within  string   // the attribute whose nested lines follow, or ""
	sources []string // those anywhere that are added
	hides   bool     // a source isn't shown
	widens  bool     // the ports, the protocol or the direction change, perhaps for sources that stay
	out     bool     // the rule is for traffic that leaves
}

var cidr = pattern.Lazy(`"([0-9a-fA-F.:]+/[0-9]+)"`)

// line reads a line outside of a multi-line text, from the name of its attribute on. What
// is nested in nothing that is known is taken for a source.
func (o *opens) line(l bodyLine, line string) {
	attribute := o.within
	if l.column == attributeColumn {
		attribute, o.within = l.name, ""
		if strings.HasSuffix(line, "[") || strings.HasSuffix(line, "{") {
			o.within = l.name
		}
	}
	switch attribute {
	case "", "ingress", "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6":
		o.source(l.mark, line)
	case "from_port", "to_port", "protocol", "ip_protocol":
		o.widens = o.widens || l.mark != ""
	case "type":
		o.widens, o.out = o.widens || l.mark != "", strings.HasSuffix(line, `"egress"`)
	}
}

func (o *opens) source(mark, line string) {
	o.hides = o.hides || mark != "-" && (strings.Contains(line, "(known after apply)") || strings.Contains(line, "(sensitive value)"))
	if _, after, two := outsideQuotes(line, " -> "); two {
		line = after
	} else if mark == "-" {
		return
	}
	for _, m := range cidr().FindAllStringSubmatch(line, -1) {
		if _, anywhere := terraform.Anywhere(m[1]); anywhere && mark != "" {
			o.sources = append(o.sources, "traffic from "+m[1])
		}
	}
}

// of returns what a change newly lets in from anywhere, and whether the text hides some.
func (o *opens) of(c terraform.Change) (opened []string, isUnknown bool) {
	switch {
	case !terraform.HasIngress(c.Type), o.out && c.Type == "aws_security_group_rule":
		return nil, false
	case c.Action != terraform.Create && c.Action != terraform.Update && c.Action != terraform.Replace && !c.Creates:
		return nil, false
	}
	return o.sources, o.hides || o.widens && c.Action != terraform.Create
}

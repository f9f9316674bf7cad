package text

import (
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/steps/terraform"
)

// payload reads the attributes that say what a resource runs.
type payload struct {
	names []string
	all   []terraform.Payload

	open          string // the attribute whose lines are being read, or ""
	before, after []string
	hides         bool // lines are left out
}

// begin reads the line in which an attribute of the resource begins. Of a value that
// isn't one string, a text hides what stays the same.
func (p *payload) begin(name, mark, value string) {
	p.open = ""
	if !slices.Contains(p.names, name) || mark == "-" {
		return
	}
	before, after, two := outsideQuotes(value, " -> ")
	if !two {
		before, after = "", value
		if mark == "" {
			before = value
		}
	}
	was, errWas := strconv.Unquote(before)
	is, errIs := strconv.Unquote(after)
	switch {
	case value == opensText:
		p.open, p.before, p.after, p.hides = name, nil, nil, false
	case after == "null":
	case after == "(known after apply)":
		p.all = append(p.all, terraform.Payload{Attribute: name, Changed: true, Unknown: true})
	case errIs != nil || before != "" && before != "null" && errWas != nil:
		p.all = append(p.all, terraform.Payload{Attribute: name, Changed: true, Hidden: true})
	default:
		p.all = append(p.all, terraform.NewPayload(name, was, is))
	}
}

// shows reads a difference within the value of an attribute that isn't one string.
func (p *payload) shows(name string, e terraform.Edit) {
	if n := len(p.all) - 1; n >= 0 && p.all[n].Attribute == name && p.all[n].Hidden {
		p.all[n].Shown = append(p.all[n].Shown, e)
	}
}

// line reads a line of a text.
func (p *payload) line(mark, text string) {
	if p.open == "" {
		return
	}
	p.hides = p.hides || strings.HasPrefix(text, "# (") && strings.Contains(text, "unchanged line")
	if mark != "+" {
		p.before = append(p.before, text)
	}
	if mark != "-" {
		p.after = append(p.after, text)
	}
}

// end reads the line that ends a text, without its indentation and "EOT".
func (p *payload) end(rest string) {
	if p.open == "" {
		return
	}
	one := terraform.NewPayload(p.open, strings.Join(p.before, "\n"), strings.Join(p.after, "\n"))
	switch {
	case rest == " -> (known after apply)":
		one = terraform.Payload{Attribute: p.open, Changed: true, Unknown: true}
	case rest != "" || p.hides:
		one = terraform.Payload{Attribute: p.open, Changed: true, Hidden: true}
	}
	p.all = append(p.all, one)
	p.open = ""
}

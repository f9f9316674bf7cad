package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
)

// checkPlan returns an error for a rule about plans that can never match anything, and
// for a word or a duration that doesn't mean anything.
// s is what data was decoded into.
func checkPlan(path string, data []byte, s steps.Settings) error {
	for list, rules := range map[string][]steps.PlanRule{"allow": s.Plan.Allow, "forbid": s.Plan.Forbid} {
		for i, rule := range rules {
			if rule.Address == "" || len(rule.Actions) == 0 {
				return fmt.Errorf("%s:%d: a rule of plan.%s needs an address and actions; hint: for example address = \"aws_route53_record.*\" and actions = [\"replace\"]",
					path, ruleLine(data, list, i), list)
			}
			if err := terraform.CheckAttributes(terraform.Rule(rule), list == "allow"); err != nil {
				return fmt.Errorf("%s:%d: %w", path, ruleLine(data, list, i), err)
			}
		}
	}
	for _, value := range textValues(data) {
		var err error
		switch value.key {
		case "plan.instance", "plan.allow.address", "plan.forbid.address":
			err = terraform.CheckAddress(value.text)
		case "plan.allow.actions", "plan.forbid.actions":
			err = terraform.CheckAction(value.text)
		case "plan.apply":
			err = steps.CheckApply(value.text)
		case "airflow.settling":
			err = steps.CheckWait(value.text)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, value.line(), err)
		}
	}
	return checkPlainHTTP(path, data, s)
}

func checkPlainHTTP(path string, data []byte, s steps.Settings) (err error) {
	if !s.Image.PlainHTTP {
		return nil
	}
	if err = steps.CheckPlainHTTP(s.Image.Reference); err == nil {
		return nil
	}
	line := 0
	eachKey(data, func(p *unstable.Parser, key []string, e *unstable.Node) {
		if whole := strings.Join(key, "."); e.Kind == unstable.KeyValue && (whole == "image.plain_http" || whole == "image") {
			it := e.Key()
			it.Next()
			line = p.Shape(it.Node().Raw).Start.Line
		}
	})
	return fmt.Errorf("%s:%d: %w", path, line, err)
}

// textValue is a string somewhere below [plan] or [airflow].
type textValue struct {
	key  string // of all tables and lists around it, with dots
	text string
	line func() int // looks through the file for it
}

// textValues returns the strings of all lists and tables that begin with "plan" or
// "airflow".
func textValues(data []byte) []textValue {
	var all []textValue
	eachKey(data, func(p *unstable.Parser, key []string, e *unstable.Node) {
		if e.Kind == unstable.KeyValue && (key[0] == "plan" || key[0] == "airflow") {
			all = appendStrings(all, p, key, e.Value())
		}
	})
	return all
}

func appendStrings(all []textValue, p *unstable.Parser, key []string, v *unstable.Node) []textValue {
	switch v.Kind {
	case unstable.String:
		at := v.Raw
		return append(all, textValue{strings.Join(key, "."), string(v.Data), func() int { return p.Shape(at).Start.Line }})
	case unstable.Array:
		for it := v.Children(); it.Next(); {
			all = appendStrings(all, p, key, it.Node())
		}
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			all = appendStrings(all, p, append(slices.Clone(key), words(it.Node())...), it.Node().Value())
		}
	}
	return all
}

// ruleLine returns the line in which the rule with that index begins: that of its
// [[plan.allow]] or, for an inline list, that of the list's key.
func ruleLine(data []byte, list string, index int) int {
	line, tables := 1, 0
	eachKey(data, func(p *unstable.Parser, key []string, e *unstable.Node) {
		it := e.Key()
		it.Next()
		at := p.Shape(it.Node().Raw).Start.Line
		whole := strings.Join(key, ".")
		switch {
		case e.Kind == unstable.ArrayTable && whole == "plan."+list:
			if tables == index {
				line = at
			}
			tables++
		case e.Kind == unstable.KeyValue && (whole == "plan."+list || whole == "plan"):
			line = at
		}
	})
	return line
}

// eachKey calls f for every table heading and every key of a file. The key includes
// the heading above it.
func eachKey(data []byte, f func(p *unstable.Parser, key []string, e *unstable.Node)) {
	var p unstable.Parser
	p.Reset(data)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = words(e)
			f(&p, table, e)
		case unstable.KeyValue:
			f(&p, slices.Concat(table, words(e)), e)
		}
	}
}

// words returns the parts of a node's key.
func words(e *unstable.Node) []string {
	var all []string
	for it := e.Key(); it.Next(); {
		all = append(all, string(it.Node().Data))
	}
	return all
}

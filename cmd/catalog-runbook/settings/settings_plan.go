package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/dags"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/triage"
	terminal "catalog-runbook/tui/notify"
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
	if port := s.Postgres.Port; port < 0 || port > 65535 {
		return fmt.Errorf("%s: postgres.port is %d; hint: PostgreSQL's default port is 5432", path, port)
	}
	for i, rule := range s.Triage {
		if rule.As == "" || rule.Files == "" {
			return fmt.Errorf("%s: rule %d of triage needs as and files; hint: for example as = \"image\" and files = \"api/Dockerfile\"", path, i+1)
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
		case "image.tag":
			err = steps.CheckMapping(value.text)
		case "triage.as":
			err = triage.CheckRule(value.text, "*")
		case "triage.files":
			err = triage.CheckRule(string(triage.Neither), value.text)
		case "github.pull_request":
			if value.text != "" {
				err = dags.CheckPull(value.text)
			}
		case "postgres.tunnel":
			err = steps.CheckTunnel(value.text)
		case "airflow.url":
			err = checkURL(value.key, value.text, "https://airflow.example.org")
		case "github.api_url":
			err = checkURL(value.key, value.text, github.APIURL)
		case "airflow.settling", "airflow.back_within":
			err = steps.CheckWait(value.text)
		default:
			err = checkWord(value.key, value.text)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, value.line(), err)
		}
	}
	return checkPlainHTTP(path, data, s)
}

// words are the values of the settings that know only some.
var words = map[string][]string{
	"ui.theme": {"auto", "dark", "light", "high-contrast"},
	"ui.color": {"auto", "none", "16", "256", "truecolor"},

	"notify.terminal": terminal.Ways(),
	"notify.events":   notify.Kinds(),
}

// checkWord returns an error if a setting doesn't know a word.
func checkWord(setting, word string) error {
	known := words[setting]
	if known == nil || slices.Contains(known, word) {
		return nil
	}
	return fmt.Errorf("%s can't be %q; hint: write one of %s", setting, clean.Line(word), strings.Join(known, ", "))
}

// checkURL returns an error if text doesn't begin as the address of a web server. What is
// wrong with the rest is found by who asks there, and told by doctor.
func checkURL(setting, text, example string) error {
	_, name, _ := strings.Cut(setting, ".")
	scheme, rest, found := strings.Cut(text, "://")
	switch {
	case found && (scheme == "https" || scheme == "http"):
		return nil
	case !found:
		rest = text
	}
	if rest == "" || strings.Contains(text, "@") { // there may be a password in it
		return fmt.Errorf("%s isn't a web address; hint: write it like %s = %q", setting, name, example)
	}
	return fmt.Errorf("%s is %q, which isn't a web address; hint: write %s = %q", setting, clean.Line(text), name, "https://"+clean.Line(rest).String())
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

// textValue is a string somewhere below the tables that have strings to check.
type textValue struct {
	key  string // of all tables and lists around it, with dots
	text string
	line func() int // looks through the file for it
}

// checked are the tables that have strings to check.
var checked = []string{"github", "plan", "image", "airflow", "postgres", "triage", "ui", "notify"}

// textValues returns the strings of those tables.
func textValues(data []byte) []textValue {
	var all []textValue
	eachKey(data, func(p *unstable.Parser, key []string, e *unstable.Node) {
		if e.Kind == unstable.KeyValue && slices.Contains(checked, key[0]) {
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
			all = appendStrings(all, p, append(slices.Clone(key), parts(it.Node())...), it.Node().Value())
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
			table = parts(e)
			f(&p, table, e)
		case unstable.KeyValue:
			f(&p, slices.Concat(table, parts(e)), e)
		}
	}
}

// parts returns the parts of a node's key.
func parts(e *unstable.Node) []string {
	var all []string
	for it := e.Key(); it.Next(); {
		all = append(all, string(it.Node().Data))
	}
	return all
}

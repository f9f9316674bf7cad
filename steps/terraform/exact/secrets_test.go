package exact

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

func toldBy(t *testing.T, plan string) ([]string, terraform.Plan) {
	t.Helper()
	var told []string
	p, err := Read(strings.NewReader(plan), Options{Secret: func(s string) { told = append(told, s) }})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(told)
	return told, p
}

func TestMarkedValuesAreTold(t *testing.T) {
	values := func(sides string) string {
		return jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],`+sides)))
	}
	for name, c := range map[string]struct {
		plan string
		want []string
	}{
		"one attribute":        {values(`"before":{"a":"old","b":"open"},"after":{"a":"new","b":"open"},"before_sensitive":{"a":true},"after_sensitive":{"a":true,"b":false}`), []string{"new", "old"}},
		"all of it":            {values(`"after":{"a":"x","b":["y",{"c":"z"}],"d":5},"after_sensitive":true`), []string{"x", "y", "z"}},
		"in a list":            {values(`"after":{"a":["x",{"b":"y","c":"z"}]},"after_sensitive":{"a":[false,{"b":true}]}`), []string{"y"}},
		"escaped":              {values(`"after":{"a":"\u0078\n\"y\""},"after_sensitive":{"\u0061":true}`), []string{"x\n\"y\""}},
		"another structure":    {values(`"after":{"a":"x","b":"y"},"after_sensitive":[true]`), []string{"x", "y"}},
		"no marks":             {values(`"after":{"a":"x"},"after_sensitive":{"b":[]}`), nil},
		"the marks come first": {values(`"after_sensitive":{"a":true},"after":{"a":"x"}`), []string{"x"}},
		"told once":            {values(`"before":{"a":"x"},"after":{"a":"x"},"before_sensitive":true,"after_sensitive":true`), []string{"x"}},
		"of a no-op":           {strings.Replace(values(`"before":"x","before_sensitive":true,"after":"x"`), "update", "no-op", 1), []string{"x"}},
		"of drift":             {strings.Replace(values(`"before":"x","before_sensitive":true`), "resource_changes", "resource_drift", 1), []string{"x"}},
		"of an output":         {jsonPlan(`"output_changes":{"o":{"actions":["update"],"before":"x","after":{"a":"y"},"before_sensitive":false,"after_sensitive":true}}`), []string{"y"}},
		"of a variable":        {jsonPlan(`"variables":{"a":{"value":["x"]},"b":{"value":"y"}},"configuration":{"root_module":{"variables":{"a":{"sensitive":true},"b":{"sensitive":false}}}}`), []string{"x"}},
		"the variable later":   {jsonPlan(`"configuration":{"root_module":{"variables":{"a":{"sensitive":true}}}},"variables":{"a":{"value":"x"}}`), []string{"x"}},
	} {
		if told, p := toldBy(t, c.plan); !slices.Equal(told, c.want) || !p.Complete {
			t.Errorf("%s: told %q, want %q (%q)", name, told, c.want, p.Problems)
		}
	}
}

func TestSecretsThatAreNotToldAreSaid(t *testing.T) {
	many := make([]string, 0, 2*maxSecrets)
	for i := range cap(many) {
		many = append(many, fmt.Sprintf(`"secret-%d"`, i))
	}
	for name, value := range map[string]string{
		"too many":    "[" + strings.Join(many, ",") + "]",
		"too long":    `"` + strings.Repeat("x", maxSecret+1) + `"`,
		"very nested": strings.Repeat("[", 9000) + `"x"` + strings.Repeat("]", 9000),
	} {
		told, p := toldBy(t, jsonPlan(jsonChanges(jsonChange("aws_instance.a", `"actions":["update"],"after":`+value+`,"after_sensitive":true`))))
		if len(told) > maxSecrets || !p.Complete {
			t.Errorf("%s: %d told, %q", name, len(told), p.Problems)
		}
		if said := len(p.Warnings) == 1; said != (name != "very nested") {
			t.Errorf("%s: warnings %+v", name, p.Warnings)
		}
	}
}

package exact

import (
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

// noisePlan is a plan that updates one resource, whose configuration sets some attributes.
func noisePlan(change, expressions string) string {
	return fmt.Sprintf(`{"format_version":"1.2","resource_changes":[{"address":"module.a[0].aws_iam_policy.b[\"x\"]","mode":"managed","type":"aws_iam_policy","name":"b",
		"change":{"actions":["update"],%s}}],"prior_state":{},"configuration":{"root_module":{"module_calls":{"a":{"module":{"resources":[
		{"address":"aws_iam_policy.b","mode":"managed","type":"aws_iam_policy","name":"b","expressions":{%s}}]}}}}},"errored":false,"complete":true}`, change, expressions)
}

func TestNoise(t *testing.T) {
	const (
		reordered = "only the order differs"
		respelled = "the same JSON, written differently"
		computed  = "values known after apply, which the configuration doesn't set"
	)
	for name, c := range map[string]struct{ change, expressions, want string }{
		"another order":               {`"before":{"a":[1,2,3],"b":"x"},"after":{"a":[3,1,2],"b":"x"}`, "", reordered},
		"another order of objects":    {`"before":{"a":[{"b":1,"c":2},{"b":3}]},"after":{"a":[{"b":3},{"c":2,"b":1}]}`, "", reordered},
		"another element":             {`"before":{"a":[22,443,80]},"after":{"a":[100,22,80]}`, "", ""},
		"an element twice":            {`"before":{"a":[1,1,2]},"after":{"a":[1,2,2]}`, "", ""},
		"an element more":             {`"before":{"a":[1]},"after":{"a":[1,1]}`, "", ""},
		"JSON in another order":       {`"before":{"p":"{\"a\":1,\"b\":[1]}"},"after":{"p":"{ \"b\": [1],\n \"a\": 1 }"}`, "", respelled},
		"JSON with another list":      {`"before":{"p":"[1,2]"},"after":{"p":"[2,1]"}`, "", ""},
		"JSON with another number":    {`"before":{"p":"{\"a\":1}"},"after":{"p":"{\"a\":1.0}"}`, "", ""},
		"a text in another spelling":  {`"before":{"p":"a b"},"after":{"p":"a  b"}`, "", ""},
		"a quoted text":               {`"before":{"p":"\"a\""},"after":{"p":" \"a\""}`, "", ""},
		"JSON with a name twice":      {`"before":{"p":"{\"a\":1,\"a\":2}"},"after":{"p":"{\"a\":2,\"a\":2}"}`, "", ""},
		"computed":                    {`"before":{"etag":"x","id":"i"},"after":{"id":"i"},"after_unknown":{"etag":true}`, `"name":{"constant_value":"x"}`, computed},
		"computed and another order":  {`"before":{"etag":"x","a":[1,2]},"after":{"a":[2,1]},"after_unknown":{"etag":true,"a":[false,false]}`, "", reordered + "; " + computed},
		"configured":                  {`"before":{"etag":"x"},"after":{},"after_unknown":{"etag":true}`, `"etag":{"references":["aws_instance.a.id"]}`, ""},
		"a part isn't known":          {`"before":{"a":["x"]},"after":{"a":[null]},"after_unknown":{"a":[true]}`, "", ""},
		"all of it isn't known":       {`"before":{"a":"x"},"after":{},"after_unknown":true`, "", ""},
		"from null":                   {`"before":{"a":null},"after":{"a":[]}`, "", ""},
		"to null":                     {`"before":{"a":"x"},"after":{"a":null}`, "", ""},
		"gone":                        {`"before":{"a":"x"},"after":{}`, "", ""},
		"nothing":                     {`"before":{"a":"x"},"after":{"a":"x"}`, "", ""},
		"another sensitivity":         {`"before":{"a":[1,2]},"after":{"a":[2,1]},"before_sensitive":{},"after_sensitive":{"a":true}`, "", ""},
		"what is sensitive":           {`"before":{"a":[1,2]},"after":{"a":[2,1]},"before_sensitive":{"a":true},"after_sensitive":{"a":true}`, "", ""},
		"another order and a value":   {`"before":{"a":[1,2],"b":1},"after":{"a":[2,1],"b":2}`, "", ""},
		"another kind":                {`"before":{"a":[1]},"after":{"a":{"b":1}}`, "", ""},
		"an order in an object":       {`"before":{"a":{"b":[1,2],"c":1}},"after":{"a":{"b":[2,1],"c":1}}`, "", reordered},
		"an order and a value in it":  {`"before":{"a":{"b":[1,2],"c":1}},"after":{"a":{"b":[2,1],"c":2}}`, "", ""},
		"a name more in an object":    {`"before":{"a":{"b":[1,2]}},"after":{"a":{"b":[2,1],"c":null}}`, "", ""},
		"a name less in an object":    {`"before":{"a":{"b":[1,2],"c":1}},"after":{"a":{"b":[2,1]}}`, "", ""},
		"JSON in a block":             {`"before":{"a":[{"p":"[1]"},{"q":[1,2]}]},"after":{"a":[{"p":"[ 1]"},{"q":[2,1]}]}`, "", reordered + "; " + respelled},
		"JSON in a block, and more":   {`"before":{"a":[{"p":"[1]"},{"q":1}]},"after":{"a":[{"p":"[ 1]"},{"q":2}]}`, "", ""},
		"marks of nothing":            {`"before":{"a":[1,2],"e":[1]},"after":{"a":[2,1]},"after_unknown":{"e":true},"before_sensitive":{"a":[false,false],"e":[false]},"after_sensitive":{"a":[false,false]}`, "", reordered + "; " + computed},
		"the state isn't JSON's null": {`"before":{"p":"null"},"after":{"p":" null"}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, asked := range []bool{true, false} {
				p, err := Read(strings.NewReader(noisePlan(c.change, c.expressions)), Options{Noise: asked})
				if err != nil || len(p.Changes) != 1 {
					t.Fatalf("%v, %+v", err, p)
				}
				want := c.want
				if !asked {
					want = ""
				}
				if got := p.Changes[0].Noise.String(); got != want {
					t.Errorf("asked %v: got %q, want %q (%v)", asked, got, want, p.Problems)
				}
			}
		})
	}
}

// What the configuration sets isn't known if it stands ahead of the changes, or nowhere.
func TestNoiseNeedsTheConfiguration(t *testing.T) {
	plan := noisePlan(`"before":{"etag":"x"},"after":{},"after_unknown":{"etag":true}`, "")
	for _, other := range []string{
		strings.Replace(plan, `"address":"aws_iam_policy.b"`, `"address":"aws_iam_policy.c"`, 1),
		strings.Replace(plan, `"configuration"`, `"relevant_attributes"`, 1),
	} {
		p, err := Read(strings.NewReader(other), Options{Noise: true})
		if err != nil || p.Changes[0].Noise != 0 || p.Changes[0].Action != terraform.Update {
			t.Errorf("%v, %+v", err, p.Changes)
		}
	}
}

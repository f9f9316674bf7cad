package text

import (
	"strings"
	"testing"
)

// TestNoise reads blocks as Terraform 1.11 prints them.
func TestNoise(t *testing.T) {
	const (
		respelled = "      ~ policy = jsonencode( # whitespace changes\n            {\n                a = 1\n            }\n        )\n"
		nested    = "      ~ input  = {\n          ~ p = jsonencode( # whitespace changes\n                {\n                    a = 1\n                }\n            )\n        }\n"
		inBlock   = "      ~ rule {\n          ~ policy = jsonencode( # whitespace changes\n                []\n            )\n            # (1 unchanged attribute hidden)\n        }\n"
		want      = "the same JSON, written differently"
	)
	for name, c := range map[string]struct{ body, want string }{
		"JSON":                       {respelled, want},
		"JSON in an attribute":       {nested, want},
		"JSON in a block":            {inBlock, want},
		"two":                        {respelled + nested, want},
		"an attribute besides":       {respelled + "      ~ ttl    = 1 -> 2\n", ""},
		"a value that isn't known":   {respelled + "      ~ etag   = \"a\" -> (known after apply)\n", ""},
		"a text besides":             {respelled + "      ~ data   = <<-EOT\n            ~ p = jsonencode( # whitespace changes\n        EOT\n", ""},
		"a text alone":               {"      ~ data   = <<-EOT\n            ~ p = jsonencode( # whitespace changes\n        EOT\n", ""},
		"JSON that changes":          {"      ~ policy = jsonencode(\n          ~ {\n              ~ a = 1 -> 2\n            }\n        )\n", ""},
		"JSON that is added":         {"      + policy = jsonencode( # whitespace changes\n            []\n        )\n", ""},
		"a value that says the same": {"      ~ policy = \"a\" -> \"jsonencode( # whitespace changes\"\n", ""},
		"an element":                 {respelled + "      ~ ports  = [\n          - 1,\n        ]\n", ""},
		"a block that goes":          {respelled + "      - rule {\n          - a = 1 -> null\n        }\n", ""},
		"nothing":                    {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Read(strings.NewReader("Terraform will perform the following actions:\n\n  # aws_iam_policy.a will be updated in-place\n  ~ resource \"aws_iam_policy\" \"a\" {\n        id     = \"x\"\n" +
				c.body + "    }\n\nPlan: 0 to add, 1 to change, 0 to destroy.\n"))
			if err != nil || len(p.Changes) != 1 {
				t.Fatalf("%v, %+v", err, p)
			}
			if got := p.Changes[0].Noise.String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

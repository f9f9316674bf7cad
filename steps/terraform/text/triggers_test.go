package text

import (
	"strings"
	"testing"
)

func TestTriggers(t *testing.T) {
	tests := map[string]struct{ block, want string }{
		"an attribute":       {`      ~ a = "1" -> "2" # forces replacement`, "a"},
		"what says so":       {`      ~ a = "1" -> "2 # forces replacement"`, ""},
		"a line that does":   {"      ~ a = <<-EOT\n          + b = 1 # forces replacement\n        EOT", ""},
		"of several lines":   {"      ~ a = <<-EOT # forces replacement\n            EOT\n          + b = 1 # forces replacement\n        EOT\n      ~ c = 1 -> 2 # forces replacement", "a c"},
		"two of them":        {"      ~ a = <<-EOT # forces replacement\n            x\n        EOT -> <<-EOT\n          + b = 1 # forces replacement\n        EOT\n      ~ c = 1 -> 2 # forces replacement", "a c"},
		"a list":             {"      ~ a = [ # forces replacement\n          ~ \"b\" -> \"c\",\n        ]", "a"},
		"below a list":       {"      ~ a = [\n          ~ {\n              ~ b = 1 -> 2 # forces replacement\n            },\n        ]", "a.b"},
		"a block":            {"      ~ disk {\n          ~ size = 1 -> 2 # forces replacement\n        }\n      ~ disk { # forces replacement\n        }", "disk.size disk"},
		"a block with a key": {"      ~ disk \"root\" {\n          ~ size = 1 -> 2 # forces replacement\n        }", "disk.size"},
		"a map":              {"      ~ tags = {\n          ~ \"Name\" = 1 -> 2 # forces replacement\n          ~ \"a b\" = 1 -> 2 # forces replacement\n        }", `tags.Name tags["a b"]`},
		"JSON":               {"      ~ a = jsonencode(\n          ~ {\n              ~ b = 1 -> 2\n            } # forces replacement\n        )", "a"},
		"JSON's spaces":      {"      ~ a = jsonencode( # whitespace changes force replacement\n            {}\n        )", "a"},
		"beside a comment":   {"      # a = 1 # forces replacement\n        # (1 unchanged attribute hidden)", ""},
		"nobody knows what":  {"      ~ ?! # forces replacement", "(the whole resource)"},
	}
	for name, test := range tests {
		var forces triggers
		for line := range strings.SplitSeq(test.block, "\n") {
			forces.line(line)
		}
		var got []string
		for _, path := range forces.found {
			got = append(got, path.String())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

package text

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
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
		var b block
		for line := range strings.SplitSeq(test.block, "\n") {
			b.line(line)
		}
		var got []string
		for _, path := range b.triggers {
			got = append(got, path.String())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// The text of a value cannot pass for an attribute.
func TestTextIdentityIsTheResourcesOwn(t *testing.T) {
	const own = "      ~ id          = \"i-a\" -> (known after apply)"
	for _, test := range []struct {
		body []string
		want string
	}{
		{[]string{own}, "i-a"},
		{[]string{"      ~ id = \"i-a\" -> null # forces replacement"}, "i-a"},
		{[]string{own, "          ~ id = \"i-b\" -> (known after apply)", "            id = \"i-c\" -> x"}, "i-a"},
		{[]string{own, "      ~ id          = \"i-b\" -> (known after apply)"}, ""},
		{[]string{"        id          = \"i-a\""}, ""},
		{[]string{"      ~ id          = (sensitive value)"}, ""},
		{[]string{"      ~ id          = \"i a\" -> (known after apply)"}, ""},
		{[]string{"      + id          = \"i-a\" -> x"}, ""},
	} {
		var b block
		for _, line := range test.body {
			b.line(line)
		}
		got := ""
		if all := b.identified(); len(all) == 1 && all[0].Attribute == "id" {
			got = all[0].Value
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.body, got, test.want)
		}
	}
}

// TestBodyLine compares parseBodyLine with the regular expression that says what a line
// between the braces is.
func TestBodyLine(t *testing.T) {
	form := regexp.MustCompile(`^( *)([-+~] )?(?:([\pL_][\pL\pN_-]*|"(?:[^"\\]|\\.)*") *( = | \{| "))?(.*)$`)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{" ", "  ", "      ", "-", "+ ", "~ ", "-/+ ", "name", "größe_2", "_a-b", "9", `"`, `\`, `"a key"`, `"\"`, "=", " = ", " {", "{", "}", "# ", "-> ", "\xff", "é", "²"}), 0, 8).Draw(t, "parts")
		line := strings.Join(parts, "")
		m := form.FindStringSubmatch(line)
		want := bodyLine{column: len(m[1] + m[2]), mark: strings.TrimSpace(m[2]), name: m[3], rest: m[5]}
		if got := parseBodyLine(line); got != want {
			t.Fatalf("%q: got %+v, want %+v", line, got, want)
		}
	})
}

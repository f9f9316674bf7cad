package terraform

import (
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"aws_instance.a", "aws_instance.a", true},
		{"aws_instance.a", "aws_instance.a[0]", false},
		{"aws_instance.a", "module.m.aws_instance.a", false},
		{"aws_instance.a[*]", `aws_instance.a["x.y"]`, true},
		{"aws_instance.a[*]", "aws_instance.ab", false},
		{"*", "", true},
		{"module.*.aws_instance.*", `module.m["a"].module.n.aws_instance.b[1]`, true},
		{"*a*b*", "xxaxxbxx", true},
		{"*a*b", "xxbxxaxx", false},
		{"a**b", "ab", true},
		{"aws_instance.?", "aws_instance.a", false},
		{"", "a", false},
		{"", "", true},
	} {
		if got := glob(test.pattern, test.s); got != test.want {
			t.Errorf("glob(%q, %q) is %v", test.pattern, test.s, got)
		}
	}
	if long := strings.Repeat("a", 20_000); glob(strings.Repeat("*a", 2_000)+"b", long) {
		t.Error("a pattern matches what does not end like it")
	}
}

func TestRuleIsNeverAboutWhatIsNotUnderstood(t *testing.T) {
	rule := Rule{Address: "*", Actions: []string{"*", string(Unclear)}}
	if rule.covers(string(Unclear), "aws_eip.a") || !rule.covers(string(Delete), "aws_eip.a") {
		t.Error("a rule covers what is not understood, or nothing")
	}
}

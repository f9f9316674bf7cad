package text

import "testing"

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
		got := ""
		if all := identities(test.body); len(all) == 1 && all[0].Attribute == "id" {
			got = all[0].Value
		}
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.body, got, test.want)
		}
	}
}

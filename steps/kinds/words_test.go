package kinds

import "testing"

func TestNear(t *testing.T) {
	verbs := []string{"cut", "tag"}
	for text, want := range map[string]bool{
		"Cut a release":            true,
		"cut the new Release.":     true,
		"We cut, then release it":  true,
		"cut release":              true,
		"tag 0123456789 release":   true,
		"tag 0123456789a release":  false, // too far
		"a release is cut":         false,
		"cut a prerelease":         false,
		"cut a release2":           false,
		"cut the releases":         false,
		"shortcut to a release":    false,
		"cutéa release":            false,
		"a release; cut a release": true,
		"CUT A RELEASE":            false,
		"release":                  false,
		"elease":                   false,
		"cut":                      false,
		"":                         false,
		"cut a":                    false,
	} {
		if got := near(text, verbs, 12, "release"); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}

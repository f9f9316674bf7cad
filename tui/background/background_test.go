package background

import "testing"

func TestDark(t *testing.T) {
	for _, c := range []struct {
		theme, colours string
		want           bool
	}{
		{"dark", "0;15", true}, {"light", "15;0", false},
		{"auto", "", true}, {"auto", "15;0", true}, {"auto", "0;15", false}, {"auto", "0;7", false},
		{"auto", "0;default;15", false}, {"auto", "nonsense", true}, {"auto", "7", false},
	} {
		if got := Dark(c.theme, c.colours); got != c.want {
			t.Errorf("Dark(%q, %q) is %v", c.theme, c.colours, got)
		}
	}
}

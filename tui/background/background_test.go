package background

import "testing"

func TestDark(t *testing.T) {
	for colours, want := range map[string]struct{ dark, known bool }{
		"": {true, false}, "15;0": {true, true}, "0;15": {false, true}, "0;7": {false, true}, "15;8": {true, true},
		"0;default;15": {false, true}, "default;default": {true, false}, "nonsense": {true, false}, "7": {false, true},
		"0;11": {true, false}, // a bright color says little
	} {
		if dark, known := Dark(colours); dark != want.dark || known != want.known {
			t.Errorf("Dark(%q) is %v, %v", colours, dark, known)
		}
	}
}

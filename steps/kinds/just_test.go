package kinds

import "testing"

func TestJustArgument(t *testing.T) {
	for name, want := range map[string]bool{
		"prod": true, "catalog-airflow": true, "a.b_c": true, "2": true, "10": true, "2nd": true,
		"": false, "-a": false, "a b": false, "a=b": false, "--set": false,
		"1.10": false, "1e3": false, "0x10": false, "010": false, // the launcher from npm would change them
	} {
		if got := justArgument(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

package terraform

import (
	"strings"
	"testing"
)

func TestShapeOf(t *testing.T) {
	for _, test := range []struct {
		release string
		like    string
		unlike  string
	}{
		{"v1.5.4", "v1.5.3 v10.20.30 v1.5.3-rc1", "1.5.3 v1.5 v1.5.3.1 latest v1.5.x"},
		{"1.5.4", "1.5.3 2.0.0", "v1.5.3 10.0.12.34 13.10 5"},
		{"rel-2026.05.04", "rel-2026.05.03", "2026.05.03 v2026.05.03"},
		{"4f2a9c1d", "4f2a9c1d", "4f2a9c1e 2c26b46b"},
		{"42", "", "42 43"},
		{"main", "", "main latest"},
	} {
		s := shapeOf(test.release)
		for _, w := range strings.Fields(test.like) {
			if !s.is(w) {
				t.Errorf("%s is not like %s", w, test.release)
			}
		}
		for _, w := range strings.Fields(test.unlike) {
			if s.is(w) {
				t.Errorf("%s is like %s", w, test.release)
			}
		}
	}
}

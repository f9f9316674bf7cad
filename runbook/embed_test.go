package runbook

import "testing"

func TestDefaultBelongsToTheCaller(t *testing.T) {
	Default()[0] = 'x'
	if Default()[0] != '#' {
		t.Error("a caller changed the embedded runbook")
	}
}

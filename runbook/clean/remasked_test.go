package clean_test

import (
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
)

func TestRemasked(t *testing.T) {
	const secret = "learned-from-the-plan-1"
	before := clean.Line("the password is <" + secret + ">, and no more")
	if !strings.Contains(before.String(), secret) {
		t.Fatalf("it was known before: %s", before)
	}
	clean.Secret(secret)
	if after := before.Remasked(); strings.Contains(after.String(), secret) || !strings.Contains(after.String(), clean.Mask) || !strings.HasSuffix(after.String(), ">, and no more") {
		t.Errorf("got %s", after)
	}
	if other := clean.Line("nothing of it"); other.Remasked() != other {
		t.Errorf("got %s", other.Remasked())
	}
}

package steps

import (
	"fmt"
	"testing"
	"time"
)

// A result with more evidence than anybody reads says how much it leaves out.
func TestEvidenceHasALimit(t *testing.T) {
	r := NewReport(Input{World: &World{Now: time.Now}})
	for i := range evidenceKept + 7 {
		r.Saw("change", fmt.Sprint(i), "")
	}
	got := r.Failed("no").Evidence
	if len(got) != evidenceKept+1 || got[evidenceKept-1].Value.String() != fmt.Sprint(evidenceKept-1) || got[evidenceKept].Value.String() != "7 more" {
		t.Errorf("%d pieces of evidence, the last of which is %s", len(got), got[len(got)-1].Value)
	}
}

package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"catalog-runbook/runbook"
)

var update = flag.Bool("update", false, "write what the reports are now into testdata")

func TestGolden(t *testing.T) {
	for name, s := range map[string]*story{
		"whole":    tell(t, runbook.Live).whole(),
		"practice": tell(t, runbook.Practice).deployed(),
	} {
		t.Run(name, func(t *testing.T) {
			r := s.make()
			var md bytes.Buffer
			if err := r.Markdown(&md, false); err != nil {
				t.Fatal(err)
			}
			same(t, name+".md", md.Bytes())
			var js bytes.Buffer
			e := json.NewEncoder(&js)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(r); err != nil {
				t.Fatal(err)
			}
			same(t, name+".json", js.Bytes())
		})
	}
}

func same(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was; look at what differs, then run the test with -args -update\n%s", path, got)
	}
}

package help

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write the golden file")

// The page is what it was, whenever and wherever it is made, and groff has nothing to say
// against it.
func TestRoff(t *testing.T) {
	source, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	w := page("catalog-runbook-topic", "7", "A topic", time.Date(2026, 11, 29, 23, 0, 0, 0, time.FixedZone("", -7200)))
	w.out.WriteString(roff(string(source)))
	w.seeAlso("catalog-runbook(1)", "catalog-runbook-keys(7)")
	const golden = "testdata/sample.7"
	if *update {
		if err := os.WriteFile(golden, []byte(w.out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.out.String(); got != string(want) {
		t.Errorf("the page is\n%s\nwant\n%s", got, want)
	}
	if _, err := exec.LookPath("groff"); err != nil {
		t.Skip("groff is not here")
	}
	out, err := exec.Command("groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-P-cbu", golden).CombinedOutput()
	if err != nil || strings.Contains(string(out), "warning") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, line := range []string{"--flag", ".hidden --file", "'quoted' \\", ".This begins with a dot.", `back\slash`, "<https://example.org/a-b>"} {
		if !strings.Contains(string(out), line) {
			t.Errorf("%q is not on the page:\n%s", line, out)
		}
	}
}

func TestUnknown(t *testing.T) {
	var c struct {
		Walk  struct{} `cmd:"" default:"1"`
		Check struct{} `cmd:""`
	}
	parser, err := kong.New(&c, kong.Name("catalog-runbook"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("chekc", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ word, want string }{
		{"check", ""}, {"--check", ""}, {"", ""}, {"./chek", ""}, {"chek.md", ""},
		{"chekc", ""}, // a file
		{"chek", "unknown command or file \"chek\"; hint: did you mean `catalog-runbook check`? `catalog-runbook help` lists"},
		{"settigns", "did you mean `catalog-runbook help settings`?"},
		{"frobnicate", "unknown command or file \"frobnicate\"; hint: `catalog-runbook help` lists"},
	} {
		err := Unknown(parser.Model, []string{tc.word, "DEPLOYMENT.md"})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%q: the error is %v, want %q", tc.word, err, tc.want)
		}
	}
	if err := Unknown(parser.Model, nil); err != nil {
		t.Error(err)
	}
}

package review_test

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/terraform"
	. "catalog-runbook/steps/terraform/review"
)

var update = flag.Bool("update", false, "write the golden files")

var policy = terraform.Policy{Service: "catalog-airflow"}

func fixture(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func opened(t testing.TB, in *os.File) *Plan {
	t.Helper()
	p, err := Open(t.Context(), in, Options{Policy: policy, Lines: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func reportOn(t testing.TB, name string) Report {
	t.Helper()
	p := opened(t, fixture(t, name))
	return Report{Plan: p.Plan, Judgement: terraform.Judge(p.Plan, policy), Counts: "resources: some", Lines: p.Lines}
}

// linesOf are all lines of a plan, as they are shown.
func linesOf(t *testing.T, p *Plan) string {
	t.Helper()
	var b strings.Builder
	for i := range p.Changes {
		lines, printed, err := p.Lines(i)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(printed.String())
		for _, l := range lines {
			b.WriteString(l.String() + "\n")
		}
	}
	return b.String()
}

// A stream is read as its file is, and leaves nothing behind.
func TestOpenStream(t *testing.T) {
	for _, name := range []string{"cloud-deploy.json", "cloud-deploy.txt"} {
		folder := t.TempDir()
		t.Setenv("TMPDIR", folder)
		want := linesOf(t, opened(t, fixture(t, name)))
		out, in, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = io.Copy(in, fixture(t, name))
			in.Close()
		}()
		p := opened(t, out)
		if got := linesOf(t, p); got != want || want == "" {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %v are left", name, err, left)
		}
		out.Close()
	}
}

// The plan may begin anywhere in its file, and below a byte order mark.
func TestOpenAtOffset(t *testing.T) {
	plan, err := io.ReadAll(fixture(t, "cloud-deploy.json"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "plan")
	if err := os.WriteFile(name, append([]byte("a line\n\xef\xbb\xbf"), plan...), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(int64(len("a line\n")), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	p := opened(t, f)
	if got, want := linesOf(t, p), linesOf(t, opened(t, fixture(t, "cloud-deploy.json"))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Once the file is another, its lines would be too.
	if err := os.Chtimes(name, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Lines(0); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("the changed file gives %v", err)
	}
}

func TestOpenIsCanceled(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, out, Options{Lines: true}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// What the plan marks as sensitive is in no format.
func TestSecretsAreMasked(t *testing.T) {
	plan, err := io.ReadAll(fixture(t, "cloud-deploy.json"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "plan")
	marked := strings.Replace(string(plan), `"before_sensitive":{`, `"before_sensitive":{"user_data":true,`, -1)
	if marked == string(plan) {
		t.Fatal("the fixture has another form")
	}
	if err := os.WriteFile(name, []byte(marked), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := opened(t, f)
	got := markdown(t, Report{Plan: p.Plan, Judgement: terraform.Judge(p.Plan, policy), Lines: p.Lines})
	if strings.Contains(got, "v1.5.2") || !strings.Contains(got, "user_data = (sensitive value) -> (sensitive value)") {
		t.Errorf("got\n%s", got)
	}
}

// TestEveryFixture writes every plan that real programs have made in both formats.
func TestEveryFixture(t *testing.T) {
	n := 0
	for _, pattern := range []string{"*.json", "*.txt", "*/*.json", "*/*.txt"} {
		names, err := filepath.Glob(filepath.Join("..", "testdata", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range names {
			name := strings.TrimPrefix(path, filepath.Join("..", "testdata")+string(filepath.Separator))
			p, err := Open(t.Context(), fixture(t, name), Options{Policy: policy, Lines: true})
			if err != nil {
				continue // no plan
			}
			n++
			r := Report{Plan: p.Plan, Judgement: terraform.Judge(p.Plan, policy), Counts: "resources: some", Lines: p.Lines}
			text := markdown(t, r)
			if len(text) > 65_536 || strings.Count(text, "<details>") != strings.Count(text, "</details>") || strings.ContainsRune(text, 0x1b) {
				t.Errorf("%s makes\n%s", name, text)
			}
			for i := range p.Changes {
				if _, _, err := p.Lines(i); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if noise := p.Changes[i].Noise; noise != 0 {
					t.Errorf("%s: %s is noise: %s", name, p.Changes[i].Address, noise)
				}
			}
			for _, line := range annotations(t, r) {
				if !strings.HasPrefix(line, "::") {
					t.Errorf("%s makes the annotation %q", name, line)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d plans were found", n)
	}
}

package checkout

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func diff(t *testing.T, c Checkout) Diff {
	t.Helper()
	d, err := c.Diff(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDiff(t *testing.T) {
	c := repository(t)
	if d := diff(t, c); len(d.Files) != 0 || !d.Text.Empty() {
		t.Errorf("clean: got %+v", d)
	}
	write(t, c, "prod/airflow.tf", "locals {\n  name = \"airflow\"\n  tag  = \"v1.5.3\"\n  size = 3\n}")
	write(t, c, "other.tf", "x = 1\n") // what is removed begins like a header
	write(t, c, "staged.tf", "new\n")
	git(t, c, "add", "staged.tf")
	write(t, c, "untracked é\x1b.tf", "new\n")
	if err := os.Chmod(filepath.Join(c.Dir, ".gitignore"), 0o755); err != nil {
		t.Fatal(err)
	}
	d := diff(t, Checkout{Dir: filepath.Join(c.Dir, "prod")})
	got := map[string]FileState{}
	for _, f := range d.Files {
		got[f.Path] = f.State
	}
	want := map[string]FileState{"prod/airflow.tf": modified, "other.tf": modified, "staged.tf": added,
		"untracked é\x1b.tf": Untracked, ".gitignore": modeChanged}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, f := range d.Files {
		switch f.Path {
		case "prod/airflow.tf":
			want := []Line{{Op: ' ', Text: "locals {"}, {Op: ' ', Text: `  name = "airflow"`}, {Op: '-', Text: `  tag  = "v1.5.2"`},
				{Op: '-', Text: "  size = 3"}, {Op: '-', Text: "}"},
				{Op: '+', Text: `  tag  = "v1.5.3"`}, {Op: '+', Text: "  size = 3"}, {Op: '+', Text: "}", NoEOL: true}}
			// git may match the line in the middle or not: only what changes is compared.
			if len(f.Hunks) != 1 || !containsLine(f.Hunks[0], want[2]) || !containsLine(f.Hunks[0], want[5]) || !containsLine(f.Hunks[0], want[7]) {
				t.Errorf("got %+v", f.Hunks)
			}
		case "other.tf":
			if len(f.Hunks) != 1 || !containsLine(f.Hunks[0], Line{Op: '-', Text: "# -- a comment"}) {
				t.Errorf("got %+v", f.Hunks)
			}
		}
	}
	text := d.Text.String()
	for _, part := range []string{"--- a/prod/airflow.tf", "+  tag  = \"v1.5.3\"", "untracked:"} {
		if !strings.Contains(text, part) {
			t.Errorf("the text misses %q:\n%s", part, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("the text holds an escape")
	}
}

func containsLine(h Hunk, want Line) bool {
	for _, line := range h.Lines {
		if line == want {
			return true
		}
	}
	return false
}

func TestDiffOfUnusualFiles(t *testing.T) {
	c := repository(t)
	write(t, c, "with space.bin", "a\x00b")
	write(t, c, "ta\tb \"q\" é.tf", "a\n-- b\n")
	git(t, c, "add", ".")
	commit(t, c)
	write(t, c, "with space.bin", "a\x00c")
	write(t, c, "ta\tb \"q\" é.tf", "a\n++ b\n")
	if err := os.Remove(filepath.Join(c.Dir, "other.tf")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range diff(t, c).Files {
		got = append(got, f.Path+" "+f.State.String())
	}
	want := []string{"other.tf is deleted", "ta\tb \"q\" é.tf is modified", "with space.bin is binary and changed"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDiffWithoutACommit(t *testing.T) {
	c := repository(t)
	git(t, c, "checkout", "--quiet", "--orphan", "fresh")
	if _, err := c.Diff(context.Background()); err == nil || !strings.Contains(err.Error(), "no commit yet") {
		t.Errorf("got %v", err)
	}
}

func TestParseDiffRefusesWhatItDoesNotKnow(t *testing.T) {
	const head = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n"
	for name, text := range map[string]string{
		"no head":        "@@ -1 +1 @@\n-a\n+b\n",
		"unmerged":       "* Unmerged path x\n",
		"cut off":        head + "@@ -1,3 +1,3 @@\n a\n-b\n",
		"no sign":        head + "@@ -1 +1 @@\na\n",
		"empty line":     head + "@@ -1 +1 @@\n\n",
		"unknown header": head + "what is this\n",
		"huge count":     head + "@@ -1,99999999999999999999 +1 @@\n-a\n+b\n",
	} {
		if files, err := parseDiff(text); err == nil {
			t.Errorf("%s: got %+v", name, files)
		}
	}
}

func TestVersionChange(t *testing.T) {
	const before = "tag  = \"v1.5.2\"\nimage = \"ghcr.io/owner/name:v1.5.2\"\nenvironment = \"prod\"\nother = \"v9.9.9\"\n"
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(before) }
	tests := map[string]struct {
		after  string
		tag    string
		from   string
		reason reason
	}{
		"one place":             {edit(`tag  = "v1.5.2"`, `tag  = "v1.5.3"`), "v1.5.3", "v1.5.2", 0},
		"two places":            {edit("v1.5.2", "v1.5.3"), "v1.5.3", "v1.5.2", 0},
		"back to an older one":  {edit("v1.5.2", "v1.5.1"), "v1.5.1", "v1.5.2", 0},
		"nothing":               {before, "v1.5.3", "", noChange},
		"another tag":           {edit("v1.5.2", "v1.5.4"), "v1.5.3", "", wrongTag},
		"a digit less":          {edit("v1.5.2", "v1.1"), "v1.10", "", wrongTag}, // as numbers they would be equal
		"a longer tag":          {edit("v1.5.2", "v1.5.3-rc1"), "v1.5.3", "", wrongTag},
		"no v any more":         {edit("v1.5.2", "1.5.3"), "v1.5.3", "", wrongTag},
		"a second thing":        {edit("v1.5.2", "v1.5.3", "prod", "dev"), "v1.5.3", "", wrongTag},
		"a second thing beside": {edit(`tag  = "v1.5.2"`, `label = "v1.5.3"`), "v1.5.3", "", otherText},
		"the spaces":            {edit(`tag  = "v1.5.2"`, `tag = "v1.5.3"`), "v1.5.3", "", otherText},
		"the quotes":            {edit(`"v1.5.2"`, `'v1.5.3'`), "v1.5.3", "", otherText},
		"a line more":           {edit(`tag  = "v1.5.2"`, "tag  = \"v1.5.3\"\nmore = 1"), "v1.5.3", "", otherLines},
		"a line less":           {edit("v1.5.2", "v1.5.3", "environment = \"prod\"\n", ""), "v1.5.3", "", otherLines},
		"no end of line":        {strings.TrimSuffix(edit("other = \"v9.9.9\"", "other = \"v1.5.3\""), "\n"), "v1.5.3", "", otherText},
		"two versions":          {edit("v1.5.2", "v1.5.3", "v9.9.9", "v1.5.3"), "v1.5.3", "", mixedBefore},
		"no version before":     {edit("prod", "v1.5.3"), "v1.5.3", "", noVersion},
		"an unusable tag":       {edit("v1.5.2", "v1.5.3"), "release/v1.5.3", "", unusableTag},
		"an empty tag":          {edit("v1.5.2", "v1.5.3"), "", "", unusableTag},
	}
	c := repository(t)
	write(t, c, "v.tf", before)
	git(t, c, "add", ".")
	commit(t, c)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			write(t, c, "v.tf", test.after)
			expectVersion(t, diff(t, c), test.tag, test.from, test.reason)
		})
	}
}

func expectVersion(t *testing.T, d Diff, tag, from string, reason reason) {
	t.Helper()
	change, err := VersionChange(d, tag)
	got := change.From
	if from != "" {
		if err != nil || got != from {
			t.Errorf("got %q, %v; want %q", got, err, from)
		}
		return
	}
	var v *versionError
	if !errors.As(err, &v) || v.Reason != reason || v.Text.Empty() || got != "" {
		t.Errorf("got %q, %v; want %s", got, err, reason)
	}
}

func TestIsVersion(t *testing.T) {
	for token, want := range map[string]bool{
		"v1.5.2": true, "1.5.2": true, "v7": true, "1.10": true, "latest": true, "rel-2023.05.1": true, "catalog-v2": true, "sha-0a1b2c3": true,
		"deadbee": true, "20230501": true, "2023.05.01-rc.1": true,
		"5432": false, "123456789012": false, "10.0.12.34": false, "m5.xlarge": false, "t3.2xlarge": false, "prod": false, "3": false, "abc": false, "vpc-01547b22": false,
	} {
		if got := isVersion(token); got != want {
			t.Errorf("%s: %v", token, got)
		}
	}
	for _, tt := range []struct {
		version, than string
		want          bool
	}{{"v1.5.1", "v1.5.2", true}, {"1.5.1", "v1.5.2", true}, {"v1.5.2", "v1.5.1", false}, {"v1.5.2", "v1.5.2", false}, {"v1.9.0", "v1.10.0", true}, {"latest", "v1.5.2", false}, {"v1.5.1", "20230501", false}} {
		if got := Older(tt.version, tt.than); got != tt.want {
			t.Errorf("%s is older than %s: %v", tt.version, tt.than, got)
		}
	}
}

func TestVersionChangeOfFiles(t *testing.T) {
	bump := func(t *testing.T, c Checkout) {
		write(t, c, "prod/airflow.tf", "locals {\n  name = \"airflow\"\n  tag  = \"v1.5.3\"\n  size = 3\n}\n")
	}
	for name, test := range map[string]struct {
		more func(*testing.T, Checkout)
		from string
	}{
		"nothing else":   {func(*testing.T, Checkout) {}, "v1.5.2"},
		"staged":         {func(t *testing.T, c Checkout) { git(t, c, "add", ".") }, "v1.5.2"},
		"an ignored one": {func(t *testing.T, c Checkout) { write(t, c, "x.tfplan", "x") }, "v1.5.2"},
		"a new one":      {func(t *testing.T, c Checkout) { write(t, c, "x.tf", "tag = \"v1.5.3\"\n") }, ""},
		"a staged one":   {func(t *testing.T, c Checkout) { write(t, c, "x.tf", "x\n"); git(t, c, "add", ".") }, ""},
		"one gone":       {func(t *testing.T, c Checkout) { git(t, c, "rm", "--quiet", "other.tf") }, ""},
		"another mode": {func(t *testing.T, c Checkout) {
			if err := os.Chmod(filepath.Join(c.Dir, "prod/airflow.tf"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := repository(t)
			bump(t, c)
			test.more(t, c)
			expectVersion(t, diff(t, c), "v1.5.3", test.from, otherFile)
		})
	}
}

package checkout

import (
	"slices"
	"strings"
	"testing"
)

// TestDigests has lines that name an image by a tag, by a digest or by both.
func TestDigests(t *testing.T) {
	hex := func(c string) string { return strings.Repeat(c, 64) }
	a, b := "sha256:"+hex("a"), "sha256:"+hex("b")
	for _, test := range []struct {
		name, before, after string
		from                string // "": it is no change of a version
		digests             []string
		reason              reason
		kept                bool
	}{
		{"a digest", `i = "o/c@` + a + `"`, `i = "o/c@` + b + `"`, a, []string{b}, 0, false},
		{"a tag and its digest", `i = "o/c:v1.5.3@` + a + `"`, `i = "o/c:v1.5.4@` + b + `"`, "v1.5.3", []string{b}, 0, false},
		{"the digest of the same tag", `i = "o/c:v1.5.4@` + a + `"`, `i = "o/c:v1.5.4@` + b + `"`, a, []string{b}, 0, false},
		{"a tag whose digest stays", `i = "o/c:v1.5.3@` + a + `"`, `i = "o/c:v1.5.4@` + a + `"`, "v1.5.3", []string{a}, 0, false},
		{"a digest whose tag stays", `i = "o/c:v1.5.3@` + a + `"`, `i = "o/c:v1.5.3@` + b + `"`, "", nil, wrongTag, false},
		{"from a tag to a digest", `i = "o/c:v1.5.3"`, `i = "o/c@` + b + `"`, "v1.5.3", []string{b}, 0, false},
		{"from a digest to a tag", `i = "o/c@` + a + `"`, `i = "o/c:v1.5.4"`, a, nil, 0, false},
		{"from a tag to both", `i = "o/c:v1.5.3"`, `i = "o/c:v1.5.4@` + b + `"`, "v1.5.3", []string{b}, 0, false},
		{"from both to a tag", `i = "o/c:v1.5.3@` + a + `"`, `i = "o/c:v1.5.4"`, "v1.5.3", nil, 0, false},
		{"a digest is added", `i = "o/c:v1.5.4"`, `i = "o/c:v1.5.4@` + b + `"`, "v1.5.4", []string{b}, 0, false},
		{"a digest is added to another tag", `i = "o/c:v1.5.3"`, `i = "o/c:v1.5.3@` + b + `"`, "", nil, wrongTag, false},
		{"a digest is added to no tag", `i = "o/c"`, `i = "o/c@` + b + `"`, "", nil, otherText, false},
		{"a digest is dropped", `i = "o/c:v1.5.4@` + a + `"`, `i = "o/c:v1.5.4"`, "", nil, otherText, false},
		{"a tag of its own", `tag = "v1.5.3"`, `tag = "` + b + `"`, "v1.5.3", []string{b}, 0, false},
		{"bare", `sha = "` + hex("a") + `"`, `sha = "` + hex("b") + `"`, a, []string{b}, 0, false},
		{"one line each", "tag = \"v1.5.3\"\ndigest = \"" + a + `"`, "tag = \"v1.5.4\"\ndigest = \"" + b + `"`, "v1.5.3", []string{b}, 0, false},
		{"one line each, and the digest stays", "tag = \"v1.5.3\"\ndigest = \"" + a + `"`, "tag = \"v1.5.4\"\ndigest = \"" + a + `"`, "v1.5.3", nil, 0, true},
		{"another image beside stays", "tag = \"v1.5.3\"\nproxy = \"o/p@" + a + `"`, "tag = \"v1.5.4\"\nproxy = \"o/p@" + a + `"`, "v1.5.3", nil, 0, false},
		{"two in a line", `x = ["o/a:v1.5.3", "o/b:v1.5.3"]`, `x = ["o/a:v1.5.4", "o/b:v1.5.4"]`, "v1.5.3", nil, 0, false},
		{"two versions in a line", `x = ["o/a:v1.5.3", "o/b:v1.5.2"]`, `x = ["o/a:v1.5.4", "o/b:v1.5.4"]`, "", nil, mixedBefore, false},
		{"two digests before", `x = ["o/a@` + a + `", "o/b@` + b + `"]`, `x = ["o/a:v1.5.4", "o/b:v1.5.4"]`, "", nil, mixedBefore, false},
		{"another repository", `i = "o/c@` + a + `"`, `i = "o/d@` + b + `"`, "", nil, wrongTag, false},
		{"a digest that is too long", `i = "o/c:v1.5.3"`, `i = "o/c@` + b + `f"`, "", nil, otherText, false},
		{"with a carriage return", "i = v1.5.3\r", "i = v1.5.4\r", "v1.5.3", nil, 0, false},
		{"another line end", "i = v1.5.3", "i = v1.5.4\r", "", nil, otherText, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines []Line
			before, after := strings.Split(test.before, "\n"), strings.Split(test.after, "\n")
			for i := range before {
				if before[i] == after[i] {
					lines = append(lines, Line{Op: ' ', Text: before[i]})
					continue
				}
				lines = append(lines, Line{Op: '-', Text: before[i]}, Line{Op: '+', Text: after[i]})
			}
			d := Diff{Files: []FileDiff{{Path: "x.tf", Hunks: []Hunk{{Lines: lines}}}}}
			expectVersion(t, d, "v1.5.4", test.from, test.reason)
			if c, err := VersionChange(d, "v1.5.4"); err == nil && (!slices.Equal(c.Digests, test.digests) || (c.Kept != "") != test.kept) {
				t.Errorf("%+v", c)
			}
		})
	}
}

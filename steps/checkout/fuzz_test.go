package checkout

import (
	"slices"
	"strings"
	"testing"
)

// FuzzDiff reads differences that git may never have written. What is taken for
// the change of a version must turn the old lines into the new ones by putting
// the tag for the version, and do nothing else.
func FuzzDiff(f *testing.F) {
	const head = "diff --git a/x.tf b/x.tf\nindex 1..2 100644\n--- a/x.tf\n+++ b/x.tf\n"
	f.Add(head + "@@ -1 +1 @@\n-tag = \"v1.5.3\"\n+tag = \"v1.5.4\"\n")
	f.Add(head + "@@ -1,2 +1,2 @@\n a\n-b v1\n+b v1.5.4\n\\ No newline at end of file\n")
	f.Add(head + "@@ -1 +1 @@\n-a:v1.5.3, b:v1.5.3\n+a:v1.5.4, b:v1.5.4\n")
	f.Add("diff --git \"a/\\303\\244\" \"b/\\303\\244\"\nnew file mode 100644\n")
	f.Add("@@ -1,9999999999999999999 +1 @@\n")
	f.Fuzz(func(t *testing.T, text string) {
		files, err := parseDiff(text)
		if err != nil {
			return
		}
		const tag = "v1.5.4"
		change, err := VersionChange(Diff{Files: files}, tag)
		if err != nil {
			return
		}
		from := change.From
		if from == "" || len(files) == 0 {
			t.Fatalf("nothing was taken for a change from %q", from)
		}
		for _, file := range files {
			for _, hunk := range file.Hunks {
				var old, now []string
				for _, l := range hunk.Lines {
					switch l.Op {
					case '-':
						old = append(old, l.Text)
					case '+':
						now = append(now, l.Text)
					}
				}
				if len(old) != len(now) {
					t.Fatalf("%q became %q", old, now)
				}
				for i := range old {
					if strings.Contains(old[i]+now[i], "sha256:") {
						continue // TestDigests
					}
					if got := otherWords(old[i], now[i]); len(got) != 1 || got[0] != from+" -> "+tag && got[0] != from+" -> "+strings.TrimPrefix(tag, "v") {
						t.Fatalf("%q became %q, which is not the change from %q: %q", old[i], now[i], from, got)
					}
				}
			}
		}
	})
}

// otherWords returns the words in which two lines differ, each once, as "old -> new".
func otherWords(old, now string) (all []string) {
	words := func(line string) []string {
		return strings.FieldsFunc(line, func(r rune) bool {
			return !strings.ContainsRune("._-", r) && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
		})
	}
	a, b := words(old), words(now)
	if len(a) != len(b) {
		return nil
	}
	for i := range a {
		if change := a[i] + " -> " + b[i]; a[i] != b[i] && !slices.Contains(all, change) {
			all = append(all, change)
		}
	}
	return all
}

// FuzzStatus reads statuses that git may never have written: none is clean
// unless it names no path.
func FuzzStatus(f *testing.F) {
	f.Add("# branch.oid 0123456789abcdef0123456789abcdef01234567\x00# branch.head main\x00")
	f.Add("# branch.oid (initial)\x00# branch.head (detached)\x001 .M N... 100644 100644 100644 a b x.tf\x00")
	f.Add("# branch.oid a\x002 R. N... 100644 100644 100644 a b R100 new\x00old\x00? untracked\x00")
	f.Fuzz(func(t *testing.T, out string) {
		s, err := parseStatus(out)
		if err == nil && s.Clean != (len(s.Changed) == 0) {
			t.Fatalf("clean is %t, but %q changed", s.Clean, s.Changed)
		}
	})
}

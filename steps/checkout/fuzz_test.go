package checkout

import "testing"

// FuzzDiff reads differences that git may never have written. What is taken for
// the change of a version must turn the old lines into the new ones by putting
// the tag for the version, and do nothing else.
func FuzzDiff(f *testing.F) {
	const head = "diff --git a/x.tf b/x.tf\nindex 1..2 100644\n--- a/x.tf\n+++ b/x.tf\n"
	f.Add(head + "@@ -1 +1 @@\n-tag = \"v1.5.3\"\n+tag = \"v1.5.4\"\n")
	f.Add(head + "@@ -1,2 +1,2 @@\n a\n-b v1\n+b v1.5.4\n\\ No newline at end of file\n")
	f.Add("diff --git \"a/\\303\\244\" \"b/\\303\\244\"\nnew file mode 100644\n")
	f.Add("@@ -1,9999999999999999999 +1 @@\n")
	f.Fuzz(func(t *testing.T, text string) {
		files, err := parseDiff(text)
		if err != nil {
			return
		}
		const tag = "v1.5.4"
		from, err := VersionChange(Diff{Files: files}, tag)
		if err != nil {
			return
		}
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
					if got := oneWord(old[i], now[i]); got != from+" -> "+tag {
						t.Fatalf("%q became %q, which is not the change from %q: %q", old[i], now[i], from, got)
					}
				}
			}
		}
	})
}

// oneWord returns the only word in which two lines differ, as "old -> new". It
// takes off what the lines have in common at both ends, back to whole words.
func oneWord(old, now string) string {
	ofWord := func(b byte) bool {
		return b == '.' || b == '_' || b == '-' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
	}
	from := 0
	for from < min(len(old), len(now)) && old[from] == now[from] {
		from++
	}
	to := 0
	for to < min(len(old), len(now))-from && old[len(old)-1-to] == now[len(now)-1-to] {
		to++
	}
	for from > 0 && ofWord(old[from-1]) {
		from--
	}
	for to > 0 && ofWord(old[len(old)-to]) {
		to--
	}
	return old[from:len(old)-to] + " -> " + now[from:len(now)-to]
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

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// frameLimit is how late the first frame may be. It takes about a tenth of it.
const frameLimit = 2 * time.Second

// A terminal that answers no query gets the first frame as fast as one that
// answers all, because nothing is asked. Programs that do ask wait five seconds.
// Without -long, other packages are tested at the same time, and only the queries
// count.
func TestFirstFrameAsksNothing(t *testing.T) {
	document := "# Silence\n\n1. Look at the first frame.\n"
	if !*long {
		firstFrame(t, document, answersAll)
		firstFrame(t, document, nil)
		return
	}
	for _, attempt := range []int{1, 2, 3} { // a busy machine may spoil one
		var answered, silent []time.Duration
		for range 5 {
			answered = append(answered, firstFrame(t, document, answersAll))
			silent = append(silent, firstFrame(t, document, nil))
		}
		slices.Sort(answered)
		slices.Sort(silent)
		a, s := answered[2], silent[2]
		t.Logf("median time to the first frame: %v where queries are answered, %v where they are not", a, s)
		if s <= 2*a && s < frameLimit {
			return
		}
		if attempt == 3 {
			t.Errorf("the first frame takes %v on a silent terminal, %v on one that responds", s, a)
		}
	}
}

func answersAll(query string) string {
	switch {
	case strings.HasSuffix(query, "n"):
		return "\x1b[1;1R"
	case strings.HasSuffix(query, "c"):
		return "\x1b[?62;22c"
	default:
		return "\x1b]11;rgb:0000/0000/0000\x1b\\"
	}
}

// firstFrame measures from the start of the program until its title is drawn.
func firstFrame(t *testing.T, document string, answers func(string) string) time.Duration {
	t.Helper()
	path := writeFile(t, "DEPLOYMENT.md", document)
	// Without CI, which Bubble Tea's colour library takes for no terminal.
	begin := time.Now()
	term := onTerminal(t, 80, 24, nil, []string{"--dry-run", path}, answers)
	term.waitFor("Silence", "DRY RUN")
	took := time.Since(begin)
	term.typeIn("q")
	if code := term.end(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, term.bytes())
	}
	before, after, _ := strings.Cut(term.bytes(), "Silence")
	if asked := queries.FindAllString(after, -1); len(asked) > 2 {
		t.Fatalf("the terminal was asked %q", asked)
	}
	if asked := queries.FindAllString(before, -1); len(asked) > 0 {
		t.Fatalf("the terminal was asked %q", asked)
	}
	return took
}

// writeFile makes a file in a folder of its own and returns its path.
func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

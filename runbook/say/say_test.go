package say

import (
	"strings"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "an unknown time", 0: "0 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min",
		119 * time.Minute: "119 min", 2 * time.Hour: "2 h", 50 * time.Hour: "50 h",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestBetween(t *testing.T) {
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Second: "an unknown time", 90 * time.Second: "90 s", 47 * time.Hour: "47 h", 48 * time.Hour: "2 days", 80 * time.Hour: "3 days",
	} {
		if got := Between(from, from.Add(d)); got != want {
			t.Errorf("after %v: %q, want %q", d, got, want)
		}
	}
	if got := Between(time.Time{}, from); got != "an unknown time" {
		t.Errorf("from no time: %q", got)
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 59 * time.Second: "just now", time.Minute: "1 min ago", 59*time.Minute + 59*time.Second: "59 min ago",
		time.Hour: "1 h ago", 23 * time.Hour: "23 h ago", 24 * time.Hour: "1 day ago", 49 * time.Hour: "2 days ago",
	} {
		if got := Ago(now, now.Add(-d)); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0, "line"), "0 lines"}, {Count(1, "line"), "1 line"}, {Count(12345, "line"), "12,345 lines"},
		{Plural(1, "run is", "runs are"), "1 run is"}, {Plural(1234, "run is", "runs are"), "1234 runs are"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestCapital(t *testing.T) {
	for in, want := range map[string]string{"": "", "step 3": "Step 3", `"Merge it"`: `"Merge it"`, "étape": "Étape"} {
		if got := Capital(in); got != want {
			t.Errorf("Capital(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{"": "", "étape": "étape", "étapes": "étap…"} {
		if got := Shorten(in, 5); got != want {
			t.Errorf("Shorten(%q, 5) = %q, want %q", in, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	kinds := strings.Fields("release image-tag idle-dags bump")
	for in, want := range map[string]string{"realease": "release", "dump": "bump", "image_tag": "image-tag"} {
		if got := Nearest(in, kinds); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Nearest("bump", nil); got != "" {
		t.Errorf("without candidates: %q", got)
	}
}

func TestCommandLine(t *testing.T) {
	for want, argv := range map[string][]string{
		"just ansible/apply":        {"just", "ansible/apply"},
		"echo 'two words' '$x'":     {"echo", "two words", "$x"},
		"A=b C='d e' ~/bin/x 'f=g'": {"A=b", "C=d e", "~/bin/x", "f=g"},
		"echo '~/x'":                {"echo", "~/x"},
		"printf a^@b":               {"printf", "a\x00b"}, // no shell accepts a NUL
	} {
		if got := CommandLine(argv).String(); got != want {
			t.Errorf("CommandLine(%q) = %q, want %q", argv, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	commands := []string{"walk", "practice", "check", "doctor", "runs", "resume", "report", "version"}
	for in, want := range map[string]string{
		"wlak": "walk", "hceck": "check", "hcekc": "", "doctr": "doctor", "rsume": "resume", "Check": "check", "ver": "version", "practise": "practice",
		"": "", "x": "", "r": "", "deploy": "", "notes": "", "LICENSE": "",
	} {
		if got := Near(in, commands); got != want {
			t.Errorf("Near(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Near("bump", nil); got != "" {
		t.Errorf("without candidates it is %q", got)
	}
}

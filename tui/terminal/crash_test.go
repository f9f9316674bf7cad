package terminal

import (
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
)

const aPanic = "panic: it broke\x1b[2J: correct-horse-battery\n\tgoroutine 9 [running]:\n\n" +
	"goroutine 34 [running]:\nmain.broken(...)\n\t/src/main.go:12 +0x1d\n\n" +
	"goroutine 1 [select]:\nmain.main()\n\t/src/main.go:3 +0x2f\n"

func TestCrashMessage(t *testing.T) {
	clean.Secret("correct-horse-battery")
	got := crashMessage([]byte(aPanic), "hint: go on with\x07 it")
	want := "catalog-runbook: it has crashed\n\n" +
		"panic: it broke^[[2J: [redacted]\n\tgoroutine 9 [running]:\n\n" +
		"goroutine 34 [running]:\nmain.broken(...)\n\t/src/main.go:12 +0x1d\n\n" +
		"hint: go on with^G it\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := crashMessage(nil, ""), "catalog-runbook: it was killed\n"; got != want {
		t.Errorf("after a kill it says %q, want %q", got, want)
	}
}

// A message of many long lines and a deep stack leave room for the advice.
func TestCrashMessageIsShort(t *testing.T) {
	var long strings.Builder
	fmt.Fprintf(&long, "panic: %s", strings.Repeat(strings.Repeat("x", 1000)+"\n\t", 100))
	long.WriteString("\n\ngoroutine 1 [running]:\n")
	for i := range 500 {
		fmt.Fprintf(&long, "main.f(%d)\n\t/src/main.go:1\n", i)
	}
	got := crashMessage([]byte(long.String()), "hint: go on")
	lines := strings.Split(got, "\n")
	if len(lines) > messageLines+stackLines+8 || len(got) > 8<<10 {
		t.Errorf("%d lines, %d bytes", len(lines), len(got))
	}
	for _, wanted := range []string{"panic: xxx", "\n…\ngoroutine 1 [running]:\nmain.f(0)\n", "\n…\n\nhint: go on\n"} {
		if !strings.Contains(got, wanted) {
			t.Errorf("%q is not in\n%s", wanted, got)
		}
	}
}

// The guard reads on until the stack of the goroutine that failed is there, and
// not further: the one that crashes is to wait for it.
func TestComplete(t *testing.T) {
	first := strings.Index(aPanic, "goroutine 1 [")
	for n := range len(aPanic) + 1 {
		if got, want := complete([]byte(aPanic[:n])), n >= first; got != want {
			t.Fatalf("after %q it is %v", aPanic[:n], got)
		}
	}
	if !complete(make([]byte, crashBytes)) {
		t.Error("it would read for ever")
	}
}

// The runtime indents the lines of what it prints, also those of a secret.
func TestSecretOfSeveralLinesIsMasked(t *testing.T) {
	const secret = "first-line-of-it\nsecond-line-of-it"
	clean.Secret(secretForms(secret)...)
	got := crashMessage([]byte("panic: "+strings.ReplaceAll(secret, "\n", "\n\t")+"\n\n"), "")
	if strings.Contains(got, "line-of-it") {
		t.Errorf("it says %q", got)
	}
}

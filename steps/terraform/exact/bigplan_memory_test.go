//go:build !race

package exact

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/steps/terraform"
)

var bigChanges = flag.Int("plan-changes", 4_000, "how many changes the plan of TestBigPlan has")

// What a big plan may cost. The race detector, with which this file is not built,
// makes everything many times slower and larger.
const (
	bigMemory = 200 << 20 // of the whole process, at its peak
	bigRate   = 0.5       // of what encoding/json's tokenizer alone reaches
)

const bigChild = "CATALOG_RUNBOOK_TEST_BIG_PLAN"

// TestBigPlan reads and judges a plan of hundreds of MB in a process of its own, and
// checks the peak memory of the process.
func TestBigPlan(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes seconds")
	}
	child := exec.Command(os.Args[0], "-test.run=^TestBigPlanChild$", fmt.Sprintf("-plan-changes=%d", *bigChanges))
	child.Env = append(os.Environ(), bigChild+"=1")
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("read %d changes", *bigChanges)) {
		t.Fatalf("%v: %s", err, out)
	}
	peak := child.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "linux" {
		peak *= 1024 // it counts KiB there, and bytes on macOS
	}
	t.Logf("%s; %d MiB of memory at the most", strings.SplitN(string(out), "\n", 2)[0], peak>>20)
	if peak > bigMemory {
		t.Errorf("it took %d MiB of memory, more than %d", peak>>20, bigMemory>>20)
	}
}

// TestBigPlanChild is the process that TestBigPlan starts.
func TestBigPlanChild(t *testing.T) {
	if os.Getenv(bigChild) == "" {
		t.Skip("it is only run by TestBigPlan")
	}
	began := time.Now()
	policy := terraform.Policy{Service: "worker"}
	secrets := 0
	p, err := Read(&bigPlan{n: *bigChanges}, Options{Edits: policy.NeedsEdits, Secret: func(string) { secrets++ }})
	if err != nil || !p.Complete || secrets != 1 {
		t.Fatalf("%v, %q, %d secrets", err, p.Problems, secrets)
	}
	j := terraform.Judge(p, policy)
	fmt.Printf("read %d changes in %s: %s\n", len(p.Changes), time.Since(began).Round(time.Millisecond), j.Summary)
}

// TestBigPlanSpeed holds the rate to that of encoding/json's tokenizer on the same
// bytes.
func TestBigPlanSpeed(t *testing.T) {
	var plan bytes.Buffer
	if _, err := plan.ReadFrom(&bigPlan{n: 3000}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := tokenize(bytes.NewReader(plan.Bytes())); err != nil {
		t.Fatal(err)
	}
	tokens := time.Since(began)
	began = time.Now()
	p, err := Read(bytes.NewReader(plan.Bytes()), Options{})
	if err != nil || len(p.Changes) != 3000 {
		t.Fatalf("%d changes, %v", len(p.Changes), err)
	}
	ours := time.Since(began)
	rate := float64(tokens) / float64(ours)
	t.Logf("%d MB: %.1f times the tokenizer's rate", plan.Len()/1e6, rate)
	if rate < bigRate {
		t.Errorf("it is read at %.2f of the tokenizer's rate, less than %.1f", rate, bigRate)
	}
}

// Package heap counts for tests what code allocates, which is the same on a slow
// machine and a fast one. Only tests import it, in files that the race detector leaves
// out, because that allocates too.
package heap

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
)

// Use is what was allocated, whether or not it was freed since.
type Use struct{ Allocations, Bytes uint64 }

func (u Use) String() string {
	return fmt.Sprintf("%d allocations, %d KiB", u.Allocations, u.Bytes>>10)
}

// Of returns what do allocates when it is called again: the least of five calls, because
// a goroutine that another test left behind may allocate too. Unlike
// testing.AllocsPerRun, it also counts the bytes.
func Of(do func()) Use {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	do() // builds what is built once
	least := Once(do)
	for range 4 {
		u := Once(do)
		least.Allocations, least.Bytes = min(least.Allocations, u.Allocations), min(least.Bytes, u.Bytes)
	}
	return least
}

// Once returns what one call of do allocates, with all that is built only once. It turns
// the garbage collector off, which would empty the pools at some calls and not at others.
func Once(do func()) Use {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return Use{after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc}
}

// Check fails the test if more was allocated than most.
func (u Use) Check(t testing.TB, what string, most Use) {
	t.Helper()
	t.Logf("%s: %s", what, u)
	if u.Allocations > most.Allocations || u.Bytes > most.Bytes {
		t.Errorf("%s: %s, more than %s", what, u, most)
	}
}

//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// The point at which to act, the action, and how many more times the point must be
// reached.
var (
	armed, action string
	left          atomic.Int64
)

func init() {
	spec := os.Getenv("CATALOG_RUNBOOK_FAILPOINT")
	armed = spec
	for _, a := range []string{"panic", "stop"} {
		if name, ok := strings.CutSuffix(spec, ":"+a); ok {
			armed, action = name, a
		}
	}
	left.Store(1)
	if name, count, ok := strings.Cut(armed, "@"); ok {
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil || n < 1 {
			panic(fmt.Sprintf("failpoint: %q is not a name, an @ and a number", spec))
		}
		armed = name
		left.Store(n)
	}
}

// Reach marks the point called name, and acts as CATALOG_RUNBOOK_FAILPOINT says if it
// names that point. It may be called concurrently.
func Reach(name string) {
	if name == "" || name != armed || left.Add(-1) != 0 {
		return
	}
	switch action {
	case "panic":
		panic("failpoint: " + name)
	case "stop":
		// Another thread may get the signal first. Waiting for SIGCONT keeps this
		// one from running on until it stops too.
		goOn := make(chan os.Signal, 1)
		signal.Notify(goOn, syscall.SIGCONT)
		defer signal.Stop(goOn)
		send(syscall.SIGSTOP)
		<-goOn
	default:
		send(syscall.SIGKILL)
		select {}
	}
}

func send(s syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		panic(fmt.Sprintf("failpoint: sending %v: %v", s, err))
	}
}

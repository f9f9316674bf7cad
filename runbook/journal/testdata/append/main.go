// Command append resumes a run and reports after each record that it is on disk.
package main

import (
	"fmt"
	"os"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/journal"
)

func main() {
	j, _, err := journal.Store{Dir: os.Args[1]}.Open(os.Args[2], journal.Holder{Actor: "append", PID: os.Getpid(), Since: time.Now()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := 1; ; i++ {
		if err := j.Append(runbook.ReleaseChosen{Tag: fmt.Sprint("v", i)}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("on the disk:", i)
	}
}

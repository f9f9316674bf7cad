// Command frontend runs one command under a supervisor and prints what it prints.
// It is a process that tests can kill.
package main

import (
	"context"
	"fmt"
	"os"

	"catalog-runbook/steps/infra"
)

func main() {
	if code, ran := infra.Supervise(os.Args, os.Stdin); ran {
		os.Exit(code)
	}
	io := infra.Streams{Output: func(chunk []byte) { _, _ = os.Stdout.Write(chunk) }}
	folder, argv := os.Args[1], os.Args[2:]
	outcome, err := infra.Supervised{}.Run(context.Background(), infra.Command{Argv: argv, Env: os.Environ(), Folder: folder}, io)
	fmt.Println("\n", outcome, err)
}

// Command frontend runs one command under a supervisor and prints what it prints.
// It is a process that tests can kill.
package main

import (
	"context"
	"fmt"
	"os"

	"catalog-runbook/steps/command"
)

func main() {
	if code, ran := command.Supervise(os.Args, os.Stdin); ran {
		os.Exit(code)
	}
	io := command.Streams{Output: func(chunk []byte) { _, _ = os.Stdout.Write(chunk) }}
	folder, argv := os.Args[1], os.Args[2:]
	outcome, err := command.Supervised{}.Run(context.Background(), command.Command{Argv: argv, Env: os.Environ(), Folder: folder}, io)
	fmt.Println("\n", outcome, err)
}

// The program reach gets to the place "here" five times and says so each time.
package main

import (
	"fmt"

	"catalog-runbook/runbook/failpoint"
)

func main() {
	for i := 1; i <= 5; i++ {
		failpoint.Reach("elsewhere")
		failpoint.Reach("part:here")
		fmt.Println(i)
	}
}

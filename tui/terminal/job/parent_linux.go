package job

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// parent returns the parent of a process, from the fourth field of its stat: see proc(5). The
// second one is its name in parentheses, in which anything can stand.
func parent(pid int) (int, error) {
	name := fmt.Sprintf("/proc/%d/stat", pid)
	stat, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, fmt.Errorf("reading %s: it ends too soon", name)
	}
	return strconv.Atoi(string(fields[1]))
}

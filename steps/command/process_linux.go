package command

import (
	"bytes"
	"os"
	"strconv"
)

// boot names the time since the system was started: a process number means
// nothing beyond it (random(4)).
func boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(id))
}

// processSince tells a process from another that gets its number later: it is
// the time at which it was started, as the kernel counts (proc_pid_stat(5), field
// 22). It is "" where that is not known.
func processSince(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return ""
	}
	return string(fields[19])
}

//go:build !linux

package job

import "golang.org/x/sys/unix"

// parent returns the parent of a process.
func parent(pid int) (int, error) {
	process, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, err
	}
	return int(process.Eproc.Ppid), nil
}

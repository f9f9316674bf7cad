package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// once runs a program to its end. It counts its processor time with that of the
// children that it waited for, and the memory of the process that took most.
func (b *bench) once(s subject) (sample, error) {
	cmd := exec.Command(s.argv[0], s.argv[1:]...)
	cmd.Env = b.environ(s)
	if s.stdin != "" {
		in, err := os.Open(s.stdin)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		cmd.Stdin = in
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	begun := time.Now()
	err := cmd.Run()
	wall := time.Since(begun)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() < 0 {
		return nil, fmt.Errorf("%w: %s", err, said.String())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return sample{
		"wall ms": ms(wall), "CPU ms": ms(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()),
		"MiB": float64(usage.Maxrss) / 1024, "exit": float64(cmd.ProcessState.ExitCode()),
	}, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// A screen is a program on a terminal that answers the usual queries.
type screen struct {
	cmd  *exec.Cmd
	file *os.File

	mu     sync.Mutex
	drawn  []byte
	last   time.Time     // when it drew last
	change chan struct{} // it has drawn
}

// open starts the program on a terminal of 120 by 40.
func (b *bench) open(s subject) (*screen, error) {
	cmd := exec.Command(s.argv[0], s.argv[1:]...)
	cmd.Env = b.environ(s)
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		return nil, err
	}
	t := &screen{cmd: cmd, file: file, change: make(chan struct{}, 1)}
	go t.read()
	return t, nil
}

func (t *screen) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := t.file.Read(buf)
		if err != nil {
			return
		}
		for query, answer := range map[string]string{
			"\x1b]11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]10;?": "\x1b]10;rgb:ffff/ffff/ffff\x1b\\", "\x1b[6n": "\x1b[1;1R", "\x1b[c": "\x1b[?62;22c",
		} {
			_, _ = io.WriteString(t.file, strings.Repeat(answer, bytes.Count(buf[:n], []byte(query))))
		}
		t.mu.Lock()
		t.drawn = append(t.drawn, buf[:n]...)
		t.last = time.Now()
		t.mu.Unlock()
		select {
		case t.change <- struct{}{}:
		default:
		}
	}
}

// shows waits until the text has been drawn.
func (t *screen) shows(text string) error {
	limit := time.After(20 * time.Second)
	for {
		t.mu.Lock()
		found := bytes.Contains(t.drawn, []byte(text))
		t.mu.Unlock()
		if found {
			return nil
		}
		select {
		case <-t.change:
		case <-limit:
			return fmt.Errorf("%q does not come, but %q", text, t.drawn)
		}
	}
}

// settled waits until nothing has been drawn for a while, and returns when the last
// was drawn and how many bytes there were.
func (t *screen) settled(quiet time.Duration) (last time.Time, n int) {
	for {
		select {
		case <-t.change:
		case <-time.After(quiet):
			t.mu.Lock()
			defer t.mu.Unlock()
			return t.last, len(t.drawn)
		}
	}
}

func (t *screen) end() {
	_ = t.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = t.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = t.cmd.Process.Kill()
		<-done
	}
	_ = t.file.Close()
}

// cpu is the processor time of a process in ms, to the nanosecond, as /proc counts it
// for each thread.
func cpu(pid int) float64 {
	var sum float64
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, path := range threads {
		text, _ := os.ReadFile(path)
		if fields := strings.Fields(string(text)); len(fields) > 0 {
			ns, _ := strconv.ParseFloat(fields[0], 64)
			sum += ns / 1e6
		}
	}
	return sum
}

// wakeups counts how often a process has been woken up.
func wakeups(pid int) float64 {
	var sum float64
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, path := range threads {
		sum += statusLine(path, "voluntary_ctxt_switches:")
	}
	return sum
}

// peak is the most memory that a process has had, in MiB.
func peak(pid int) float64 { return statusLine(fmt.Sprintf("/proc/%d/status", pid), "VmHWM:") / 1024 }

func statusLine(path, name string) float64 {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n
		}
	}
	return 0
}

// child is the process that a process has started, 0 without one.
func child(pid int) int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range lists {
		text, _ := os.ReadFile(path)
		for _, field := range strings.Fields(string(text)) {
			n, _ := strconv.Atoi(field)
			return n
		}
	}
	return 0
}

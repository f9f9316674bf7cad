package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"catalog-runbook/runbook/failpoint"
)

const (
	// The pause between two polls of a command's folder. It starts at pollMin after
	// new output and doubles up to pollMax.
	pollMin = 5 * time.Millisecond
	pollMax = 33 * time.Millisecond

	outputPiece = 256 << 10 // bytes of output that are passed on at once
)

// follower passes on the output of a command as its folder grows, until the
// command has ended.
type follower struct {
	folder folder
	show   func([]byte)
	// unclaimed is called while no supervisor has claimed the command. Nil means
	// keep waiting; an error ends the wait.
	unclaimed func() error

	output *os.File
	buffer []byte
	at     int64
}

// follow returns when the command has ended or ctx has.
func (f *follower) follow(ctx context.Context, io Streams) (Outcome, error) {
	if f.show = io.Output; f.show == nil {
		f.show = func([]byte) {}
	}
	f.buffer = make([]byte, outputPiece)
	var carrying sync.WaitGroup
	done := make(chan struct{})
	carrying.Go(func() { (&inputPipe{to: f.folder.file(inputFile), fd: -1}).carry(io, done) })
	defer func() {
		close(done)
		carrying.Wait()
		if f.output != nil {
			f.output.Close()
		}
	}()

	outcome, err := f.wait(ctx)
	if err == nil {
		failpoint.Reach("supervised:outcome")
	}
	return outcome, err
}

func (f *follower) wait(ctx context.Context) (Outcome, error) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	pause := pollMin
	for {
		select {
		case <-ctx.Done():
			return Outcome{}, fmt.Errorf("following the command: %w (%w)", ErrDetached, context.Cause(ctx))
		case <-timer.C:
		}
		n, err := f.read()
		if n == len(f.buffer) {
			timer.Reset(0)
			continue
		}
		if err != nil {
			return Outcome{}, fmt.Errorf("reading what the command prints: %w", err)
		}
		if n > 0 {
			pause = pollMin
		}
		if outcome, over, err := f.outcome(ctx); over || err != nil {
			return outcome, err
		}
		timer.Reset(pause)
		pause = min(2*pause, pollMax)
	}
}

// outcome returns the outcome if there is one; over reports whether to stop waiting.
func (f *follower) outcome(ctx context.Context) (outcome Outcome, over bool, err error) {
	s, e, err := f.folder.status()
	if err != nil {
		return Outcome{}, true, fmt.Errorf("reading the state of the command: %w", err)
	}
	switch s {
	case unclaimed:
		if err := f.unclaimed(); err != nil {
			return Outcome{}, true, err
		}
		return Outcome{}, false, nil
	case runs:
		return Outcome{}, false, nil
	case neverRan:
		return Outcome{}, true, notRun{errors.New("the command was not run: its supervisor never took it on")}
	case lost:
		if err := f.rest(ctx); err != nil {
			return Outcome{}, true, err
		}
		return Outcome{}, true, f.folder.lost("")
	}
	if err := f.rest(ctx); err != nil {
		return Outcome{}, true, err
	}
	switch {
	case e.NotRun:
		return Outcome{}, true, notRun{errors.New(e.Problem)}
	case e.Problem != "":
		return Outcome{}, true, f.folder.lost(e.Problem)
	}
	return Outcome{Exit: e.Exit, Ended: e.Ended, Whole: e.Whole && f.at >= e.Size, Overran: e.Overran}, true, nil
}

// rest passes on the remaining output of a command that has ended.
func (f *follower) rest(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return fmt.Errorf("reading what the command has printed: %w (%w)", ErrDetached, context.Cause(ctx))
		}
		n, err := f.read()
		if err != nil {
			return fmt.Errorf("reading what the command has printed: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// read passes on up to one buffer of new output and returns how many bytes that was.
func (f *follower) read() (int, error) {
	if f.output == nil {
		output, err := os.Open(f.folder.file(outputFile))
		if errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		f.output = output
	}
	n, err := f.output.ReadAt(f.buffer, f.at)
	if n > 0 {
		f.at += int64(n)
		f.show(f.buffer[:n])
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

package command

import (
	"context"
	"encoding/gob"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/failpoint"
)

// The arguments of a supervisor, as a list of processes shows them.
const (
	supervisorName = "catalog-runbook"
	supervisorWord = "supervise"
)

// The exit codes of a supervisor that runs nothing. Nothing reads them; they are for
// debugging.
const (
	exitNoOrder = 2 // the order is incomplete
	exitNoWork  = 3 // it can't keep a record
	exitTaken   = 4 // another process has claimed the command
)

// Supervise runs a command if the arguments say that this process is a supervisor. ran
// is then true, and the process must exit with code. main must call it first, with the
// arguments and the standard input of the process.
func Supervise(args []string, stdin io.Reader) (code int, ran bool) {
	if len(args) != 3 || args[1] != supervisorWord {
		return 0, false
	}
	if file, ok := stdin.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return 0, false // a person types this
		}
	}
	// These signals must not end a supervisor. It catches and drops them, because a
	// command would inherit signals that are ignored, and couldn't be interrupted.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	return supervise(folder(args[2]), stdin), true
}

func supervise(at folder, stdin io.Reader) (code int) {
	var o order
	if err := gob.NewDecoder(stdin).Decode(&o); err != nil {
		return exitNoOrder
	}
	failpoint.Reach("supervisor:ordered")

	lock, err := at.lock()
	if err != nil {
		return exitNoWork
	}
	defer lock.Close()
	messages, err := os.OpenFile(at.file(inputFile), os.O_RDWR, 0) // also for writing, so that it never ends
	if err != nil {
		return exitNoWork
	}
	output, err := at.keep()
	if err != nil {
		return exitNoWork
	}
	last, err := at.reserve()
	if err != nil {
		return exitNoWork
	}
	if err := at.claim(bySupervisor); errors.Is(err, os.ErrExist) {
		return exitTaken
	} else if err != nil {
		return exitNoWork
	}
	failpoint.Reach("supervisor:claimed")

	e := o.carryOut(at, messages, output)
	failpoint.Reach("supervisor:ended")
	if err := last.write(e); err != nil {
		return exitNoWork
	}
	return 0
}

// The most messages that wait for the command to read them. More are dropped: the
// terminal has a buffer too, so the command isn't reading its input.
const (
	inputsAhead = 1 << 10
	stopsAhead  = 16
)

// carryOut runs the command and returns its ending.
func (o order) carryOut(at folder, messages io.Reader, output *outputFileWriter) ending {
	clean.Secret(o.Secrets...)
	for _, entry := range o.Env {
		if name, value, _ := strings.Cut(entry, "="); clean.SecretName(name) {
			clean.Secret(value)
		}
	}
	inputs, stops := make(chan Input, inputsAhead), make(chan Stop, stopsAhead)
	go receive(messages, func(m message) {
		// An input that the command doesn't read must not delay a stop request.
		if m.Stop != 0 {
			select {
			case stops <- m.Stop:
			default:
			}
			return
		}
		select {
		case inputs <- Input{ID: m.ID, Data: m.Data, Secret: m.Secret}:
		default:
		}
	})
	echoes := func() bool { return true }
	masked := newMaskedOutput(output, func() { at.note(echoes()) })
	outcome, err := PTY{}.run(context.Background(), Command{Argv: o.Argv, Dir: o.Dir, Env: o.Env, Limit: o.Limit}, Streams{
		Output: masked.write, // output remembers errors
		Input:  inputs,
		Stop:   stops,
	}, func(group int, terminal *os.File) {
		echoes = func() bool { return echo(terminal) }
		failpoint.Reach("supervisor:started")
		_ = at.write(commandFile, started{Group: group, At: time.Now().UTC(), Since: processSince(group), Boot: boot()}) // only used in a Lost
		failpoint.Reach("supervisor:noted")
	})
	masked.close()
	whole, size := output.close()
	e := ending{Exit: outcome.Exit, Ended: outcome.Ended.UTC(), Whole: outcome.Whole && whole, Size: size, Overran: outcome.Overran}
	if err != nil {
		e.Exit, e.Ended = -1, time.Now().UTC()
		e.NotRun, e.Problem = errors.Is(err, ErrNeverRan), clean.Line(err.Error()).String()
	}
	return e
}

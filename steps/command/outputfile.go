package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"catalog-runbook/runbook/failpoint"
)

// Gap replaces output that couldn't be kept. Code that interprets the output must not
// rely on a text that contains it.
const Gap = "\n[catalog-runbook: there was more output here than is kept]\n"

// outputFileWriter writes the output of a command to a file. It drops what it can't
// write, because a command must not wait for space on the disk.
type outputFileWriter struct {
	file   *os.File
	size   int64
	gap    bool // output was dropped since the last write
	missed bool // output was dropped at any time
}

func (f folder) keep() (*outputFileWriter, error) {
	file, err := os.OpenFile(f.file(outputFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &outputFileWriter{file: file}, nil
}

func (w *outputFileWriter) Write(p []byte) (int, error) {
	if w.gap {
		n, err := w.file.WriteString(Gap)
		w.size += int64(n)
		if err != nil {
			return 0, err
		}
		w.gap = false
	}
	n, err := w.file.Write(p)
	w.size += int64(n)
	if err != nil {
		w.gap, w.missed = true, true
	}
	return n, err
}

// close closes the file, and returns its size and whether it has all output.
func (w *outputFileWriter) close() (whole bool, size int64) {
	err := errors.Join(w.file.Sync(), w.file.Close())
	return err == nil && !w.missed, w.size
}

const (
	reserved     = 4 << 10 // bytes, more than an ending needs
	retryLast    = time.Second
	retryLastFor = 24 * time.Hour
)

// exitWriter writes the ending of a command. It reserves the space on the disk before
// the command starts, because the command may fill the disk.
type exitWriter struct {
	at   folder
	file *os.File
}

func (f folder) reserve() (*exitWriter, error) {
	file, err := os.OpenFile(f.file(exitFile+newFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(bytes.Repeat([]byte(" "), reserved)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := file.Sync(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &exitWriter{f, file}, nil
}

// write makes the exit file. It keeps trying for a day, because no other process knows
// the ending, unless the folder is gone.
func (w *exitWriter) write(e ending) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// JSON allows the spaces after the value.
	text := append(bytes.Repeat([]byte(" "), max(reserved, len(data)+1)-1), '\n')
	copy(text, data)
	tick, limit := time.NewTicker(retryLast), time.NewTimer(retryLastFor)
	defer tick.Stop()
	defer limit.Stop()
	for {
		err := w.try(text)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case <-tick.C:
		case <-limit.C:
			return err
		}
	}
}

func (w *exitWriter) try(text []byte) error {
	if _, err := w.file.WriteAt(text, 0); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	failpoint.Reach("supervisor:written")
	if err := os.Rename(w.at.file(exitFile+newFile), w.at.file(exitFile)); err != nil {
		return err
	}
	failpoint.Reach("supervisor:renamed")
	return syncFolder(string(w.at))
}

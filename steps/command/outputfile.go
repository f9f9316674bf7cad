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

// Gap stands in a command's output, on a line of its own, where some of it could
// not be kept. Whoever judges the text and meets it does not have the whole.
const Gap = "\n[catalog-runbook: there was more output here than is kept]\n"

// outputFileWriter writes what a command prints into a file. What cannot be written is
// dropped, since a command must not wait for room on the disk.
type outputFileWriter struct {
	file   *os.File
	size   int64
	gap    bool // something is missing here
	missed bool // something is missing somewhere
}

func (f folder) keep() (*outputFileWriter, error) {
	file, err := os.OpenFile(f.file(outputFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &outputFileWriter{file: file}, nil
}

func (k *outputFileWriter) Write(p []byte) (int, error) {
	if k.gap {
		n, err := k.file.WriteString(Gap)
		k.size += int64(n)
		if err != nil {
			return 0, err
		}
		k.gap = false
	}
	n, err := k.file.Write(p)
	k.size += int64(n)
	if err != nil {
		k.gap, k.missed = true, true
	}
	return n, err
}

// close returns whether the file has all that was printed, and its size.
func (k *outputFileWriter) close() (whole bool, size int64) {
	err := errors.Join(k.file.Sync(), k.file.Close())
	return err == nil && !k.missed, k.size
}

const (
	reserved     = 4 << 10 // bytes; an ending has less
	retryLast    = time.Second
	retryLastFor = 24 * time.Hour
)

// exitWriter is room on the disk for how a command ended, taken before it begins,
// since it may fill the disk.
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

// write makes the exit file, or keeps trying for a day: nobody else knows what
// is in it. It gives up where there is no folder any more.
func (l *exitWriter) write(e ending) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// The spaces after it are nothing to JSON.
	text := append(bytes.Repeat([]byte(" "), max(reserved, len(data)+1)-1), '\n')
	copy(text, data)
	tick, limit := time.NewTicker(retryLast), time.NewTimer(retryLastFor)
	defer tick.Stop()
	defer limit.Stop()
	for {
		err := l.try(text)
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

func (l *exitWriter) try(text []byte) error {
	if _, err := l.file.WriteAt(text, 0); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	failpoint.Reach("supervisor:written")
	if err := os.Rename(l.at.file(exitFile+newFile), l.at.file(exitFile)); err != nil {
		return err
	}
	failpoint.Reach("supervisor:renamed")
	return syncFolder(string(l.at))
}

package command

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/failpoint"
)

// Gap replaces output that couldn't be kept. Code that interprets the output must not
// rely on a text that contains it.
const Gap = "\n[catalog-runbook: output omitted here, more than is kept]\n"

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

// Mask masks the output that is kept of a command that has ended, by what is a known
// secret now: while the command printed, fewer may have been known. It changes nothing
// if nothing is to be masked. The command can be rejoined before and afterwards, whenever
// this process ends in between.
func Mask(at string) error {
	f := folder(at)
	e, over, err := f.ending()
	if err != nil || !over {
		return err
	}
	file, err := os.Open(f.file(outputFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the command was not run
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if same, err := maskedAlready(file); same || err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_ = os.Remove(f.file(outputFile + newFile)) // of a process that ended here
	masked, err := os.OpenFile(f.file(outputFile+newFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	to := bufio.NewWriterSize(masked, 1<<16)
	m := clean.NewMasker(to)
	_, err = io.Copy(m, file)
	if err = errors.Join(err, m.Close(), to.Flush(), masked.Sync(), masked.Close()); err != nil {
		return errors.Join(err, os.Remove(f.file(outputFile+newFile)))
	}
	info, err := os.Stat(f.file(outputFile + newFile))
	if err != nil {
		return err
	}
	// Fewer bytes than the ending tells would count as output that is missing.
	if info.Size() < e.Size {
		e.Size = info.Size()
		if err := f.write(exitFile, e); err != nil {
			return err
		}
	}
	if err := os.Rename(f.file(outputFile+newFile), f.file(outputFile)); err != nil {
		return err
	}
	return syncFolder(at)
}

// maskedAlready reports whether masking a file would change nothing.
func maskedAlready(file *os.File) (bool, error) {
	again, err := os.Open(file.Name())
	if err != nil {
		return false, err
	}
	defer again.Close()
	c := &comparison{with: bufio.NewReaderSize(again, 1<<16)}
	m := clean.NewMasker(c)
	_, err = io.Copy(m, bufio.NewReaderSize(file, 1<<16))
	if err = errors.Join(err, m.Close()); errors.Is(err, errDiffers) {
		return false, nil
	}
	return err == nil, err
}

var errDiffers = errors.New("it differs")

// comparison is a writer that fails with errDiffers if what is written isn't what a
// reader gives. It doesn't tell whether the reader has more.
type comparison struct {
	with   io.Reader
	buffer []byte
}

// Write implements io.Writer.
func (c *comparison) Write(p []byte) (int, error) {
	c.buffer = append(c.buffer[:0], p...)
	if _, err := io.ReadFull(c.with, c.buffer); err != nil || !bytes.Equal(c.buffer, p) {
		return 0, errDiffers
	}
	return len(p), nil
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

package checkout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// Print returns a hash of the difference and of the commit that it is from: another one
// for anything that has changed. It hashes the raw lines, because lines that differ may be
// the same once cleaned for the screen.
func (d Diff) Print(commit string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", commit)
	for _, f := range d.Files {
		fmt.Fprintf(sum, "%q %d %d\n", f.Path, f.State, len(f.Hunks))
		if f.State != modified {
			fmt.Fprintf(sum, "%q\n", f.content)
		}
		for _, h := range f.Hunks {
			fmt.Fprintf(sum, "%d\n", len(h.Lines))
			for _, l := range h.Lines {
				fmt.Fprintf(sum, "%c %q %t\n", l.Op, l.Text, l.NoEOL)
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// contentMost is how many bytes of an untracked file are hashed.
const contentMost = 8 << 20

// contentOf returns what tells the content of an untracked file from others: its size,
// mode, time for a large one, and a hash. It follows no link.
func contentOf(name string) string {
	info, err := os.Lstat(name)
	if err != nil {
		return "gone"
	}
	text := fmt.Sprint(info.Mode(), info.Size())
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		target, err := os.Readlink(name)
		return fmt.Sprint(text, target, err)
	case !info.Mode().IsRegular():
		return text
	case info.Size() > contentMost:
		return text + info.ModTime().String()
	}
	file, err := os.Open(name)
	if err != nil {
		return text + info.ModTime().String()
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, io.LimitReader(file, contentMost))
	return fmt.Sprintf("%s %x %v", text, sum.Sum(nil), err)
}

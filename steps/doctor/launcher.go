package doctor

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
)

// isNodeScript reports whether a program is a script of Node.js, as the just is that npm
// installs (rust-just on npm). That one starts the real just, with quirks of its own,
// seen with 1.57.0: it ends with 0 if the real one was killed, leaves "--" out, and turns
// the argument 1.10 into 1.1.
func isNodeScript(program string) bool {
	file, err := os.Open(program)
	if err != nil {
		return false
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, 256))
	first, _, _ := bytes.Cut(head, []byte("\n"))
	return err == nil && bytes.HasPrefix(first, []byte("#!")) && bytes.Contains(first, []byte("node"))
}

// realJust returns the path of the program that a launcher starts, "" if it isn't known.
// It is in a package for the system and the processor, which Node.js looks for in the
// node_modules of each folder above the launcher.
func realJust(launcher string) string {
	at, err := filepath.EvalSymlinks(launcher)
	if err != nil {
		return ""
	}
	for dir := filepath.Dir(at); ; dir = filepath.Dir(dir) {
		found, _ := filepath.Glob(filepath.Join(dir, "node_modules", "rust-just-*", "bin", "just")) // one, unless the folder's name is a pattern
		if len(found) == 1 {
			return found[0]
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// launcher completes the finding about a just that is the launcher from npm. The document
// can do with it, so the finding is no longer one of what is needed.
func (f *Finding) launcher(found, real string) {
	next := "install just (" + homes["just"] + ") and put it before the launcher on the PATH"
	if real != "" {
		next = "put the program that it starts first on your PATH: `export PATH=" + quoted(filepath.Dir(real)) + ":$PATH`"
	}
	f.optional()
	f.Is(Wrong, next, "%s, is the npm launcher: it exits with 0 even if just was killed, and changes arguments, such as 1.10 to 1.1", found)
}

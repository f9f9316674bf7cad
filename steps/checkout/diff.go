package checkout

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// Diff is the difference between a work tree and its last commit, staged or not.
type Diff struct {
	Root  string     // the top of the work tree
	Text  clean.Text // as git prints it, with three lines of context; untracked files by name
	Files []FileDiff // in git's order, untracked files last
}

// FileDiff is the difference in one file. Its strings are raw: compare them, and clean
// them before showing them.
type FileDiff struct {
	Path  string // from the top of the work tree
	State FileState
	Hunks []Hunk // nil for anything but a change of lines

	// content tells apart contents that have no hunks: the hashes and modes that git
	// prints, or a hash of an untracked file.
	content string
}

// FileState says how a file differs.
type FileState int

// The states of a file.
const (
	modified    FileState = iota // lines changed, and nothing else
	added                        // new to git
	deleted                      // gone
	modeChanged                  // another mode or type, and maybe other lines
	binary                       // changed, and not a text file
	noFile                       // a symbolic link or a submodule, changed
	Untracked                    // not known to git
)

// hasNUL reports whether a line of the difference has a NUL.
func (f FileDiff) hasNUL() bool {
	for _, h := range f.Hunks {
		for _, l := range h.Lines {
			if strings.IndexByte(l.Text, 0) >= 0 {
				return true
			}
		}
	}
	return false
}

// String returns the state as the predicate of a sentence about the file.
func (s FileState) String() string {
	return [...]string{"is modified", "is new", "is deleted", "has a different mode", "is binary and changed", "is a link or a submodule and changed", "is untracked"}[s]
}

// Hunk is a hunk of a diff, with its lines of context.
type Hunk struct {
	Heading string // a line before it that git takes for the beginning of a block, or ""
	Lines   []Line
}

// Line is a line of a hunk without its line end.
type Line struct {
	Op    byte // '-' removed, '+' added, ' ' context
	Text  string
	NoEOL bool // the last line of the file, which has no line end
}

// Diff compares the work tree with the last commit.
func (c Checkout) Diff(ctx context.Context) (Diff, error) { return c.Since(ctx, "HEAD") }

// Since compares the work tree with a commit.
func (c Checkout) Since(ctx context.Context, commit string) (Diff, error) {
	status, err := c.Status(ctx)
	if err != nil {
		return Diff{}, err
	}
	if status.Commit == "" {
		return Diff{}, fmt.Errorf("comparing the work tree %q: it has no commit yet", c.Dir)
	}
	if c.Dir, err = c.root(ctx); err != nil { // git lists untracked files only below its working directory
		return Diff{}, err
	}
	files, text, err := c.compare(ctx, commit)
	if err != nil {
		return Diff{}, err
	}
	others, err := c.git(ctx, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return Diff{}, err
	}
	for _, path := range strings.FieldsFunc(others, func(r rune) bool { return r == 0 }) {
		files = append(files, FileDiff{Path: path, State: Untracked, content: contentOf(filepath.Join(c.Dir, filepath.FromSlash(path)))})
		text += "untracked: " + strconv.Quote(path) + "\n"
	}
	return Diff{Root: c.Dir, Text: clean.Block(text), Files: files}, nil
}

// compare compares the work tree with a commit, or the commits of a range, as `git diff`
// does.
func (c Checkout) compare(ctx context.Context, what string) ([]FileDiff, string, error) {
	text, err := c.git(ctx, "diff", "-U3", "--inter-hunk-context=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text",
		"--no-renames", "--no-relative", "--full-index", "--submodule=short", "--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/", what, "--")
	if err != nil {
		return nil, "", err
	}
	files, err := parseDiff(text)
	if err != nil {
		return nil, "", err
	}
	for i := range files {
		if files[i].hasNUL() { // what git takes for binary, unless an attribute says otherwise
			files[i].State, files[i].Hunks = binary, nil
		}
	}
	return files, text, nil
}

var hunkLine = pattern.Lazy(`^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@ ?(.*)`)

// parseDiff parses git's unified format. It uses the counts of a hunk to find its end,
// because a removed line that begins with "-- " looks like a header. It returns an error
// for any line that it doesn't understand.
func parseDiff(text string) ([]FileDiff, error) {
	var files []FileDiff
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		if rest, ok := strings.CutPrefix(line, "diff --git "); ok {
			files = append(files, FileDiff{Path: headPath(rest)})
			continue
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("reading git's diff: it begins with %q", line)
		}
		file := &files[len(files)-1]
		if m := hunkLine().FindStringSubmatch(line); m != nil {
			hunk, n, err := parseHunk(lines[i:], count(m[1]), count(m[2]))
			if err != nil {
				return nil, fmt.Errorf("reading git's diff of %q: %w", file.Path, err)
			}
			hunk.Heading = m[3]
			file.Hunks = append(file.Hunks, hunk)
			i += n
			continue
		}
		if err := file.header(line); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// header parses a line between the first line of a file and its hunks.
func (f *FileDiff) header(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "new" && strings.HasPrefix(rest, "file mode"):
		f.State = added
	case word == "deleted" && strings.HasPrefix(rest, "file mode"):
		f.State = deleted
	case (word == "old" || word == "new") && strings.HasPrefix(rest, "mode"):
		f.State = modeChanged
		f.content += " " + rest
	case word == "Binary", word == "GIT":
		f.State = binary
	case word == "---", word == "+++":
		if path := namedPath(rest); path != "" {
			f.Path = path
		}
	case word == "index":
		f.content += " " + rest
		if strings.HasSuffix(rest, " 120000") || strings.HasSuffix(rest, " 160000") { // git-diff(1), "mode"
			f.State = noFile
		}
	default:
		return fmt.Errorf("reading git's diff of %q: can't interpret a line: %q", f.Path, line)
	}
	return nil
}

// parseHunk parses the lines of a hunk, of which old and new are the counts in its
// header. It also returns the number of lines that it has read.
func parseHunk(lines []string, old, new int) (Hunk, int, error) {
	var h Hunk
	n := 0
	for ; n < len(lines); n++ {
		line := lines[n]
		if strings.HasPrefix(line, `\`) && len(h.Lines) > 0 {
			h.Lines[len(h.Lines)-1].NoEOL = true
			continue
		}
		if old == 0 && new == 0 {
			break
		}
		if line == "" {
			return h, n, fmt.Errorf("a hunk holds a line without a sign")
		}
		switch line[0] {
		case '-':
			old--
		case '+':
			new--
		case ' ':
			old--
			new--
		default:
			return h, n, fmt.Errorf("a hunk holds a line without a sign: %q", line)
		}
		h.Lines = append(h.Lines, Line{Op: line[0], Text: line[1:]})
	}
	if old != 0 || new != 0 {
		return h, n, fmt.Errorf("a hunk does not have the lines that it counts")
	}
	return h, n, nil
}

func count(digits string) int {
	if digits == "" {
		return 1
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1 // no hunk can have so many lines
	}
	return n
}

// namedPath parses the path in a "---" or "+++" line. Git quotes a path with unusual
// characters as in C, and ends one with spaces with a tab.
func namedPath(name string) string {
	name = unquote(strings.TrimSuffix(name, "\t"))
	if name == "/dev/null" {
		return ""
	}
	_, path, _ := strings.Cut(name, "/")
	return path
}

// headPath parses the path in "a/PATH b/PATH", for a file without a "---" line. Both
// paths are the same, because renames are off.
func headPath(names string) string {
	half := names[:max(len(names)-1, 0)/2]
	return namedPath(half)
}

func unquote(name string) string {
	if plain, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		return plain
	}
	return name
}

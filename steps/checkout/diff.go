package checkout

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
)

// Diff is what differs in a work tree from its last commit, staged or not.
type Diff struct {
	Text  clean.Text // as git prints it, with three lines of context; untracked files by name
	Files []FileDiff // in git's order, untracked files last
}

// FileDiff is what differs in one file. Its texts are raw: for comparing.
type FileDiff struct {
	Path  string // from the top of the work tree
	State FileState
	Hunks []Hunk // nil for anything but a change of lines
}

// FileState says how a file differs.
type FileState int

// The states of a file.
const (
	modified    FileState = iota // lines changed, and nothing else
	added                        // new to git
	deleted                      // gone
	modeChanged                  // another mode or type, and maybe other lines
	binary                       // changed, but not of lines
	untracked                    // git does not know it
)

// String returns the state in words that go after a file's name.
func (s FileState) String() string {
	return [...]string{"is modified", "is new", "is deleted", "has another mode", "is binary and changed", "is new and not known to git"}[s]
}

// Hunk is a passage of changed lines in the order of the diff, without the
// context around them.
type Hunk struct {
	Lines []Line
}

// Line is a line of a hunk without its end.
type Line struct {
	Op    byte // '-' removed, '+' added, ' ' context
	Text  string
	NoEOL bool // the file ends here, without a line end
}

// Diff asks git what differs from the last commit.
func (c Checkout) Diff(ctx context.Context) (Diff, error) {
	status, err := c.Status(ctx)
	if err != nil {
		return Diff{}, err
	}
	if status.Commit == "" {
		return Diff{}, fmt.Errorf("comparing the work tree %q: it has no commit yet", c.Dir)
	}
	top, err := c.root(ctx)
	if err != nil {
		return Diff{}, err
	}
	c.Dir = filepath.FromSlash(top) // git lists untracked files below the folder it stands in only
	text, err := c.git(ctx, "diff", "HEAD", "-U3", "--inter-hunk-context=0", "--no-color", "--no-ext-diff", "--no-textconv",
		"--no-renames", "--no-relative", "--full-index", "--submodule=short", "--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/")
	if err != nil {
		return Diff{}, err
	}
	files, err := parseDiff(text)
	if err != nil {
		return Diff{}, err
	}
	others, err := c.git(ctx, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return Diff{}, err
	}
	for _, path := range strings.FieldsFunc(others, func(r rune) bool { return r == 0 }) {
		files = append(files, FileDiff{Path: path, State: untracked})
		text += "untracked: " + strconv.Quote(path) + "\n"
	}
	return Diff{Text: clean.Block(text), Files: files}, nil
}

var hunkLine = regexp.MustCompile(`^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@`)

// parseDiff reads git's unified format. Lines of a hunk are told from headers by
// the hunk's own counts, because a removed line can begin with "-- ".
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
		if m := hunkLine.FindStringSubmatch(line); m != nil {
			hunk, n, err := parseHunk(lines[i:], count(m[1]), count(m[2]))
			if err != nil {
				return nil, fmt.Errorf("reading git's diff of %q: %w", file.Path, err)
			}
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

// header takes a line between a file's first and its hunks.
func (f *FileDiff) header(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "new" && strings.HasPrefix(rest, "file mode"):
		f.State = added
	case word == "deleted" && strings.HasPrefix(rest, "file mode"):
		f.State = deleted
	case (word == "old" || word == "new") && strings.HasPrefix(rest, "mode"):
		f.State = modeChanged
	case word == "Binary", word == "GIT":
		f.State = binary
	case word == "---", word == "+++":
		if path := namedPath(rest); path != "" {
			f.Path = path
		}
	case word == "index":
	default:
		return fmt.Errorf("reading git's diff of %q: a line is not understood: %q", f.Path, line)
	}
	return nil
}

// parseHunk takes as many lines as the hunk says that it has, and returns how
// many that were.
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
		return -1 // no hunk has as many lines
	}
	return n
}

// namedPath reads the path of a "---" or "+++" line, which git quotes like C
// where it has unusual characters, and ends with a tab where it has spaces.
func namedPath(name string) string {
	name = unquote(strings.TrimSuffix(name, "\t"))
	if name == "/dev/null" {
		return ""
	}
	_, path, _ := strings.Cut(name, "/")
	return path
}

// headPath reads the path of "a/PATH b/PATH", both the same as renames are off.
// It is what is left for a file that has no "---" line.
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

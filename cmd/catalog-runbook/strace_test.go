package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/practice"
)

// TestChecksOnlyRead traces the program while it checks every step, and while a dry run is
// walked to its end: neither opens anything in the checkout for writing, runs anything but
// git's commands that read, nor connects to anything but the services of the test.
func TestChecksOnlyRead(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err == nil {
		err = exec.Command(strace, "-f", "-o", os.DevNull, "true").Run()
	}
	if err != nil {
		t.Skipf("SKIPPED: strace can't trace here: %v", err)
	}
	for name, checkout := range map[string]func(*testing.T, string) string{
		"checkout":      func(_ *testing.T, dir string) string { return dir },
		"partial clone": partialClone,
	} {
		t.Run(name, func(t *testing.T) {
			w := startPractice(t, "calm")
			if err := w.Do("publish-release"); err != nil {
				t.Fatal(err)
			}
			dir := checkout(t, w.InfrastructureDir())
			file := writeFile(t, settings.FileName, strings.Replace(worldSettings(w), w.InfrastructureDir(), dir, 1))
			for what, args := range map[string][]string{
				"check":   {"check", "--release", "v1.5.4", "--settings", file},
				"dry run": {"--dry-run", "--release", "v1.5.4", "--settings", file},
			} {
				t.Run(what, func(t *testing.T) {
					log := filepath.Join(t.TempDir(), "strace")
					term := newTerminal(t, 100, 30, []string{"GH_TOKEN=" + w.GitHubToken(), "AIRFLOW_PASSWORD=" + w.AirflowPassword()}, strace,
						append([]string{"-f", "-y", "-qq", "-s", "2000", "-o", log, "-e", "trace=" + traced, program(t)}, args...)...)
					term.start(nil)
					if what == "dry run" {
						walkDry(term)
					}
					_ = term.end()
					seen := readTrace(t, log)
					seen.expectReading(t, dir)
					seen.expectConnections(t, w)
				})
			}
		})
	}
}

// partialClone returns a clone that has none of the files which its sparse checkout leaves
// out, and that would fetch them.
func partialClone(t *testing.T, from string) string {
	dir, origin, all := filepath.Join(t.TempDir(), "partial"), filepath.Join(t.TempDir(), "origin"), filepath.Join(t.TempDir(), "all")
	for _, args := range [][]string{
		{"clone", "--quiet", from, all},
		{"-C", all, "mv", "environments", "docs"},
		{"-C", all, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=x"},
		{"clone", "--quiet", "--bare", all, origin},
		{"-C", origin, "config", "uploadpack.allowFilter", "true"},
		{"-C", origin, "config", "uploadpack.allowAnySHA1InWant", "true"},
		{"clone", "--quiet", "--filter=blob:none", "--no-checkout", "file://" + origin, dir},
		{"-C", dir, "sparse-checkout", "set", "--cone", "nothing"},
		{"-C", dir, "checkout", "--quiet", "main"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	return dir
}

// walkDry verifies all steps and shows each command that would be run.
func walkDry(term *emulator) {
	term.waitFor("DRY RUN", "v1.5.4")
	term.typeIn("w")
	term.waitFor("Step 1 holds now") // its build has ended
	term.typeIn("jw")
	term.waitFor("Step 2 holds now")
	term.typeIn("V")
	term.waitFor("3 of 7 done")
	term.typeIn("jj")
	term.waitFor("Step 4")
	for _, command := range []string{"just bump", "just plan", "just apply"} {
		if command == "just plan" {
			term.typeIn("j")
			term.waitFor("Step 5")
		}
		term.typeIn("r")
		term.waitFor("Would run: "+command, "any key closes")
		term.wait("\x1b", func(screen string) bool { return !strings.Contains(screen, "any key closes") }, []string{"the list, closed"})
	}
	term.waitFor("3 of 7 done, 4 as if done")
	term.typeIn("q")
}

// traced are the calls that run a program, connect to one, or change a file.
const traced = "execve,connect,open,openat,openat2,creat,truncate,ftruncate,mkdir,mkdirat,mknod,mknodat,rmdir,rename,renameat,renameat2," +
	"unlink,unlinkat,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utime,utimes,futimesat,utimensat,setxattr"

// trace is what the program and its children have called.
type trace struct {
	programs    [][]string // argument lists
	connections []string
	changes     []string // calls that change files or open them for writing
}

var (
	call       = regexp.MustCompile(`^\d+ +([a-z0-9]+)\((.*)`)
	quoted     = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	forWriting = regexp.MustCompile(`\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)\b`)
	internet   = regexp.MustCompile(`sin6?_port=htons\((\d+)\).*"([0-9a-f.:]+)"`)
)

func readTrace(t *testing.T, log string) (seen trace) {
	t.Helper()
	file, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		m := call.FindStringSubmatch(lines.Text())
		if m == nil {
			continue // the end of a call, or of a process
		}
		switch name, rest := m[1], m[2]; name {
		case "execve":
			var argv []string
			list, _, _ := strings.Cut(rest[strings.Index(rest, "[")+1:], "]")
			for _, arg := range quoted.FindAllStringSubmatch(list, -1) {
				argv = append(argv, arg[1])
			}
			seen.programs = append(seen.programs, argv)
		case "connect":
			seen.connections = append(seen.connections, rest)
		case "open", "openat", "openat2":
			if forWriting.MatchString(rest) {
				seen.changes = append(seen.changes, name+"("+rest)
			}
		default:
			seen.changes = append(seen.changes, name+"("+rest)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return seen
}

// reading are the commands of git that a check may run.
var reading = []string{"status", "diff", "ls-files", "rev-parse", "config", "symbolic-ref", "show-ref", "grep", "log", "merge-base", "for-each-ref", "cat-file", "rev-list"}

// expectReading fails if anything in the checkout was changed, or anything was run that
// isn't known to read only.
func (s trace) expectReading(t *testing.T, dir string) {
	t.Helper()
	gits := 0
	for _, argv := range s.programs {
		switch program := filepath.Base(argv[0]); program {
		case "git":
			gits++
			i := 1
			for ; i < len(argv) && strings.HasPrefix(argv[i], "-"); i++ {
				if argv[i] == "-c" {
					i++
				}
			}
			if i == len(argv) || !slices.Contains(reading, argv[i]) && argv[i] != "--version" {
				t.Errorf("it runs %q", argv)
			}
		case "catalog-runbook", "just":
		default:
			t.Errorf("it runs %q", argv)
		}
	}
	if gits == 0 {
		t.Error("nothing was traced")
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range s.changes {
		path := ""
		if m := quoted.FindStringSubmatch(change); m != nil {
			path = m[1]
		}
		if path == "/dev/null" || path == "/dev/tty" {
			continue
		}
		// A relative name is git's, whose working directory is the checkout, unless
		// the trace tells another directory.
		elsewhere := filepath.IsAbs(path) && !strings.HasPrefix(path, dir)
		if in := regexp.MustCompile(`^\w+\(AT_FDCWD<([^>]*)>`).FindStringSubmatch(change); in != nil && !filepath.IsAbs(path) {
			elsewhere = !strings.HasPrefix(in[1], dir)
		}
		if on := regexp.MustCompile(`^f\w+\(\d+<([^>]*)>`).FindStringSubmatch(change); on != nil {
			elsewhere = !strings.HasPrefix(on[1], dir)
		}
		if !elsewhere {
			t.Errorf("it changes the checkout: %s", change)
		}
	}
}

// expectConnections fails if anything but the services of the world was connected to.
func (s trace) expectConnections(t *testing.T, w *practice.World) {
	t.Helper()
	known := w.GitHubURL() + " " + w.AirflowURL() + " " + w.Image()
	reached := 0
	for _, c := range s.connections {
		m := internet.FindStringSubmatch(c)
		switch {
		case m != nil && m[2] == "127.0.0.1" && regexp.MustCompile(`:`+m[1]+`\b`).MatchString(known):
			reached++
		case strings.Contains(c, "/nscd/"): // the C library's question for the user's name
		default:
			t.Errorf("it connects to %s", c)
		}
	}
	if reached == 0 {
		t.Error("no service was connected to")
	}
}

package practice

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

type ran struct {
	code           int
	stdout, stderr string
}

// instantly makes the practice just run without its pauses, and without those
// of the test binary that it is: one with the race detector waits a second
// before it ends, and one that counts coverage warns when it has nowhere to.
func instantly(w *World) []string {
	return []string{just.PaceVariable + "=0", "GORACE=atexit_sleep_ms=0", "GOCOVERDIR=" + w.folder.Temp()}
}

func justCmd(w *World, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(w.folder.Bin(), "just"), args...)
	cmd.Dir, cmd.Env = w.InfrastructureDir(), append(w.Environ(), instantly(w)...)
	return cmd
}

// runJust runs the practice just, which is this test binary, without its pauses.
func runJust(t *testing.T, w *World, stdin string, args ...string) ran {
	t.Helper()
	return finish(t, justCmd(w, args...), stdin)
}

func finish(t *testing.T, cmd *exec.Cmd, stdin string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (r ran) must(t *testing.T, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\n%s%s", r.code, code, r.stdout, r.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(r.stdout+r.stderr, part) {
			t.Errorf("%q is not in\n%s%s", part, r.stdout, r.stderr)
		}
	}
}

// The addresses of what the practice plans change.
const (
	instanceAddress = "module.catalog_airflow.aws_instance.this"
	databaseAddress = "module.catalog_db.aws_db_instance.this"
)

// instanceID is the id of the instance that runs a tag.
func instanceID(tag string) string { return "i-0" + state.SHA("instance " + tag)[:16] }

var (
	bump  = []string{"bump", "prod", "catalog-airflow"}
	plans = []string{"plan", "prod", "catalog-airflow"}
	apply = []string{"apply", "prod", "catalog-airflow"}
)

func TestMainIsOnlyJustInAWorld(t *testing.T) {
	t.Setenv("CATALOG_RUNBOOK_PRACTICE", "")
	if _, ran := just.Main([]string{"just", "--version"}, strings.NewReader(""), io.Discard, io.Discard); ran {
		t.Error("was just without a world")
	}
	t.Setenv("CATALOG_RUNBOOK_PRACTICE", t.TempDir())
	if _, ran := just.Main([]string{"/usr/bin/catalog-runbook", "--version"}, strings.NewReader(""), io.Discard, io.Discard); ran {
		t.Error("was just under another name")
	}
	var out bytes.Buffer
	if code, ran := just.Main([]string{"/bin/just", "--version"}, strings.NewReader(""), &out, io.Discard); !ran || code != 0 || out.String() != "just 1.57.0\n" {
		t.Errorf("ran %v, code %d, %q", ran, code, out.String())
	}
}

func TestTheWholeDeployment(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	runJust(t, w, "", plans...).must(t, 0, "No changes. Your infrastructure matches the configuration.")
	runJust(t, w, "", bump...).must(t, 0, "docker_image_tag is v1.5.3")
	if diff := gitOutput(t, w, "diff", "--stat"); diff != "" {
		t.Errorf("a bump without a new release changed %s", diff)
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0, "environments/prod/catalog-airflow.tf: docker_image_tag is v1.5.4")
	var changed []string
	for l := range strings.SplitSeq(gitOutput(t, w, "diff", "--unified=0"), "\n") {
		if strings.HasPrefix(l, "+ ") || strings.HasPrefix(l, "- ") {
			changed = append(changed, l)
		}
	}
	if got, want := strings.Join(changed, "\n"), "-  docker_image_tag = \"v1.5.3\"\n+  docker_image_tag = \"v1.5.4\""; got != want {
		t.Errorf("the diff is\n%s", got)
	}
	p := runJust(t, w, "", plans...)
	p.must(t, 0, "# "+instanceAddress+" must be replaced", "# forces replacement", "- DOCKER_IMAGE_TAG=v1.5.3", "+ DOCKER_IMAGE_TAG=v1.5.4",
		"        # (22 unchanged attributes hidden)\n\n      ~ root_block_device {\n          ~ device_name           = \"/dev/sda1\" -> (known after apply)\n",
		"            # (6 unchanged attributes hidden)\n        }\n    }\n", "Plan: 1 to add, 0 to change, 1 to destroy.\n", "You didn't use the -out option", "terraform -chdir=environments/prod plan -no-color")
	if strings.Contains(p.stdout, databaseAddress+" will") || strings.Contains(p.stdout, "\x1b") {
		t.Errorf("more than the instance, or colours:\n%s", p.stdout)
	}
	for _, answer := range []string{"no\n", "\n", "y\n", "YES\n", " yes\n", "yes please\n"} {
		a := runJust(t, w, answer, apply...)
		a.must(t, 1, "Only 'yes' will be accepted to approve.", "Apply cancelled.", "error: recipe `apply` failed on line")
	}
	runJust(t, w, "", apply...).must(t, 1, "Error: error asking for approval: EOF")
	if d := deployed(t, w); d.Deployed != "v1.5.3" {
		t.Fatalf("deployed without a yes: %+v", d)
	}
	done := runJust(t, w, "yes\n", apply...)
	done.must(t, 0, instanceAddress+": Destroying... [id="+instanceID("v1.5.3")+"]", instanceAddress+": Creation complete after",
		"\nApply complete! Resources: 1 added, 0 changed, 1 destroyed.\n")
	if d := deployed(t, w); d.Deployed != "v1.5.4" || !d.Database {
		t.Errorf("deployed %+v", d)
	}
	runJust(t, w, "", plans...).must(t, 0, "No changes.", "[id="+instanceID("v1.5.4")+"]")
	runJust(t, w, "", apply...).must(t, 0, "No changes.", "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.")
	if news := strings.Join(w.News(), "\n"); strings.Count(news, "the Catalog's instance was replaced and runs v1.5.4") != 1 {
		t.Errorf("news:\n%s", news)
	}
}

func TestDatabaseWouldBeDestroyed(t *testing.T) {
	w, _ := begin(t, "database-destroy", 2)
	runJust(t, w, "", plans...).must(t, 0, databaseAddress+" will be destroyed", "Plan: 0 to add, 0 to change, 1 to destroy.")
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0, "v1.5.4")
	runJust(t, w, "", plans...).must(t, 0, instanceAddress+" must be replaced", "# "+databaseAddress+" will be destroyed",
		"# (because "+databaseAddress+" is not in configuration)", "Plan: 1 to add, 0 to change, 2 to destroy.",
		"  - destroy\n-/+ destroy and then create replacement\n")
	runJust(t, w, "no\n", apply...).must(t, 1)
	if !deployed(t, w).Database {
		t.Fatal("destroyed without a yes")
	}
	// If it is applied anyway, its effect is visible, and restoring the database would
	// create an empty one.
	runJust(t, w, "yes\n", apply...).must(t, 0, databaseAddress+": Destruction complete", "1 added, 0 changed, 2 destroyed")
	gitOutput(t, w, "checkout", "HEAD~1", "--", databaseFile)
	runJust(t, w, "", plans...).must(t, 0, "  + create\n", databaseAddress+" will be created", "Plan: 1 to add, 0 to change, 0 to destroy.")
}

func TestJustsOwnWords(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string
	}{
		{"--version", 0, "just 1.57.0\n", ""},
		{"deploy prod catalog-airflow", 1, "", "error: justfile does not contain recipe `deploy`\n"},
		{"bump dev catalog-airflow", 1, "", "error: recipe `bump` failed with exit code 1\n"},
		{"plan prod ingestion-server", 1, "", "test -f environments/prod/ingestion-server.tf\nerror: recipe `plan` failed on line 19 with exit code 1\n"},
	} {
		got := runJust(t, w, "", strings.Fields(c.args)...)
		if got != (ran{c.code, c.stdout, c.stderr}) {
			t.Errorf("just %s: %d\n%s%s", c.args, got.code, got.stdout, got.stderr)
		}
	}
	for _, args := range []string{"", "--list", "--show plan", "bump prod", "plan prod catalog-airflow now"} {
		runJust(t, w, "", strings.Fields(args)...).must(t, 2, "error: this is the just of a practice world; usage: ")
	}
	runJust(t, w, "", "plan", "..", "README").must(t, 1, "failed on line")
}

func TestAFileWithoutATagIsTerraformsError(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	file := filepath.Join(w.InfrastructureDir(), "environments", "prod", "catalog-airflow.tf")
	if err := os.WriteFile(file, []byte("module \"catalog_airflow\" {\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := runJust(t, w, "", plans...)
	p.must(t, 1, "\nError: Missing required argument", "error: recipe `plan` failed on line")
	if p.stdout != "" {
		t.Errorf("a plan all the same:\n%s", p.stdout)
	}
}

func TestTheWorldIsGone(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	if err := os.Remove(w.folder.StateFile()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{bump, plans, apply} {
		runJust(t, w, "yes\n", args...).must(t, 1, "error: reading the practice world: ", "hint: ")
	}
	if news := w.News(); !strings.Contains(news[len(news)-1], "reading the practice world: ") {
		t.Errorf("news %q", news)
	}
	for _, a := range w.Acts() {
		if a.Enabled || !strings.Contains(a.Hint, "reading the practice world: ") {
			t.Errorf("act %+v", a)
		}
	}
	if a := ask.Get(t, w.GitHubURL()+"/repos/"+w.Repository()); a.Status != http.StatusInternalServerError {
		t.Errorf("GitHub answers %d %s", a.Status, a.Body)
	}
	checkout := filepath.Join(t.TempDir(), "checkout")
	if err := os.Rename(w.InfrastructureDir(), checkout); err != nil {
		t.Fatal(err)
	}
	cmd := justCmd(w, plans...)
	cmd.Dir = checkout
	finish(t, cmd, "").must(t, 1, "error: opening the practice world: ", "hint: ")
}

// The practice just has no business in any other checkout, and no link leads it
// out of its own.
func TestJustStaysInItsWorld(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := writeCheckout(filepath.Join(other, "real")); err != nil {
		t.Fatal(err)
	}
	real := filepath.Join(other, "real", "environments", "prod", "catalog-airflow.tf")
	before, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{bump, plans, apply} {
		cmd := justCmd(w, args...)
		cmd.Dir = filepath.Join(other, "real")
		finish(t, cmd, "yes\n").must(t, 1, "which works in "+w.InfrastructureDir())
	}
	own := filepath.Join(w.InfrastructureDir(), "environments", "prod", "catalog-airflow.tf")
	if err := errors.Join(os.Remove(own), os.Symlink(real, own)); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 1, "failed with exit code 1")
	if after, err := os.ReadFile(real); err != nil || string(after) != string(before) {
		t.Errorf("changed outside of the world: %v\n%s", err, after)
	}
	// Through a link to its own checkout, it is its own.
	link := filepath.Join(other, "link")
	if err := os.Symlink(w.InfrastructureDir(), link); err != nil {
		t.Fatal(err)
	}
	gitOutput(t, w, "checkout", "--", ".")
	cmd := justCmd(w, bump...)
	cmd.Dir = link
	finish(t, cmd, "").must(t, 0, "v1.5.4")
}

// An interruption at the question must leave everything as it was.
func TestInterruptedAtTheQuestion(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0)
	cmd := justCmd(w, apply...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(seen.String(), "Enter a value: ") {
		n, err := stdout.Read(buffer)
		seen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("no question: %v in\n%s", err, seen.String())
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(stdout)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(rest), "Interrupt received.") {
		t.Errorf("%v, %s", err, rest)
	}
	if d := deployed(t, w); d.Deployed != "v1.5.3" {
		t.Errorf("deployed %+v", d)
	}
}

// Without symbolic links, just is a copy of the program.
func TestJustIsALinkOrACopy(t *testing.T) {
	program, bin := filepath.Join(t.TempDir(), "program"), t.TempDir()
	const text = "our own program"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	noLinks := func(string, string) error { return errors.ErrUnsupported }
	// Each takes the place of the one before, and none writes through a link.
	for i, link := range []func(string, string) error{os.Symlink, os.Symlink, noLinks, noLinks, os.Symlink} {
		if err := install(program, bin, "just", link); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(filepath.Join(bin, "just")); err != nil || string(data) != text {
			t.Errorf("%d: %q, %v", i, data, err)
		}
	}
	if data, err := os.ReadFile(program); err != nil || string(data) != text {
		t.Errorf("the program itself is %q, %v", data, err)
	}
	if err := install(filepath.Join(bin, "nothing"), bin, "just", noLinks); err == nil {
		t.Error("a program that does not exist was installed")
	}
	if found, _ := os.ReadDir(bin); len(found) != 1 {
		t.Errorf("the folder holds %v", found)
	}
}

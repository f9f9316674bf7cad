package just

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"catalog-runbook/steps/practice/state"
)

// service is a service's Terraform file in one environment of the checkout.
type service struct {
	checkout *os.Root
	file     string // relative to it, with slashes
	db       string // the database's file in the same environment
}

// findService fails where the file does not exist, and for names that would
// lead out of the checkout.
func findService(checkout *os.Root, env, name string) (service, error) {
	file := "environments/" + env + "/" + name + ".tf"
	if !fs.ValidPath(file) || strings.ContainsAny(env+name, `/\`) {
		return service{}, fmt.Errorf("no service %q in %q", name, env)
	}
	if _, err := checkout.Stat(file); err != nil {
		return service{}, err
	}
	return service{checkout: checkout, file: file, db: "environments/" + env + "/catalog-db.tf"}, nil
}

func (s service) hasDatabase() bool {
	_, err := s.checkout.Stat(s.db)
	return err == nil
}

var tagLine = regexp.MustCompile(`(?m)^(\s*docker_image_tag\s*=\s*")([^"\n]+)(")`)

// tag reads the image tag that the file asks for. Without one, the error is
// Terraform's.
func (s service) tag() (text, tag string, err error) {
	data, err := s.checkout.ReadFile(s.file)
	if err != nil {
		return "", "", err
	}
	m := tagLine.FindSubmatch(data)
	if m == nil {
		return "", "", &exitError{code: 1, text: missingTag(path.Base(s.file))}
	}
	return string(data), string(m[2]), nil
}

func missingTag(file string) string {
	return "\nError: Missing required argument\n\n  on " + file + " line 1, in module \"catalog_airflow\":\n" +
		"   1: module \"catalog_airflow\" {\n\nThe argument \"docker_image_tag\" is required, but no definition was found."
}

// bump sets the tag to the newest published release.
func (j *justCommand) bump(_ context.Context, s service, _ terraformCall) error {
	world, err := state.Open(j.world, time.Now)
	if err != nil {
		return err
	}
	newest := world.Deployment().Newest
	text, tag, err := s.tag()
	if err != nil {
		return err
	}
	if tag != newest {
		changed := tagLine.ReplaceAllString(text, "${1}"+newest+"${3}")
		if err := s.checkout.WriteFile(s.file, []byte(changed), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(j.stdout, "%s: docker_image_tag is %s\n", s.file, newest)
	return nil
}

// planned compares the checkout with the world.
func (j *justCommand) planned(s service) (*state.Store, plan, error) {
	world, err := state.Open(j.world, time.Now)
	if err != nil {
		return nil, plan{}, err
	}
	now := world.Deployment()
	then := now
	if _, then.Deployed, err = s.tag(); err != nil {
		return nil, plan{}, err
	}
	then.Database = s.hasDatabase()
	return world, makePlan(now, then, time.Now()), nil
}

func (j *justCommand) plan(ctx context.Context, s service, how terraformCall) error {
	_, p, err := j.planned(s)
	if err != nil {
		return err
	}
	if err := j.play(ctx, p.refreshes()); err != nil {
		return err
	}
	if how.out != "" {
		if err := p.save(how.path(how.out), s); err != nil {
			return terraformError("Failed to write plan file", "The plan file could not be written: "+err.Error()+".")
		}
	}
	lines := p.lines()
	if p.changes() {
		lines = append(lines, planFooter(how.out)...)
	}
	return j.play(ctx, lines)
}

// apply prints the plan, asks as Terraform does, and changes the world. Of a saved
// plan it neither prints nor asks anything.
func (j *justCommand) apply(ctx context.Context, s service, how terraformCall) error {
	if how.saved != "" {
		return j.applySaved(ctx, how)
	}
	world, p, err := j.planned(s)
	if err != nil {
		return err
	}
	if err := j.play(ctx, append(p.refreshes(), p.lines()...)); err != nil {
		return err
	}
	if p.changes() && !how.autoApprove {
		fmt.Fprint(j.stdout, approvalQuestion)
		answer, err := j.ask(ctx)
		fmt.Fprintln(j.stdout)
		if err != nil {
			return err
		}
		if answer != "yes" {
			fmt.Fprintln(j.stdout, "Apply cancelled.")
			return &exitError{code: 1}
		}
	}
	return j.carryOut(ctx, world, p)
}

func (j *justCommand) applySaved(ctx context.Context, how terraformCall) error {
	p, err := openPlan(how.path(how.saved))
	if err != nil {
		return terraformError(fmt.Sprintf("Failed to load %q as a plan file", how.saved), "Error: "+err.Error())
	}
	world, err := state.Open(j.world, time.Now)
	if err != nil {
		return err
	}
	if world.Deployment().Serial != p.before.Serial {
		return terraformError("Saved plan is stale", "The given plan file can no longer be applied because the state was changed by another operation after the plan was created.")
	}
	return j.carryOut(ctx, world, p)
}

// carryOut does what a plan says.
func (j *justCommand) carryOut(ctx context.Context, world *state.Store, p plan) error {
	if err := j.play(ctx, p.progress()); err != nil {
		return err
	}
	if p.changes() {
		if err := world.Deploy(p.after.Deployed, p.after.Database); err != nil {
			return err
		}
	}
	fmt.Fprintf(j.stdout, "\nApply complete! Resources: %d added, 0 changed, %d destroyed.\n", p.adds, p.destroys)
	return nil
}

// play prints, and turns an interruption into what Terraform says to it.
func (j *justCommand) play(ctx context.Context, lines []line) error {
	err := j.pace.play(ctx, j.stdout, lines)
	if errors.Is(err, context.Canceled) {
		return j.interrupted("execution halted")
	}
	return err
}

func (j *justCommand) interrupted(what string) error {
	fmt.Fprint(j.stdout, "\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n\n")
	return &exitError{code: 1, text: "\nError: " + what}
}

// ask reads one line. The reading goroutine outlives an interruption, which is
// the end of the program.
func (j *justCommand) ask(ctx context.Context) (string, error) {
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(j.stdin).ReadString('\n')
		got <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", j.interrupted("error asking for approval: interrupted")
	case r := <-got:
		if r.err != nil && r.line == "" {
			return "", &exitError{code: 1, text: "\nError: error asking for approval: " + r.err.Error()}
		}
		return strings.TrimRight(r.line, "\r\n"), nil
	}
}

const approvalQuestion = `
Do you want to perform these actions?
  Terraform will perform the actions described above.
  Only 'yes' will be accepted to approve.

  Enter a value: `

// The pauses of the practice: a plan takes about a second and a half in all.
const (
	refreshPause = 150 * time.Millisecond
	linePause    = 10 * time.Millisecond
	workPause    = 300 * time.Millisecond
)

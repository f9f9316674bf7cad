package just

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/practice/state"
)

// service is a service's Terraform file in one environment of the checkout.
type service struct {
	checkout *os.Root
	file     string // relative to it, with slashes
	db       string // the database's file in the same environment
}

// findService fails if the file does not exist, and for names that would lead out of
// the checkout.
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

var tagLine = pattern.Lazy(`(?m)^(\s*docker_image_tag\s*=\s*")([^"\n]+)(")`)

// tag reads the image tag from the file. If there is no tag, the error is Terraform's.
func (s service) tag() (text, tag string, err error) {
	data, err := s.checkout.ReadFile(s.file)
	if err != nil {
		return "", "", err
	}
	m := tagLine().FindSubmatch(data)
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
func (c *command) bump(s service) error {
	world, err := state.Open(c.world, time.Now)
	if err != nil {
		return err
	}
	newest := world.Deployment().Newest
	text, tag, err := s.tag()
	if err != nil {
		return err
	}
	if tag != newest {
		changed := tagLine().ReplaceAllString(text, "${1}"+newest+"${3}")
		if err := s.checkout.WriteFile(s.file, []byte(changed), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.stdout, "%s: docker_image_tag is %s\n", s.file, newest)
	return nil
}

// planned makes a plan from the checkout and the world.
func (c *command) planned(s service) (*state.Store, plan, error) {
	world, err := state.Open(c.world, time.Now)
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

// plan prints what would change, and saves it to the file out unless that is "".
func (c *command) plan(ctx context.Context, s service, out string) error {
	_, p, err := c.planned(s)
	if err != nil {
		return err
	}
	if err := c.play(ctx, lines(text("refresh", p), refreshPause)); err != nil {
		return err
	}
	if out != "" {
		if err := p.save(out, s); err != nil {
			return terraformError("Failed to write plan file", "The plan file could not be written: "+err.Error()+".")
		}
	}
	printed := text("plan", p)
	switch {
	case p.Changes() && out != "":
		printed += "\n" + text("saved", out)
	case p.Changes():
		printed += "\n" + text("not saved", nil)
	}
	return c.play(ctx, lines(printed, linePause))
}

// apply prints the plan, asks for approval as Terraform does, and changes the world. It
// carries out a saved plan without printing it or asking.
func (c *command) apply(ctx context.Context, s service, saved string) error {
	if saved != "" {
		return c.applySaved(ctx, saved)
	}
	world, p, err := c.planned(s)
	if err != nil {
		return err
	}
	if err := c.play(ctx, append(lines(text("refresh", p), refreshPause), lines(text("plan", p), linePause)...)); err != nil {
		return err
	}
	if p.Changes() {
		fmt.Fprint(c.stdout, text("question", nil))
		answer, err := c.ask(ctx)
		fmt.Fprintln(c.stdout)
		if err != nil {
			return err
		}
		if answer != "yes" {
			fmt.Fprintln(c.stdout, "Apply cancelled.")
			return &exitError{code: 1}
		}
	}
	return c.carryOut(ctx, world, p)
}

func (c *command) applySaved(ctx context.Context, saved string) error {
	p, err := openPlan(saved)
	if err != nil {
		return terraformError(fmt.Sprintf("Failed to load %q as a plan file", saved), "Error: "+err.Error())
	}
	world, err := state.Open(c.world, time.Now)
	if err != nil {
		return err
	}
	if world.Deployment().Serial != p.Before.Serial {
		return terraformError("Saved plan is stale", "The given plan file can no longer be applied because the state was changed by another operation after the plan was created.")
	}
	return c.carryOut(ctx, world, p)
}

// carryOut carries out a plan.
func (c *command) carryOut(ctx context.Context, world *state.Store, p plan) error {
	if p.Changes() {
		if err := c.play(ctx, lines(strings.TrimPrefix(text("progress", p), "\n"), workPause)); err != nil {
			return err
		}
		if err := world.Deploy(p.After.Deployed, p.After.Database); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.stdout, "\nApply complete! Resources: %d added, 0 changed, %d destroyed.\n", p.Adds, p.Destroys)
	return nil
}

// play prints lines, and on an interruption what Terraform prints then.
func (c *command) play(ctx context.Context, lines []line) error {
	err := c.pace.play(ctx, c.stdout, lines)
	if errors.Is(err, context.Canceled) {
		return c.interrupted("execution halted")
	}
	return err
}

func (c *command) interrupted(what string) error {
	fmt.Fprint(c.stdout, "\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n\n")
	return &exitError{code: 1, text: "\nError: " + what}
}

// ask reads one line. The reading goroutine outlives an interruption, which is
// the end of the program.
func (c *command) ask(ctx context.Context) (string, error) {
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(c.stdin).ReadString('\n')
		got <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", c.interrupted("error asking for approval: interrupted")
	case r := <-got:
		if r.err != nil && r.line == "" {
			return "", &exitError{code: 1, text: "\nError: error asking for approval: " + r.err.Error()}
		}
		return strings.TrimRight(r.line, "\r\n"), nil
	}
}

// The pauses of the practice: a plan takes about a second and a half in all.
const (
	refreshPause = 150 * time.Millisecond
	linePause    = 10 * time.Millisecond
	workPause    = 300 * time.Millisecond
)

// Package practice is a world to practise a deployment in: GitHub, a container
// registry and Airflow on loopback, an infrastructure checkout in a temporary
// folder, and a `just` that talks to them. They answer as the real services do,
// so that what works here works there; nothing real can be reached or changed.
//
// Nothing in a world waits. What a service answers follows from the time that
// has passed since an act, so a world can be driven by any clock.
package practice

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// The variables that make our own binary the practice `just`.
const (
	controlVariable = "CATALOG_RUNBOOK_PRACTICE"       // address of the world's control server
	tokenVariable   = "CATALOG_RUNBOOK_PRACTICE_TOKEN" // what it demands
	// PaceVariable stretches the pauses in the output of the practice `just`:
	// 1 is the usual pace, 0 prints everything at once.
	PaceVariable = "CATALOG_RUNBOOK_PRACTICE_PACE"
)

// Options steer a world. The zero value is fit for use.
type Options struct {
	Now            func() time.Time // nil: time.Now
	Executable     string           // the binary that becomes `just`; "": the running one
	AirflowVersion int              // 2 or 3; 0: 2
}

// World is a practice world that runs. Its methods may be called concurrently.
type World struct {
	scenario Scenario
	state    *state
	folder   string

	github, registry, airflow, control *server

	githubToken  string
	controlToken string
	password     string
	closing      sync.Once
}

// Start makes a world for a scenario: its servers listen and its checkout is on
// disk when it returns. The error for an unknown scenario names the known ones;
// without git on the PATH there is no world. Close must be called in the end.
func Start(scenario string, o Options) (_ *World, err error) {
	s, err := findScenario(scenario)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch o.AirflowVersion {
	case 0:
		o.AirflowVersion = 2
	case 2, 3:
	default:
		return nil, fmt.Errorf("starting the practice world: there is no Airflow %d; hint: 2 and 3 are known", o.AirflowVersion)
	}
	if o.Executable == "" {
		if o.Executable, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("starting the practice world: finding our own program: %w", err)
		}
	}
	if o.Executable, err = filepath.Abs(o.Executable); err != nil {
		return nil, fmt.Errorf("starting the practice world: %w", err)
	}
	w := &World{
		scenario:     s,
		state:        newState(s, o.Now),
		githubToken:  secret(),
		controlToken: secret(),
		password:     secret(),
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the practice world: %w", err), w.Close())
		}
	}()
	if w.folder, err = os.MkdirTemp("", "catalog-runbook-practice-"); err != nil {
		return nil, err
	}
	if err = w.furnish(o.Executable); err != nil {
		return nil, err
	}
	registry := newRegistry(w.state)
	for _, service := range []struct {
		at   **server
		make func(origin string) http.Handler
	}{
		{&w.github, func(origin string) http.Handler { return newGitHub(origin, w.githubToken, w.state) }},
		{&w.registry, registry.handler},
		{&w.airflow, func(string) http.Handler {
			return newAirflow(o.AirflowVersion, w.password, w.state)
		}},
		{&w.control, func(string) http.Handler { return controlHandler(w.controlToken, w.state) }},
	} {
		if *service.at, err = listen(service.make); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// furnish makes the world's folders: home, bin with just, and the checkout.
func (w *World) furnish(executable string) error {
	for _, dir := range []string{w.home(), w.bin(), w.temp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := installJust(executable, w.bin()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return makeCheckout(ctx, w.InfrastructureDir(), w.home(), w.scenario)
}

// Close stops the servers and removes the world's folder. Calling it again does
// nothing and returns nil.
func (w *World) Close() (err error) {
	w.closing.Do(func() { err = w.end() })
	return err
}

func (w *World) end() error {
	var errs []error
	for _, s := range []*server{w.github, w.registry, w.airflow, w.control} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	if w.folder != "" {
		errs = append(errs, os.RemoveAll(w.folder))
	}
	return errors.Join(errs...)
}

// Scenario returns the scenario that the world was started with.
func (w *World) Scenario() Scenario { return w.scenario }

// GitHubURL is the address of GitHub's REST API, without a final slash.
func (w *World) GitHubURL() string { return w.github.origin }

// GitHubToken is a token that may see drafts, as people with push access may.
func (w *World) GitHubToken() string { return w.githubToken }

// Repository is the Catalog's repository, "owner/name".
func (w *World) Repository() string { return repository }

// Workflow is the file name of the workflow that publishes images.
func (w *World) Workflow() string { return workflowFile }

// Image is the image's reference without a tag: host:port/owner/name. The host
// is a loopback address, which is asked over plain HTTP.
func (w *World) Image() string { return w.registry.host() + "/" + imageName }

// AirflowURL is the address of Airflow's web server, without a final slash.
func (w *World) AirflowURL() string { return w.airflow.origin }

// AirflowUser is an account that may see all DAGs.
func (w *World) AirflowUser() string { return viewer }

// AirflowPassword is the password of AirflowUser and of PowerlessUser.
func (w *World) AirflowPassword() string { return w.password }

// InfrastructureDir is the git work tree with the justfile.
func (w *World) InfrastructureDir() string {
	return filepath.Join(w.folder, "openverse-infrastructure")
}

func (w *World) home() string { return filepath.Join(w.folder, "home") }
func (w *World) bin() string  { return filepath.Join(w.folder, "bin") }
func (w *World) temp() string { return filepath.Join(w.folder, "tmp") }

// Environ is the whole environment for a command of this world, as in
// exec.Cmd.Env. Nothing of the surrounding environment is in it, so that no
// command can find a real tool or a real credential.
func (w *World) Environ() []string {
	env := []string{
		"PATH=" + w.bin(),
		"HOME=" + w.home(),
		"TMPDIR=" + w.temp(),
		"LANG=C.UTF-8",
		"GIT_CONFIG_NOSYSTEM=1",
		controlVariable + "=" + w.control.origin,
		tokenVariable + "=" + w.controlToken,
	}
	if runtime.GOOS == "windows" {
		env = append(env, "SYSTEMROOT="+os.Getenv("SYSTEMROOT"), "USERPROFILE="+w.home())
	}
	return env
}

func secret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}

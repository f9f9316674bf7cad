// Package practice runs a world to practice a deployment in: GitHub, a container
// registry and Airflow on loopback, an infrastructure checkout, and a `just` and a
// `terraform` that work on it. They behave like the real services and programs, so
// that what works here works there. Nothing real can be reached or changed.
//
// A world lives in a folder. Its state is in a file there, which the services and
// the practice `just` read and change. Neither needs the other to run, and a world
// can be left and resumed later.
//
// A world has no timers. The responses of its services depend on the time since an act,
// so any clock can drive a world.
package practice

import (
	_ "embed"
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/github"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/practice/postgres"
	"catalog-runbook/steps/practice/registry"
	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// World is a running practice world. Its methods may be called concurrently.
type World struct {
	scenario  Scenario
	state     *state.Store
	folder    state.Folder
	temporary bool // Close removes the folder

	github, registry, airflow *server.Server
	database                  *postgres.Server // nil in a scenario without one

	githubToken string
	password    string
	acting      sync.Mutex
	closing     sync.Once
}

// Close stops the services and removes a temporary folder. A folder that was named
// in Options stays, so that Start can resume its world. A running `just` keeps running.
// Calling Close again does nothing and returns nil.
func (w *World) Close() (err error) {
	w.closing.Do(func() { err = w.end() })
	return err
}

func (w *World) end() error {
	var errs []error
	for _, s := range []*server.Server{w.github, w.registry, w.airflow} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if w.database != nil {
		errs = append(errs, w.database.Close())
	}
	if w.temporary && w.folder != "" {
		errs = append(errs, os.RemoveAll(string(w.folder)))
	}
	return errors.Join(errs...)
}

// ApplyAsks reports whether the apply recipe takes no saved plan and asks instead,
// which the settings of this world have to say.
func (w *World) ApplyAsks() bool { return w.scenario.applyFlags != "" }

// MayWait names the DAGs whose runs may wait during a deployment, which the settings of
// this world have to say.
func (w *World) MayWait() (dags []string) {
	for _, r := range w.scenario.runs {
		if r.waits != "" {
			dags = append(dags, r.dag)
		}
	}
	return dags
}

// GoesBack reports whether the walk goes back to the release before the one that is
// deployed.
func (w *World) GoesBack() bool { return w.scenario.back }

// GitHubURL is the address of GitHub's REST API, without a final slash.
func (w *World) GitHubURL() string { return w.github.Origin }

// GitHubToken is a token that shows drafts, like that of people with push access.
func (w *World) GitHubToken() string { return w.githubToken }

// Repository is the Catalog's repository, "owner/name".
func (w *World) Repository() string { return github.Repository }

// dagsDocument is the document of the scenarios in which only DAGs are deployed.
//
//go:embed dags.md
var dagsDocument []byte

// Document is the document that is walked in this world, nil if it is the embedded one.
func (w *World) Document() []byte {
	switch {
	case w.scenario.pull.Number > 0:
		return dagsDocument
	case w.scenario.migration:
		return migrationDocument
	}
	return nil
}

// PullRequest is the number of the pull request that changes DAGs, "" if there is none.
func (w *World) PullRequest() string {
	if n := w.scenario.pull.Number; n > 0 {
		return strconv.Itoa(n)
	}
	return ""
}

// Workflow is the file name of the workflow that publishes images.
func (w *World) Workflow() string { return github.Workflow }

// Image is the image's reference without a tag: host:port/owner/name. The host is
// a loopback address and speaks plain HTTP.
func (w *World) Image() string { return w.registry.Host() + "/" + registry.Image }

// AirflowURL is the address of Airflow's web server, without a final slash.
func (w *World) AirflowURL() string { return w.airflow.Origin }

// AirflowUser is an account that may see all DAGs, pause them and turn them on.
func (w *World) AirflowUser() string { return airflow.Operator }

// AirflowPassword is the password of AirflowUser and of all other accounts.
func (w *World) AirflowPassword() string { return w.password }

// InfrastructureDir is the git work tree with the justfile.
func (w *World) InfrastructureDir() string { return w.folder.Checkout() }

// Environ is the whole environment for a command of this world, as in exec.Cmd.Env.
// It has nothing of this program's own environment, so that no command can find a
// real tool or credential. It works as long as the folder exists, even after this
// program has ended.
func (w *World) Environ() []string {
	env := []string{
		"PATH=" + w.folder.Bin(),
		"HOME=" + w.folder.Home(),
		"TMPDIR=" + w.folder.Temp(),
		"LANG=C.UTF-8",
		"GIT_CONFIG_NOSYSTEM=1",
		just.ControlVariable + "=" + string(w.folder),
	}
	if runtime.GOOS == "windows" {
		env = append(env, "SYSTEMROOT="+os.Getenv("SYSTEMROOT"), "USERPROFILE="+w.folder.Home())
	}
	return env
}

package practice

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/github"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/practice/registry"
	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// Options configure a world. The zero value is valid.
type Options struct {
	Now            func() time.Time // nil: time.Now
	Executable     string           // the binary that acts as `just` and `terraform`; "": the running one
	AirflowVersion int              // 2 or 3; 0: that of the resumed world, else 2
	// Folder is where the world lives; "" for a temporary folder, which Close
	// removes. A missing or empty folder gets a new world. A folder that holds a
	// world resumes it: all is as it was left, but on new ports and with new
	// secrets. Only one world may run on a folder at a time.
	Folder string
	// Instant makes a new world in which Airflow is up as soon as it was replaced, for who
	// replaces it over and over.
	Instant bool
}

// Start makes a world for a scenario, or resumes the one in the folder. When it
// returns, the services listen and the checkout is on disk. The error for an unknown
// scenario names the known ones. It fails if the folder holds a world of another
// scenario, and without git on the PATH. The caller must call Close.
func Start(scenario string, o Options) (*World, error) {
	s, err := FindScenario(scenario)
	if err != nil {
		return nil, fmt.Errorf("starting the practice world: %w", err)
	}
	return s.start(o)
}

func (s Scenario) start(o Options) (_ *World, err error) {
	w := &World{scenario: s, temporary: o.Folder == "", githubToken: server.Secret(), password: server.Secret()}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the practice world: %w", err), w.Close())
		}
	}()
	if err = o.complete(); err != nil {
		return nil, err
	}
	w.folder, err = settle(o.Folder, func(f state.Folder) error {
		facts := newFacts(s, max(o.AirflowVersion, 2), o.Now())
		facts.Instant = o.Instant
		return beginWorld(f, s, facts)
	})
	if err != nil {
		return nil, err
	}
	if w.state, err = state.Open(w.folder, o.Now); err != nil {
		return nil, err
	}
	if err = w.open(o); err != nil {
		return nil, err
	}
	if err = w.listen(); err != nil {
		return nil, err
	}
	if err = w.openDatabase(); err != nil {
		return nil, err
	}
	return w, nil
}

// complete sets the defaults.
func (o *Options) complete() (err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AirflowVersion != 0 && o.AirflowVersion != 2 && o.AirflowVersion != 3 {
		return fmt.Errorf("there is no Airflow %d; hint: 2 and 3 are known", o.AirflowVersion)
	}
	if o.Executable == "" {
		if o.Executable, err = os.Executable(); err != nil {
			return fmt.Errorf("finding our own program: %w", err)
		}
	}
	if o.Executable, err = filepath.Abs(o.Executable); err != nil || o.Folder == "" {
		return err
	}
	o.Folder, err = filepath.Abs(o.Folder)
	return err
}

// open checks that the world in the folder is complete and the one that was asked
// for. It installs the practice `just` and `terraform` again, because the program may
// have moved.
func (w *World) open(o Options) error {
	k := w.state.Facts()
	switch {
	case k.Scenario != w.scenario.Name:
		return fmt.Errorf("%s holds a world of the scenario %q, not of %q; hint: resume that one, or choose another folder", w.folder, k.Scenario, w.scenario.Name)
	case o.AirflowVersion != 0 && o.AirflowVersion != k.Airflow:
		return fmt.Errorf("%s holds a world with Airflow %d, not %d", w.folder, k.Airflow, o.AirflowVersion)
	case !exists(filepath.Join(w.folder.Checkout(), ".git")):
		return fmt.Errorf("%s no longer has its checkout %s; hint: begin another practice", w.folder, filepath.Base(w.folder.Checkout()))
	}
	for _, dir := range []string{w.folder.Home(), w.folder.Bin(), w.folder.Temp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	for _, name := range just.Programs {
		if err := install(o.Executable, w.folder.Bin(), name, os.Symlink); err != nil {
			return err
		}
	}
	return nil
}

// listen starts the services.
func (w *World) listen() (err error) {
	for _, service := range []struct {
		at   **server.Server
		make func(origin string) http.Handler
	}{
		{&w.github, func(origin string) http.Handler { return github.New(origin, w.githubToken, w.state) }},
		{&w.registry, func(origin string) http.Handler { return registry.New(origin, w.state) }},
		{&w.airflow, func(string) http.Handler {
			return airflow.New(w.state.Facts().Airflow, w.password, w.state)
		}},
	} {
		if *service.at, err = server.Listen(func(origin string) http.Handler { return w.state.Fresh(service.make(origin)) }); err != nil {
			return err
		}
	}
	return nil
}

package practice

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"time"

	client "catalog-runbook/steps/postgres"
	"catalog-runbook/steps/practice/postgres"
	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// migrationDocument is the document of the scenario in which the database is migrated.
//
//go:embed migration.md
var migrationDocument []byte

// migrationTakes is how long the practice migration builds its index.
const migrationTakes = 10 * time.Second

const migratedTable, migratedIndex = "public.image", "public.image_license_idx"

// openDatabase serves the database of the scenario, if it has one. Its service file keeps
// out what a person has set for databases of their own.
func (w *World) openDatabase() (err error) {
	if !w.scenario.migration {
		return nil
	}
	password := server.Secret()
	w.database, err = postgres.Listen(string(w.folder), func() postgres.Database {
		_ = w.state.Refresh() // what was read before is as good
		return database(w.state.Facts(), w.state.Now(), password)
	})
	if err != nil {
		return err
	}
	service := fmt.Sprintf("[practice]\nhost=%s\nport=5432\ndbname=catalog\nuser=reader\npassword=%s\nsslmode=verify-full\nrequire_auth=password\n", postgres.Host, password)
	return os.WriteFile(w.serviceFile(), []byte(service), 0o600)
}

func (w *World) serviceFile() string { return filepath.Join(string(w.folder), "pg_service.conf") }

// Postgres returns a client for the database, nil if the world has none.
func (w *World) Postgres() *client.Client {
	if w.database == nil {
		return nil
	}
	return client.New(client.Options{Tunnel: w.database.Address, RootCertificate: w.database.Certificate, Service: "practice", ServiceFile: w.serviceFile(), PasswordFile: os.DevNull})
}

// database is the database as the migrations have left it so far. The first leaves an index
// that isn't valid, as CREATE INDEX CONCURRENTLY does when it fails.
func database(k state.Facts, now time.Time, password string) postgres.Database {
	d := postgres.Database{
		Name: "catalog", User: "reader", Password: password, System: "7300000000000000001",
		Relations: map[string]postgres.Relation{migratedTable: {Kind: "r", Columns: []string{"identifier", "license"}}},
	}
	runs := len(k.Migrated)
	if runs == 0 {
		return d
	}
	busy := now.Sub(k.Migrated[runs-1]) < migrationTakes
	if busy {
		d.Busy = map[string][]string{migratedTable: {"4711 deploy psql"}}
	}
	if runs > 1 || !busy {
		d.Relations[migratedIndex] = postgres.Relation{Kind: "i", On: migratedTable, Columns: []string{"license"}, Invalid: runs == 1 || busy}
	}
	return d
}

// migrate runs the migration by hand, at most twice.
type migrate struct{}

func (migrate) act(w *World) act {
	a := act{ID: "run-migration", Label: "run the migration", Hint: "with psql through the jump host, as the step says; it takes a few seconds", Enabled: true}
	runs := w.state.Facts().Migrated
	switch {
	case len(runs) > 0 && w.state.Now().Sub(runs[len(runs)-1]) < migrationTakes:
		a.Enabled, a.Hint = false, "it is running"
	case len(runs) == 1:
		a.Label, a.Hint = "drop the invalid index, and run the migration again", "with psql; nothing blocks it this time"
	case len(runs) > 1:
		a.Enabled, a.Hint = false, "done: the index is valid"
	}
	return a
}

func (migrate) do(w *World) error {
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Migrated = append(k.Migrated, now)
		k.Tell(now, "", "psql: CREATE INDEX CONCURRENTLY image_license_idx has begun")
		if len(k.Migrated) == 1 {
			k.Foretell(now.Add(migrationTakes), "", "psql: ERROR: canceling statement due to lock timeout")
		} else {
			k.Foretell(now.Add(migrationTakes), "", "psql: CREATE INDEX")
		}
		return nil
	})
}

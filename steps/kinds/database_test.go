package kinds_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/database"
	"catalog-runbook/steps/postgres"
	practice "catalog-runbook/steps/practice/postgres"
	"catalog-runbook/steps/testdata/fake"
)

// catalog is a database after some migrations.
func catalog() practice.Database {
	return practice.Database{
		Name: "catalog", User: "reader", Password: "reader-password", System: "7300000000000000001",
		Relations: map[string]practice.Relation{
			"public.image":       {Kind: "r", Columns: []string{"license", "size"}, Constraints: map[string]bool{"sized": true, "half": false}},
			"public.license_idx": {Kind: "i", On: "public.image", Columns: []string{"license", "size"}},
			"public.broken_idx":  {Kind: "i", On: "public.image", Columns: []string{"license"}, Invalid: true},
			"public.counts":      {Kind: "m", Unpopulated: true},
		},
		Answers: map[string]bool{"select true": true, "select false": false},
	}
}

// withDatabase is a world with a database that changes make of catalog.
func withDatabase(changes ...func(*practice.Database)) func(*testing.T, *steps.World) {
	return withDatabaseAs(func(*postgres.Options) {}, changes...)
}

func withDatabaseAs(as func(*postgres.Options), changes ...func(*practice.Database)) func(*testing.T, *steps.World) {
	return func(t *testing.T, w *steps.World) {
		d := catalog()
		for _, change := range changes {
			change(&d)
		}
		s, err := practice.Listen(t.TempDir(), func() practice.Database { return d })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		o := postgres.Options{Host: practice.Host, Database: "catalog", User: "reader", Tunnel: s.Address, RootCertificate: s.Certificate}
		withoutVariables(t)
		t.Setenv("PGPASSWORD", "reader-password")
		as(&o)
		w.Postgres = postgres.New(o)
	}
}

// withoutVariables takes away what a person has set for their own databases.
func withoutVariables(t *testing.T) (home string) {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, "")
		}
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	return home
}

// hangingDatabase takes a connection and says nothing.
func hangingDatabase(t *testing.T) (*steps.World, <-chan struct{}) {
	withoutVariables(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	asked := make(chan struct{})
	go func() {
		if conn, err := l.Accept(); err == nil {
			close(asked)
			_, _ = conn.Read(make([]byte, 1<<10))
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	w := fake.Connect(t, fake.NewScript(t))
	w.Postgres = postgres.New(postgres.Options{Host: practice.Host, Database: "catalog", User: "reader", Tunnel: l.Addr().String()})
	return w, asked
}

var accessFixture = fixture{
	hang: hangingDatabase,
	cases: []kindCase{
		{name: "reached", world: withDatabase(), verdict: runbook.Passed, says: []string{"catalog was reached as reader, through the tunnel at 127.0.0.1:"},
			sees: []string{"database: catalog as reader", "system identifier 7300000000000000001, timeline 1", "certificate: for " + practice.Host, "psql or pgcli: psql and pgcli don't know [postgres] tunnel"}},
		{name: "a standby", world: withDatabase(func(d *practice.Database) { d.Standby = true }), verdict: runbook.Failed, says: []string{"A database answers, but this server is a standby"}},
		{name: "another server", world: withDatabaseAs(func(o *postgres.Options) { o.System = "7300000000000000002" }), verdict: runbook.Failed, says: []string{"another server: its system identifier is 7300000000000000001, not 7300000000000000002"}},
		{name: "the right server", world: withDatabaseAs(func(o *postgres.Options) { o.System = "7300000000000000001" }), verdict: runbook.Passed},
		{name: "wrong password", world: withDatabase(func(d *practice.Database) { d.Password = "another" }), verdict: runbook.Unknown, denied: true, says: []string{"reader's password was rejected"}},
		{name: "another database", params: steps.Params{"database": "other"}, world: withDatabase(), verdict: runbook.Unknown, says: []string{"has no database other"}},
		{name: "no tunnel", world: withDatabaseAs(func(o *postgres.Options) { o.Tunnel = "127.0.0.1:1" }), verdict: runbook.Unknown, says: []string{"The tunnel is down", "ssh -N"}},
		{name: "nothing configured", world: withDatabaseAs(func(o *postgres.Options) { *o = postgres.Options{} }), verdict: runbook.Unknown, says: []string{"no database configured", "[postgres]"}},
		{name: "no database in practice", world: func(_ *testing.T, w *steps.World) { w.Postgres = nil }, verdict: runbook.Unknown, says: []string{"no database"}},
	},
}

func busy(table string) func(*practice.Database) {
	return func(d *practice.Database) {
		d.Busy = map[string][]string{table: {"4711 deploy psql"}}
		d.Waits = []string{"4712 airflow loader 4711 deploy psql public.image"}
	}
}

func migrated(pairs ...string) steps.Params {
	p := steps.Params{}
	for i := 0; i < len(pairs); i += 2 {
		p[pairs[i]] = pairs[i+1]
	}
	return p
}

const migratingDAG = "recreate_image_popularity_calculation"

// latestRun is a script of requests for the latest run of the DAG that migrates.
func latestRun(runs ...fake.Object) []fake.Exchange {
	if runs == nil {
		runs = []fake.Object{}
	}
	dags := fake.AirflowURL + "/api/v2/dags/" + migratingDAG
	return []fake.Exchange{airflow3,
		{URL: dags, Body: fake.Object{"dag_id": migratingDAG, "is_paused": false, "is_stale": false, "has_import_errors": false}},
		{URL: dags + "/dagRuns?limit=100&order_by=-id", Body: fake.Object{"dag_runs": runs, "total_entries": len(runs)}}}
}

func runIn(state string) fake.Object {
	return fake.Object{"dag_id": migratingDAG, "dag_run_id": "manual", "state": state, "start_date": "2024-02-20T10:00:00Z"}
}

func byDAG(pairs ...string) steps.Params {
	return migrated(append(pairs, "dag", migratingDAG, "airflow", fake.AirflowURL)...)
}

var migrationFixture = fixture{
	hang:   hangingDatabase,
	params: migrated("index", "license_idx", "table", "public.image", "columns", "license, size"),
	cases: []kindCase{
		{name: "a valid index", world: withDatabase(), verdict: runbook.Passed, says: []string{"The migration was run: index license_idx is there, on public.image (license, size).", "A tick says who ran it."}},
		{name: "an invalid index", params: migrated("index", "broken_idx", "run", "psql -f 0042.sql"), world: withDatabase(), verdict: runbook.Failed,
			says: []string{"is there, but it is neither valid nor ready", "Drop it, and run `psql -f 0042.sql` again, without IF NOT EXISTS"}, sees: []string{"to run by hand: psql -f 0042.sql"}},
		{name: "other columns", params: migrated("index", "license_idx", "columns", "license"), world: withDatabase(), verdict: runbook.Failed, says: []string{"different columns than license"}},
		{name: "no index", params: migrated("index", "nope"), world: withDatabase(), verdict: runbook.Failed, says: []string{"There is no index nope: run the migration, then verify again."}},
		{name: "an index that is made", params: migrated("index", "nope", "table", "public.image"), world: withDatabase(busy("public.image")), verdict: runbook.Failed, waits: true, again: true,
			says: []string{"1 process is at work on the table"}, sees: []string{"at work on its table: 4711 (deploy, psql)", "waits: 4712 (airflow, loader) waits for 4711 (deploy, psql), on public.image, for 90 s"}},
		{name: "a constraint", params: migrated("constraint", "sized", "table", "image"), world: withDatabase(), verdict: runbook.Passed, says: []string{"constraint sized is there, on public.image (check)"}},
		{name: "not validated", params: migrated("constraint", "half", "table", "image"), world: withDatabase(), verdict: runbook.Failed, says: []string{"it isn't validated"}},
		{name: "no table for it", params: migrated("constraint", "sized"), world: withDatabase(), verdict: runbook.Unknown, says: []string{"add table=SCHEMA.NAME"}},
		{name: "a column", params: migrated("column", "size", "table", "image"), world: withDatabase(), verdict: runbook.Passed, says: []string{"column size is there"}},
		{name: "no column", params: migrated("column", "nope", "table", "image"), world: withDatabase(), verdict: runbook.Failed, says: []string{"There is no column nope"}},
		{name: "a table", params: migrated("table", "image"), world: withDatabase(), verdict: runbook.Passed, says: []string{"table image is there (table)"}},
		{name: "an empty view", params: migrated("table", "counts"), world: withDatabase(), verdict: runbook.Failed, says: []string{"it is empty until REFRESH MATERIALIZED VIEW ends"}},
		{name: "yes", params: migrated("query", "select true"), world: withDatabase(), verdict: runbook.Passed, says: []string{"the question's answer is yes"}},
		{name: "no", params: migrated("query", "select false"), world: withDatabase(), verdict: runbook.Failed, says: []string{"The question's answer is no: run the migration"}},
		{name: "not a question", params: migrated("query", "select pg_terminate_backend(1)"), world: withDatabase(), verdict: runbook.Unknown, says: []string{"calls \"pg_terminate_backend\""}},
		{name: "a version row", params: migrated("query", "select exists (select from alembic_version)"), world: withDatabase(), verdict: runbook.Unknown, says: []string{"recorded for a migration that was skipped"}},
		{name: "two things, one missing", params: migrated("index", "license_idx", "query", "select false"), world: withDatabase(), verdict: runbook.Failed, says: []string{"answer is no"}},
		{name: "a standby", world: withDatabase(func(d *practice.Database) { d.Standby = true }), verdict: runbook.Unknown, says: []string{"a standby"}},
		{name: "wrong password", world: withDatabase(func(d *practice.Database) { d.Password = "another" }), verdict: runbook.Unknown, denied: true},
		{name: "a DAG that succeeded", params: byDAG(), asks: latestRun(runIn("success")), verdict: runbook.Passed, says: []string{"succeeded; it began"}, sees: []string{"latest run: manual: success"}},
		{name: "a DAG that failed", params: byDAG(), asks: latestRun(runIn("failed")), verdict: runbook.Failed, says: []string{"failed"}},
		{name: "a DAG that runs", params: byDAG(), asks: latestRun(runIn("running")), verdict: runbook.Failed, waits: true, again: true, says: []string{"is running: wait"}},
		{name: "a DAG in no known state", params: byDAG(), asks: latestRun(runIn("resting")), verdict: runbook.Unknown, says: []string{`"resting"`}},
		{name: "a DAG that never ran", params: byDAG(), asks: latestRun(), verdict: runbook.Failed, says: []string{"has never run"}},
		{name: "a DAG that ran before", params: byDAG("since", "2024-02-21"), asks: latestRun(runIn("success")), verdict: runbook.Failed, says: []string{"before 2024-02-21T00:00:00Z"}},
		{name: "no date", params: byDAG("since", "yesterday"), verdict: runbook.Unknown, says: []string{"write it like 2026-11-28"}},
		{name: "a DAG, and what it leaves", params: byDAG("index", "license_idx"), asks: latestRun(runIn("success")), world: withDatabase(), verdict: runbook.Passed, says: []string{"index license_idx is there, on public.image (license, size)."}},
		{name: "a DAG without what it leaves", params: byDAG("index", "nope"), asks: latestRun(runIn("success")), world: withDatabase(), verdict: runbook.Failed, says: []string{"There is no index nope"}},
	},
}

// TestPasswordsStayOut: no result of a check has a password in it, however short.
func TestPasswordsStayOut(t *testing.T) {
	const short = "p4ss"
	for _, right := range []bool{true, false} {
		w := fake.Connect(t, fake.NewScript(t))
		withDatabase(func(d *practice.Database) {
			if d.Password = short; !right {
				d.Password = "other"
			}
		})(t, w)
		home := os.Getenv("HOME")
		t.Setenv("PGPASSWORD", "")
		for name, text := range map[string]string{".pgpass": practice.Host + ":5432:catalog:reader:" + short + "\n"} {
			if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		res := database.Access.Check.Ask(t.Context(), steps.Input{World: w})
		if passed := res.Verdict == runbook.Passed; passed != right {
			t.Errorf("it is %s: %s", res.Verdict, res.Summary)
		}
		text := res.Summary.String()
		for _, e := range res.Evidence {
			text += "\n" + e.Name.String() + e.Value.String() + e.Source.String()
		}
		if strings.Contains(text, short) {
			t.Errorf("the password is in\n%s", text)
		}
		fake.Contains(t, text, "because others may read it (mode 0644): chmod 600")
	}
}

// cutting forwards connections to address, and ends each once the server has said so many
// bytes.
func cutting(t *testing.T, address string, after int64) (at string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = client.Close() }()
				server, err := net.Dial("tcp", address)
				if err != nil {
					return
				}
				all.Go(func() {
					_, _ = io.Copy(server, client)
					_ = server.Close()
				})
				_, _ = io.CopyN(client, server, after)
			})
		}
	})
	return l.Addr().String()
}

// TestACutTunnel: wherever the conversation with the database is cut, the step is unknown,
// and says what to do.
func TestACutTunnel(t *testing.T) {
	for _, c := range []struct {
		kind   *steps.Kind
		params steps.Params
	}{{database.Access, nil}, {database.Migration, migrated("index", "license_idx")}, {database.Migration, migrated("query", "select true")}} {
		ask := func(after int64) runbook.Result {
			w := fake.Connect(t, fake.NewScript(t))
			withDatabaseAs(func(o *postgres.Options) { o.Tunnel = cutting(t, o.Tunnel, after) })(t, w)
			return c.kind.Check.Ask(t.Context(), steps.Input{World: w, Params: c.params})
		}
		if res := ask(1 << 20); res.Verdict != runbook.Passed {
			t.Fatalf("%s is %s: %s", c.kind.Name, res.Verdict, res.Summary)
		}
		const stride = 61
		for after := int64(0); ; after += stride {
			res := ask(after)
			if res.Verdict == runbook.Passed {
				if after < 1000 {
					t.Errorf("%s passes with the first %d bytes: %s", c.kind.Name, after, res.Summary)
				}
				break
			}
			if res.Verdict != runbook.Unknown || !res.Unasked {
				t.Errorf("%s is %s after %d bytes: %s", c.kind.Name, res.Verdict, after, res.Summary)
			}
			if _, hint, ok := strings.Cut(res.Summary.String(), ". "); !ok || !strings.HasSuffix(hint, ".") {
				t.Errorf("%s doesn't say what to do after %d bytes: %s", c.kind.Name, after, res.Summary)
			}
		}
	}
}

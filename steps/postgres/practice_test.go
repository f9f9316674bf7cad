package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"catalog-runbook/steps/postgres"
	practice "catalog-runbook/steps/practice/postgres"
)

// practiced serves a practice database and returns how to reach it.
func practiced(t *testing.T, d practice.Database) postgres.Options {
	t.Helper()
	s, err := practice.Listen(t.TempDir(), func() practice.Database { return d })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	alone(t)
	t.Setenv("PGPASSWORD", d.Password)
	return postgres.Options{Host: practice.Host, Database: d.Name, User: d.User, Tunnel: s.Address, RootCertificate: s.Certificate}
}

// certificate returns the file with an authority.
func certificate(t *testing.T) string {
	t.Helper()
	s, err := practice.Listen(t.TempDir(), func() practice.Database { return practice.Database{} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Certificate
}

// TestContractOfMigrated holds the practice database to what a real one says of the same
// relations.
func TestContractOfMigrated(t *testing.T) {
	grounds := map[string]func(*testing.T) (postgres.Options, string){
		"practice": func(t *testing.T) (postgres.Options, string) {
			return practiced(t, practice.Database{
				Name: "catalog", User: "reader", Password: "reader-password", System: "1",
				Relations: map[string]practice.Relation{
					"public.image":       {Kind: "r", Columns: []string{"license", "size"}, Constraints: map[string]bool{"named": true, "sized": false}},
					"public.license_idx": {Kind: "i", On: "public.image", Columns: []string{"license", "size"}},
					"public.broken_idx":  {Kind: "i", On: "public.image", Columns: []string{"license"}, Unique: true, Invalid: true},
					"public.counts":      {Kind: "m", Unpopulated: true},
				},
				Answers: map[string]bool{"select true": true, "select false": false},
			}), "public"
		},
		"real": func(t *testing.T) (postgres.Options, string) {
			r := real(t)
			t.Setenv("PGPASSWORD", "reader-password")
			name, admin := r.schema(t)
			run(t, admin, "create table image (license text, size int)", "insert into image values ('by', 1), ('by', 2)", "create index license_idx on image (license, size)",
				"alter table image add constraint named check (license <> '')", "alter table image add constraint sized check (size > 0) not valid", "create materialized view counts as select 1 as n with no data")
			if _, err := admin.Exec(t.Context(), "create unique index concurrently broken_idx on image (license)").ReadAll(); err == nil {
				t.Fatal("a unique index was made over duplicates")
			}
			at, _ := r.tunnel(t, r.ports["server"])
			return r.options(at), name
		},
	}
	for name, ground := range grounds {
		t.Run(name, func(t *testing.T) {
			o, schema := ground(t)
			s := open(t, o)
			if s.Database.String() != "catalog" || s.User.String() != "reader" || s.Standby || s.System == "" || !s.Encrypted || s.Started.IsZero() {
				t.Errorf("the server is %+v", s.Server)
			}
			image := schema + ".image"
			for what, tc := range map[string]struct {
				ask  func() (postgres.Object, error)
				want postgres.Object
			}{
				"index": {func() (postgres.Object, error) {
					return s.Index(t.Context(), schema+".license_idx", image, []string{"license", "size"})
				}, postgres.Object{}},
				"short name": {func() (postgres.Object, error) { return s.Index(t.Context(), "license_idx", "", nil) }, postgres.Object{}},
				"other columns": {func() (postgres.Object, error) {
					return s.Index(t.Context(), schema+".license_idx", image, []string{"size"})
				}, postgres.Object{Unfinished: "it is on different columns than size"}},
				"broken":        {func() (postgres.Object, error) { return s.Index(t.Context(), "broken_idx", image, nil) }, postgres.Object{Unfinished: "it is neither valid nor ready, so nothing uses it"}},
				"none":          {func() (postgres.Object, error) { return s.Index(t.Context(), "nope", image, nil) }, postgres.Object{Absent: true}},
				"no index":      {func() (postgres.Object, error) { return s.Index(t.Context(), image, "", nil) }, postgres.Object{Unfinished: "not an index"}},
				"constraint":    {func() (postgres.Object, error) { return s.Constraint(t.Context(), image, "named") }, postgres.Object{}},
				"not validated": {func() (postgres.Object, error) { return s.Constraint(t.Context(), image, "sized") }, postgres.Object{Unfinished: "it isn't validated, so older rows may violate it"}},
				"no constraint": {func() (postgres.Object, error) { return s.Constraint(t.Context(), image, "nope") }, postgres.Object{Absent: true}},
				"column":        {func() (postgres.Object, error) { return s.Column(t.Context(), image, "Size") }, postgres.Object{}},
				"no column":     {func() (postgres.Object, error) { return s.Column(t.Context(), image, "nope") }, postgres.Object{Absent: true}},
				"table":         {func() (postgres.Object, error) { return s.Table(t.Context(), image) }, postgres.Object{}},
				"not filled":    {func() (postgres.Object, error) { return s.Table(t.Context(), schema+".counts") }, postgres.Object{Unfinished: "it is empty until REFRESH MATERIALIZED VIEW ends"}},
			} {
				got, err := tc.ask()
				if err != nil || got.Absent != tc.want.Absent || got.Unfinished != tc.want.Unfinished || len(got.Busy) > 0 {
					t.Errorf("%s: %+v, %v, want %+v", what, got, err, tc.want)
				}
			}
			for question, want := range map[string]bool{"select true": true, "select false": false} {
				if holds, err := s.Holds(t.Context(), question); err != nil || holds != want {
					t.Errorf("%s: %t, %v", question, holds, err)
				}
			}
			if _, err := s.Holds(t.Context(), "select true from nowhere"); err == nil || !strings.Contains(err.Error(), "the query failed") {
				t.Errorf("an unknown table: %v", err)
			}
			if waits, err := s.Waits(t.Context()); err != nil || len(waits) > 0 {
				t.Errorf("who waits: %+v, %v", waits, err)
			}
		})
		t.Run(name+" refuses", func(t *testing.T) {
			o, _ := ground(t)
			for _, tc := range []struct{ password, database, says string }{
				{"a-wrong-password", o.Database, "reader's password was rejected"}, {"", o.Database, "no password for reader found"}, {"reader-password", "absent", "has no database absent"},
			} {
				t.Setenv("PGPASSWORD", tc.password)
				asked := o
				asked.Database = tc.database
				if _, err := postgres.New(asked).Open(t.Context()); err == nil || !strings.Contains(err.Error(), tc.says) {
					t.Errorf("the error is %v, want %q", err, tc.says)
				}
			}
		})
	}
}

// TestRefusedBeforeThePassword: what a server says of itself is not about the person.
func TestRefusedBeforeThePassword(t *testing.T) {
	for code, want := range map[string]string{
		"57P03": "the server is starting, stopping or recovering", "53300": "the server has too many clients", "0A000": "the server refused the connection: sorry (0A000)",
	} {
		o := practiced(t, practice.Database{Name: "catalog", User: "reader", Password: "reader-password", Refuses: &pgconn.PgError{Code: code, Message: "sorry"}})
		_, err := postgres.New(o).Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}

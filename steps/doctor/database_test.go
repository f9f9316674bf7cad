package doctor

import (
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/postgres"
	practice "catalog-runbook/steps/practice/postgres"
)

func TestDatabase(t *testing.T) {
	d := practice.Database{Name: "catalog", User: "reader", Password: "reader-password", System: "7300000000000000001"}
	s, err := practice.Listen(t.TempDir(), func() practice.Database { return d })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	t.Setenv("HOME", t.TempDir())
	nothing := Setup{World: &steps.World{Postgres: postgres.New(postgres.Options{})}}
	if f := nothing.database(use{by: clean.Line("step 1")}).Ask(t.Context()); len(f) != 1 || f[0].State != Missing || f[0].Needed || !strings.Contains(f[0].Next.String(), "set PGSERVICE, or PGHOST") {
		t.Errorf("nothing configured: %+v", f)
	}
	for name, tt := range map[string]struct {
		password, system string
		state            State
		found, next      string
	}{
		"fit":            {"reader-password", "", OK, "catalog as reader on " + practice.Host + ":5432, through the tunnel at " + s.Address + ", PostgreSQL 15", ""},
		"wrong password": {"another", "", Wrong, "reader's password was rejected", "PGPASSWORD"},
		"another server": {"reader-password", "7300000000000000002", Wrong, "this is another server", "check where the tunnel"},
	} {
		t.Setenv("PGPASSWORD", tt.password)
		setup := Setup{World: &steps.World{Postgres: postgres.New(postgres.Options{Host: practice.Host, Port: 5432, Database: "catalog", User: "reader", Tunnel: s.Address, RootCertificate: s.Certificate, System: tt.system})}}
		f := setup.database(use{by: clean.Line("step 1")}).Ask(t.Context())
		if len(f) != 1 || f[0].State != tt.state || f[0].Needed || !strings.Contains(f[0].Found.String(), tt.found) || !strings.Contains(f[0].Next.String(), tt.next) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

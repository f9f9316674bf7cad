package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/steps/postgres"
)

// TestUnlike: where psql or pgcli would connect otherwise, that is said, without a value
// that may be a password.
func TestUnlike(t *testing.T) {
	const password = "ssh-secret"
	for name, tc := range map[string]struct {
		service, passwords string
		mode               os.FileMode
		env                map[string]string
		o                  postgres.Options
		says, not          []string
	}{
		"nothing set":           {},
		"another host":          {env: map[string]string{"PGHOST": "other.test"}, says: []string{"[postgres] says " + host + " as host; psql would take other.test, from PGHOST"}},
		"another port":          {env: map[string]string{"PGPORT": "6000"}, o: postgres.Options{Port: 5432}, says: []string{"[postgres] says 5432 as port; psql would take 6000"}},
		"the service's host":    {service: "[a]\nhost=other.test\n", says: []string{"psql would take other.test, from the service file"}},
		"the same host":         {env: map[string]string{"PGHOST": host}, not: []string{"PGHOST;"}},
		"a tunnel":              {o: postgres.Options{Tunnel: "127.0.0.1:5433"}, says: []string{"PGHOST=" + host + " PGHOSTADDR=127.0.0.1 PGPORT=5433"}},
		"another address":       {env: map[string]string{"PGHOSTADDR": "10.0.0.1"}, o: postgres.Options{Tunnel: "127.0.0.1:5433"}, says: []string{"[postgres] tunnel is 127.0.0.1:5433; psql would go to 10.0.0.1, from PGHOSTADDR"}},
		"the service's address": {service: "[a]\nhost=" + host + "\nhostaddr=127.0.0.1\n", says: []string{"pgcli doesn't know hostaddr in the service file"}},
		"twice":                 {service: "[a]\nhost=a.test\n[b]\nhost=b.test\n[a]\nhost=" + host + "\n", says: []string{"the service is twice", "the last is used here, psql uses the first, and pgcli fails"}},
		"more than pgcli takes": {service: "[a]\nhost=" + host + "\nsslmode=verify-full\noptions=-c a.b=c\n", says: []string{"`pgcli service=NAME` leaves options, sslmode of the service out"}, not: []string{"don't with sslmode"}},
		"what pgx would send":   {service: "[a]\nhost=" + host + "\nkeepalives=1\ngssencmode=disable\n", says: []string{"gssencmode, keepalives is not used here"}},
		"a weak sslmode":        {env: map[string]string{"PGSSLMODE": "require"}, says: []string{"psql and pgcli don't with sslmode=require"}},
		"no root certificate":   {says: []string{"psql wants sslrootcert"}},
		"a root certificate":    {o: postgres.Options{RootCertificate: "/a"}, not: []string{"psql wants sslrootcert"}},
		"not read":              {env: map[string]string{"PGSSLCRL": "/a", "PGLOADBALANCEHOSTS": "random"}, says: []string{"psql and pgcli read PGSSLCRL, this program doesn't", "psql and pgcli read PGLOADBALANCEHOSTS"}},
		"others may read it":    {passwords: host + ":5432:catalog:reader:" + password, mode: 0o640, says: []string{"because others may read it (mode 0640): chmod 600"}},
		"a colon":               {passwords: "# mine\n" + host + ":5432:catalog:reader:" + password + ":more", says: []string{"1 of the lines of", `isn't written "\:"`}},
		"another port in it":    {passwords: host + ":5432:catalog:reader:" + password, o: postgres.Options{Tunnel: "127.0.0.1:5433"}, says: []string{"not under 5432: give the line the port *"}},
		"the password is given": {passwords: "x", mode: 0o644, env: map[string]string{"PGPASSWORD": password}, not: []string{"chmod", "of the lines"}},
	} {
		t.Run(name, func(t *testing.T) {
			home := alone(t)
			write := func(file, text string, mode os.FileMode) {
				if err := os.WriteFile(filepath.Join(home, file), []byte(text), mode); err != nil {
					t.Fatal(err)
				}
			}
			if tc.service != "" {
				write(".pg_service.conf", tc.service, 0o600)
				t.Setenv("PGSERVICE", "a")
			}
			if tc.passwords != "" {
				if tc.mode == 0 {
					tc.mode = 0o600
				}
				write(".pgpass", tc.passwords+"\n", tc.mode)
			}
			for variable, value := range tc.env {
				t.Setenv(variable, value)
			}
			tc.o.Host, tc.o.Database, tc.o.User = host, "catalog", "reader"
			if tc.o.RootCertificate != "" {
				tc.o.RootCertificate = certificate(t)
			}
			got := sentences(postgres.New(tc.o).Unlike())
			for _, want := range tc.says {
				if !strings.Contains(got, want) {
					t.Errorf("it says\n%s\nwant %q", got, want)
				}
			}
			for _, not := range append(tc.not, password) {
				if strings.Contains(got, not) {
					t.Errorf("it says\n%s\nwith %q", got, not)
				}
			}
		})
	}
}

// Package database has the kinds of steps that are about the database: reaching it, and
// its migrations.
package database

import (
	"context"
	"fmt"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/postgres"
)

// Access is a step in which a person reaches the database through the jump host. A check
// connects once and sends one statement.
var Access = &steps.Kind{
	Name:     "postgres-access",
	Doc:      "Reach the database through the jump host.",
	Explain:  why.PostgresAccess,
	Params:   []steps.Param{databaseParam},
	Reads:    reads("words about reaching the database", []string{"ccess", "each", "onnect", "og in"}, reached, reachIt),
	Passages: true,
	Check:    &steps.Check{Ask: checkAccess, Fresh: 15 * time.Minute},
}

var databaseParam = steps.Param{Name: "database", Doc: "the database's name", Setting: "[postgres] database", Own: true}

// reached is a sentence that says how to reach the database.
var reached = pattern.Lazy(`\b(?:instance|database|db|server|warehouse) (?:can|must|may|should) (?:only )?be (?:accessed|reached)\b.*\b(?:jump ?-?host|bastion)\b`)

// reachIt asks to see that the database can be reached.
var reachIt = pattern.Lazy(`^(?:` +
	`(?:check|double-check|ensure|make sure|make certain|verify|confirm|test)(?: that| whether| if)? you (?:can|are able to) (?:access|reach|connect to|log in to) ` + theDatabase + through +
	`|(?:check|ensure|verify|confirm|test)(?: that| whether| if)? ` + theDatabase + ` (?:can be (?:accessed|reached)|is (?:accessible|reachable))` + through +
	`|(?:access|reach|connect to|log in to) ` + theDatabase + ` (?:through|via|using|over|by way of) the ` + jumpHost +
	`)$`)

const (
	theDatabase = `(?:the )?(?:(?:name|name's|production) )?(?:postgres|postgresql|database|db|(?:postgres|postgresql) (?:database|db|instance|server)|database instance)`
	jumpHost    = `(?:jump ?-?host|bastion|bastion host|tunnel|ssh tunnel)`
	through     = `(?: (?:through|via|using|over|by way of) the ` + jumpHost + `)?`
)

func checkAccess(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	s, res := open(ctx, in, r)
	if s != nil {
		defer s.Close()
		how := "directly"
		if s.Tunnel != "" {
			how = "through the tunnel at " + s.Tunnel
		}
		res = r.Passed("%s was reached as %s, %s.", s.Database, s.User, how)
	}
	if in.World.Postgres != nil {
		for _, sentence := range in.World.Postgres.To(in.Params["database"]).Unlike() {
			res.Evidence = append(res.Evidence, runbook.Evidence{Name: clean.Line("psql or pgcli"), Value: sentence, Source: clean.Line("the PG variables and files"), At: r.Now})
		}
	}
	return res
}

// open connects to the database, and reports who has answered. It returns nil and the
// result if that isn't the database that is meant.
func open(ctx context.Context, in steps.Input, r *steps.Report) (*postgres.Session, runbook.Result) {
	if in.World.Postgres == nil {
		return nil, r.Unknown("This practice has no database.")
	}
	client := in.World.Postgres.To(in.Params["database"])
	s, err := client.Open(ctx)
	if err != nil {
		return nil, r.Problem("Connecting to the database", err)
	}
	report(r, s)
	wrong, err := s.Wrong()
	switch {
	case err != nil:
		s.Close()
		return nil, r.Problem("Comparing the database with the expected one", err)
	case wrong != "":
		s.Close()
		return nil, r.Failed("A database answers, but %s: look where the tunnel and the host lead.", wrong)
	}
	return s, runbook.Result{}
}

// report shows who has answered.
func report(r *steps.Report, s *postgres.Session) {
	source := fmt.Sprintf("%s:%d", s.Host, s.Port)
	r.Saw("database", s.Database.String()+" as "+s.User.String(), source)
	server := []string{"PostgreSQL " + s.Version.String()}
	for _, part := range [][2]string{{"cluster ", s.Cluster.String()}, {"at ", s.Address.String()}, {"system identifier ", s.System}, {"timeline ", s.Timeline}} {
		if part[1] != "" {
			server = append(server, part[0]+part[1])
		}
	}
	if !s.Started.IsZero() {
		server = append(server, "running since "+s.Started.UTC().Format("2006-01-02 15:04 UTC"))
	}
	r.Saw("server", strings.Join(server, ", "), source)
	if s.Encrypted {
		r.Saw("certificate", "for "+s.Host, source)
	}
	if s.Pooled {
		r.Saw("pooler", "it takes no start-up parameters; each transaction is read-only anyway", source)
	}
	if s.Superuser {
		r.Saw("role", s.User.String()+" is a superuser; a role that only reads is safer", source)
	}
}

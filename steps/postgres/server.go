package postgres

import (
	"context"
	"strconv"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// Server is who has answered. The address is the server's own end of the connection, and
// that of a pooler's connection to it. System is its system identifier, which physical
// copies of a cluster share, and Timeline what a promoted copy has another one of; both are
// "" for a role that may not ask.
type Server struct {
	Host                      string // the configured one, which its certificate names
	Port                      uint16
	Database, User            clean.Text
	Version, Cluster, Address clean.Text
	System, Timeline          string
	Started                   time.Time
	Standby                   bool // a copy that follows another server
	Superuser                 bool

	writes    bool // the transaction wasn't read-only
	isolation string
}

// server asks in one statement. Every role may call pg_control_system by default, but a
// service may have taken that away, which fails the whole statement.
func (s *Session) server(ctx context.Context) (Server, error) {
	const control = ", (select system_identifier from pg_control_system()), (select timeline_id from pg_control_checkpoint())"
	rows, _, err := s.ask(ctx, selfSQL+control)
	if codeOf(err) == insufficientPrivilege {
		rows, _, err = s.ask(ctx, selfSQL+", '', ''")
	}
	if err != nil {
		return Server{}, failed(ctx, err)
	}
	if len(rows) != 1 {
		return Server{}, broken("returned nothing about itself")
	}
	r := rows[0]
	server := Server{
		Database: clean.Line(r.text(0)), User: clean.Line(r.text(1)), Version: clean.Line(r.text(5)), Cluster: clean.Line(r.text(6)), Address: clean.Line(r.text(7)),
		Standby: r.is(2), Superuser: r.text(9) == "on", System: r.text(10), Timeline: r.text(11),
		writes: r.text(3) != "on", isolation: r.text(4),
	}
	if seconds, err := strconv.ParseInt(r.text(8), 10, 64); err == nil {
		server.Started = time.Unix(seconds, 0)
	}
	return server, nil
}

const selfSQL = `select current_database(), current_user, pg_is_in_recovery(),
 current_setting('transaction_read_only'), current_setting('transaction_isolation'),
 current_setting('server_version'), current_setting('cluster_name'),
 host(inet_server_addr()) || ':' || inet_server_port(),
 extract(epoch from pg_postmaster_start_time())::bigint, current_setting('is_superuser')`

// Wrong returns in a clause why the server is not the one that is meant, or the database
// another one, "" if neither is so. It returns an error if that can't be told.
func (s *Session) Wrong() (string, error) {
	asked, system := clean.Line(s.target.config.Database), s.target.o.System
	switch {
	case s.Standby:
		return "this server is a standby of another one", nil
	case asked != s.Database:
		return "this is the database " + s.Database.String() + ", although " + asked.String() + " was asked for", nil
	case system != "" && s.System == "":
		return "", &transport.Problem{Cause: transport.Credentials, Text: s.User.String() + " can't read the server's system identifier, so it can't be compared", Hint: "ask the database's administrator to let the role call pg_control_system, or remove system_identifier from [postgres]"}
	case system != "" && s.System != system:
		return "this is another server: its system identifier is " + s.System + ", not " + clean.Line(system).String() + " as in [postgres] system_identifier", nil
	}
	return "", nil
}

// readOnly returns an error if a transaction wasn't what it was begun as.
func (s Server) readOnly() error {
	if s.writes || s.isolation != "read committed" {
		return &transport.Problem{Cause: transport.ReadOnly, Text: "the connection is not read-only at READ COMMITTED, although it was asked to be",
			Hint: "connect to the database directly, not through a pooler"}
	}
	return nil
}

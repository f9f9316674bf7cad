package postgres

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// SQLSTATEs (PostgreSQL documentation, "PostgreSQL Error Codes").
const (
	pooler                = "08P01" // protocol_violation, PgBouncer's code for whatever it refuses
	invalidPassword       = "28P01"
	invalidAuthorization  = "28000"
	noDatabase            = "3D000"
	insufficientPrivilege = "42501"
	notAllowed            = "55000" // object_not_in_prerequisite_state: ALLOW_CONNECTIONS is false
	tooManyConnections    = "53300"
	cannotConnectNow      = "57P03"
	adminShutdown         = "57P01"
	idleInTransaction     = "25P03"
	idleSession           = "57P05"
	canceled              = "57014"
	lockNotAvailable      = "55P03"
	readOnlyTransaction   = "25006"
)

// codeOf returns the SQLSTATE of an error, "" if it has none.
func codeOf(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// explain says why no connection came about.
func (t *target) explain(ctx context.Context, err error) *transport.Problem {
	var refused *pgconn.PgError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &transport.Problem{Cause: transport.Cancelled, Text: "the query was canceled"}
	case errors.As(err, &refused):
		return t.refused(refused)
	}
	if p := t.untrusted(err); p != nil {
		return p
	}
	return t.unanswered(err)
}

// refused explains what the server has answered.
func (t *target) refused(e *pgconn.PgError) *transport.Problem {
	said := clean.Line(e.Message).String()
	user, database := clean.Line(t.config.User).String(), clean.Line(t.config.Database).String()
	p := &transport.Problem{Cause: transport.Credentials}
	switch e.Code {
	case invalidPassword:
		if p.Text = user + "'s password was rejected"; t.config.Password == "" {
			p.Text = "no password for " + user + " found, and the server requires one"
			p.Hint = clean.Linef("add a line for %s:%d:%s:%s to %s, or set PGPASSWORD", t.config.Host, t.config.Port, database, user, t.passwordFile()).String()
			break
		}
		p.Hint = "check the password in PGPASSWORD, the service file or " + t.passwordFile() + "; the server says the same for a role that doesn't exist and for an expired password"
	case invalidAuthorization:
		p.Text = "the server's pg_hba.conf has no entry that lets " + user + " into " + database + " this way: " + said
		p.Hint = "connect through the jump host; if you do, ask the database's administrator for an entry in pg_hba.conf, or for a role that can log in"
	case noDatabase:
		p.Cause, p.Text = transport.NotFound, t.server()+" has no database "+database
		p.Hint = "correct PGDATABASE or database under [postgres]; if the name is right, another server answers at " + t.at()
	case insufficientPrivilege:
		p.Text = user + " can't connect to " + database + " (no CONNECT privilege)"
		p.Hint = "ask the database's administrator to grant it, or use another role"
	case notAllowed:
		p.Cause, p.Text = transport.Refused, database+" accepts no connections (ALLOW_CONNECTIONS is off)"
		p.Hint = "check that it is the right database"
	case tooManyConnections:
		p.Cause, p.Text = transport.RateLimited, "the server has too many clients: "+said
		p.Hint = "try again in a minute; this says nothing about your password or privileges"
	case cannotConnectNow:
		p.Cause, p.Text = transport.Unreachable, "the server is starting, stopping or recovering: "+said
		p.Hint = "try again in a minute; this says nothing about your password or privileges"
	case pooler:
		p.Cause, p.Text = transport.Refused, "a pooler such as PgBouncer refused the connection, with a code that it uses for everything: "+said
		p.Hint = "its message says whether it is the password, the user, the database or the server behind it; to find out more, connect to the database directly, on its own port"
	default:
		p.Cause, p.Text = transport.Refused, "the server refused the connection: "+said+" ("+clean.Line(e.Code).String()+")"
		p.Hint = "look up the code in PostgreSQL's documentation, \"PostgreSQL Error Codes\""
	}
	return p
}

// untrusted explains a certificate that doesn't prove that the server is the one meant, nil if
// it isn't that.
func (t *target) untrusted(err error) *transport.Problem {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var system x509.SystemRootsError
	p := &transport.Problem{Cause: transport.Broken}
	switch {
	case errors.As(err, &name):
		names := strings.Join(name.Certificate.DNSNames, ", ")
		p.Text = clean.Linef("another server answers at %s: its certificate is for %s, not for %s", t.at(), cmp.Or(names, "no name"), t.config.Host).String()
		p.Hint = "check which tunnel uses the port, and set host to the database's own name"
	case errors.As(err, &authority), errors.As(err, &system):
		p.Text = clean.Linef("the certificate of %s is signed by an unknown authority", t.at()).String()
		p.Hint = "write root_certificate under [postgres], or set PGSSLROOTCERT, to the file with your provider's authorities"
	case errors.As(err, &invalid):
		p.Text = clean.Linef("can't trust the certificate of %s: %s", t.at(), invalid.Error()).String()
		p.Hint = "check this machine's clock; if it is right, ask the database's administrator"
	default:
		return nil
	}
	return p
}

// unanswered explains a connection on which PostgreSQL has not answered. What came first
// tells what does.
func (t *target) unanswered(err error) *transport.Problem {
	p := &transport.Problem{Cause: transport.Unreachable}
	dialed, first := t.first.seen()
	tunnel := t.tunnel() != ""
	var lookup *net.DNSError
	var record tls.RecordHeaderError
	switch {
	case !dialed && errors.As(err, &lookup):
		p.Text = "the name " + clean.Line(t.config.Host).String() + " can't be looked up"
		p.Hint = "the database is likely reachable through the jump host alone: open the tunnel, and write tunnel = \"127.0.0.1:5433\" under [postgres]"
	case !dialed && errors.Is(err, syscall.ECONNREFUSED) && tunnel:
		p.Text, p.Hint = "the tunnel is down: nothing listens at "+t.at(), "open it: "+t.openTunnel()
	case !dialed && errors.Is(err, syscall.ECONNREFUSED):
		p.Text, p.Hint = t.at()+" refuses connections: no PostgreSQL listens there", "check the host and port, or open the tunnel through the jump host and set tunnel under [postgres]"
	case !dialed && (errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission)):
		p.Text, p.Hint = "no server at the socket in "+clean.Line(t.config.Host).String(), "set PGHOST, or host under [postgres], to the database's name"
	case !dialed && pgconn.Timeout(err):
		p.Text, p.Hint = t.at()+" timed out", "check the host and your network; most databases are only reachable through the jump host"
	case !dialed:
		p.Text, p.Hint = t.at()+" can't be reached", "check the host, the port and your network"
	case first == "" && pgconn.Timeout(err):
		p.Text = t.at() + " accepts connections but doesn't respond"
		p.Hint = "the tunnel's ssh is stopped or its connection is dead, or something other than PostgreSQL uses the port: end it and reopen it: " + t.openTunnel()
	case first == "" && tunnel:
		p.Text = "the tunnel at " + t.at() + " is up but closes the connection: the jump host can't reach the database or resolve its name, or something else uses the port"
		p.Hint = "read what ssh prints: \"open failed: connect failed\" names the reason"
	case first == "":
		p.Text, p.Hint = t.at()+" accepts the connection and closes it", "check that PostgreSQL listens there"
	case first == "N":
		p.Text = "the server at " + t.at() + " offers no TLS, and nothing is sent without it"
		p.Hint = "turn on TLS there; if it is a tunnel, check that it ends at the database"
	case first != "S" && !strings.HasPrefix(first, "E") || errors.As(err, &record):
		p.Cause, p.Text = transport.Broken, clean.Linef("something other than PostgreSQL uses %s: it responds with %q", t.at(), strings.TrimSpace(strings.SplitN(first, "\n", 2)[0])).String()
		p.Hint = "find out what (`ss -ltnp`), or use another port for the tunnel; ssh needs -o ExitOnForwardFailure=yes, or it stays up without the port"
	case pgconn.Timeout(err):
		p.Text, p.Hint = t.at()+" timed out in the middle of its response", "try again; if it keeps happening, reopen the tunnel"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		p.Text, p.Hint = t.at()+" closed the connection", "try again; if it keeps happening, reopen the tunnel"
	default:
		p.Cause, p.Text = transport.Broken, clean.Linef("can't log in to %s: %s", t.at(), lastPart(err)).String()
		p.Hint = "check the connection's parameters"
	}
	return p
}

// openTunnel returns the command that opens it.
func (t *target) openTunnel() string {
	return "`" + clean.Linef("ssh -N -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -L %s:%s JUMPHOST", t.at(), t.server()).String() + "`"
}

// lastPart returns the innermost text of an error, without addresses and names.
func lastPart(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// failed explains a question that got no answer on a connection that stood.
func failed(ctx context.Context, err error) *transport.Problem {
	var refused *pgconn.PgError
	p := &transport.Problem{Cause: transport.Unreachable, Text: "lost the connection to the database", Hint: "check the tunnel, and try again"}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &transport.Problem{Cause: transport.Cancelled, Text: "the query was canceled"}
	case !errors.As(err, &refused):
		if pgconn.Timeout(err) {
			p.Text = "the database timed out"
		}
		return p
	}
	said := clean.Line(refused.Message).String()
	switch refused.Code {
	case lockNotAvailable:
		p.Text, p.Hint = "the query would have waited for a lock, such as that of a migration in progress, and was canceled", "wait until that has ended, and try again"
	case canceled:
		p.Text, p.Hint = "the query took too long and was canceled", "use a smaller query, or try again later"
	case insufficientPrivilege:
		p.Cause, p.Text, p.Hint = transport.Credentials, "the role lacks permission for this query: "+said, "ask the database's administrator for permission to read it"
	case readOnlyTransaction:
		p.Cause, p.Text, p.Hint = transport.ReadOnly, "the query would have written something, and was refused: "+said, "use one that only reads"
	case adminShutdown, idleInTransaction, idleSession:
		p.Text, p.Hint = "the server closed the connection: "+said, "try again"
	default:
		p.Cause, p.Text, p.Hint = transport.Refused, "the query failed: "+said, "correct the query in the step's annotation"
	}
	return p
}

func broken(text string) *transport.Problem {
	return &transport.Problem{Cause: transport.Broken, Text: "the database " + text}
}

// Package postgres asks a PostgreSQL server which database it is, and whether a migration
// was run, without ever writing to it or holding anybody up. It knows nothing of steps. It
// answers, or says in a *transport.Problem why it can't.
//
// Each question is one statement in a read-only transaction of its own at READ COMMITTED,
// which doesn't delay CREATE INDEX CONCURRENTLY as a longer snapshot would, and which ends
// soon by its own time limits. Where a system catalog answers without waiting for the lock
// of a migration, it is asked instead of the functions that wait, such as
// pg_get_indexdef. TLS is always verified against the database's own name, through a tunnel
// too. Parameters come from the settings, the variables of libpq (PGHOST, ...), the service
// file and the password file.
//
// See https://www.postgresql.org/docs/current/protocol.html and, for the parameters,
// https://www.postgresql.org/docs/current/libpq-connect.html.
package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"catalog-runbook/runbook/clean"
)

// Limits of a connection and of one question.
const (
	connectLimit   = 10 * time.Second
	statementLimit = 5 * time.Second
	lockLimit      = 500 * time.Millisecond
	idleLimit      = 10 * time.Second // in a transaction, if this program stops
	questionLimit  = statementLimit + 2*time.Second
	messageLimit   = 1 << 20                // bytes
	endLimit       = 500 * time.Millisecond // for a query whose context has ended
)

// Options say what the environment, the service file and the password file lack. They win
// over those.
type Options struct {
	Host, Database, User string
	Port                 uint16
	// Tunnel is where an ssh tunnel listens, such as "127.0.0.1:5433". Host and Port
	// stay those of the database. "" dials the host.
	Tunnel string
	// RootCertificate is the file with the authorities that may sign the server's
	// certificate.
	RootCertificate string
	// System is the system identifier of the server that is meant; "" allows any.
	System string
	// Service, ServiceFile and PasswordFile replace PGSERVICE, PGSERVICEFILE and
	// PGPASSFILE.
	Service, ServiceFile, PasswordFile string
}

// Client asks one database. It may be used concurrently, and reads the files and variables
// again for each connection.
type Client struct{ o Options }

// New returns a client. It reads and sends nothing.
func New(o Options) *Client { return &Client{o} }

// To returns a client for another database of the same server, c itself for "".
func (c *Client) To(database string) *Client {
	if database == "" {
		return c
	}
	o := c.o
	o.Database = database
	return &Client{o}
}

// Unlike says where psql or pgcli would connect to another place or in another way, one
// sentence each. It connects nowhere, and returns none if it isn't known where to.
func (c *Client) Unlike() []clean.Text {
	t, err := c.o.target()
	if err != nil {
		return nil
	}
	return t.unlike()
}

// Session is a connection to a server that has said who it is. Close it. It must not be
// used concurrently.
type Session struct {
	Server
	// Tunnel is the address of the tunnel that was dialed, "" without one.
	Tunnel string
	// Pooled says that a pooler between takes no start-up parameters.
	Pooled bool
	// Encrypted says that the connection is by TLS, and so the server's name proven. A
	// local socket alone is not.
	Encrypted bool

	conn   *pgconn.PgConn
	target *target
}

// Open connects, and asks which server and database has answered. Its error is a
// *transport.Problem. Through a pooler that refuses start-up parameters it connects again
// without them; the limits are set in each transaction, too.
func (c *Client) Open(ctx context.Context) (*Session, error) {
	t, err := c.o.target()
	if err != nil {
		return nil, err
	}
	s := &Session{Tunnel: t.tunnel(), Encrypted: !t.socket(), target: t}
	if s.conn, err = t.connect(ctx, parameters()); codeOf(err) == pooler {
		s.Pooled = true
		s.conn, err = t.connect(ctx, nil)
	}
	if err != nil {
		return nil, t.explain(ctx, err)
	}
	if s.Server, err = s.server(ctx); err != nil {
		s.Close()
		return nil, err
	}
	s.Server.Host, s.Server.Port = t.config.Host, t.config.Port
	if err := s.Server.readOnly(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the connection.
func (s *Session) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), endLimit)
	defer cancel()
	_ = s.conn.Close(ctx)
}

// parameters are those of the session. They win over what PGOPTIONS and the role say.
func parameters() map[string]string {
	return map[string]string{
		"application_name":                    "catalog-runbook",
		"default_transaction_read_only":       "on",
		"default_transaction_isolation":       "read committed",
		"statement_timeout":                   milliseconds(statementLimit),
		"lock_timeout":                        milliseconds(lockLimit),
		"idle_in_transaction_session_timeout": milliseconds(idleLimit),
	}
}

// connect dials and signs in, with these parameters beside the person's own.
func (t *target) connect(ctx context.Context, parameters map[string]string) (*pgconn.PgConn, error) {
	config := t.config.Copy()
	if parameters == nil {
		config.RuntimeParams = nil
	}
	for name, value := range parameters {
		config.RuntimeParams[name] = value
	}
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: endLimit}
	}
	return pgconn.ConnectConfig(ctx, config)
}

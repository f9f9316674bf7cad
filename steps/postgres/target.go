package postgres

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgpassfile"
	"github.com/jackc/pgservicefile"
	"github.com/jackc/pgx/v5/pgconn"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// target is what is connected to, and what its parameters come from.
type target struct {
	o       Options
	config  *pgconn.Config
	dial    string            // HOST:PORT; "" dials the configured one
	service map[string]string // the section's settings; nil without one
	twice   bool              // the service file has the section twice
	dropped []string          // keywords that are not sent
	first   *firstBytes       // of the latest connection
}

// kept are the person's own parameters of a session that are sent. pgx sends every
// keyword that it doesn't know, such as hostaddr, which libpq takes for itself.
var kept = []string{"options", "search_path", "timezone"}

// target reads the variables and files. Its error is a *transport.Problem.
func (o Options) target() (*target, error) {
	t := &target{o: o, first: &firstBytes{}}
	if err := t.readService(); err != nil {
		return nil, err
	}
	if o.Host == "" && t.own("host", "PGHOST") == "" {
		return nil, unset("no database configured", "set PGSERVICE, or PGHOST, PGDATABASE and PGUSER, or set host, database and user under [postgres]")
	}
	config, err := pgconn.ParseConfig(o.connString())
	if err != nil {
		return nil, parseProblem(err)
	}
	t.config = config
	switch {
	case len(config.Fallbacks) > 0:
		return nil, unsettled("several hosts are named, and each may be a different database", "name one as host under [postgres]")
	case config.Database == "":
		return nil, unset("no database is named", "set PGDATABASE, or write database under [postgres]")
	}
	t.dial = o.Tunnel
	if address := t.own("hostaddr", "PGHOSTADDR"); t.dial == "" && address != "" {
		t.dial = net.JoinHostPort(address, strconv.Itoa(int(config.Port)))
	}
	delete(config.RuntimeParams, "application_name")
	for name := range config.RuntimeParams {
		if !slices.Contains(kept, name) {
			t.dropped = append(t.dropped, name)
			delete(config.RuntimeParams, name)
		}
	}
	slices.Sort(t.dropped)
	if config.Password == "" && t.dial != "" {
		config.Password = t.passwordAt(t.dial)
	}
	clean.Secret(config.Password)
	t.through()
	return t, nil
}

// readService reads the section that PGSERVICE names, as pgx does, and whether there are two.
func (t *target) readService() error {
	name := cmp.Or(t.o.Service, os.Getenv("PGSERVICE"))
	if name == "" {
		return nil
	}
	path := t.serviceFile()
	file, err := pgservicefile.ReadServicefile(path)
	if err != nil {
		return unsettled(clean.Linef("can't read the service file %s with the service %q", path, name).String(),
			"create it, set PGSERVICEFILE, or unset PGSERVICE; the system-wide service file, which psql knows, is not read here")
	}
	for _, section := range file.Services {
		if section.Name == name {
			t.twice, t.service = t.service != nil, section.Settings
		}
	}
	if t.service == nil {
		return unsettled(clean.Linef("the service file %s has no service %q", path, name).String(), "correct PGSERVICE, or add that section")
	}
	clean.Secret(t.service["password"], t.service["sslpassword"])
	return nil
}

// own returns what the person has set without the settings: in the service's section, else in
// a variable.
func (t *target) own(keyword, variable string) string {
	return cmp.Or(t.service[keyword], os.Getenv(variable))
}

// connString returns what wins over the environment and the service file.
func (o Options) connString() string {
	var b strings.Builder
	for _, p := range [][2]string{
		{"host", o.Host}, {"database", o.Database}, {"user", o.User}, {"sslrootcert", o.RootCertificate},
		{"service", o.Service}, {"servicefile", o.ServiceFile}, {"passfile", o.PasswordFile}, {"port", port(o.Port)},
		{"sslmode", "verify-full"}, {"sslnegotiation", "postgres"}, {"target_session_attrs", "any"},
		{"connect_timeout", strconv.Itoa(int(connectLimit.Seconds()))},
	} {
		if p[1] != "" {
			b.WriteString(p[0] + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(p[1]) + "' ")
		}
	}
	return b.String()
}

func port(n uint16) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(int(n))
}

// through has the connection dialed where the tunnel is. The host stays, so that TLS is
// verified against its name. Without LookupFunc, pgx would look the name up first.
func (t *target) through() {
	if t.dial != "" {
		t.config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{t.dial}, nil }
	}
	dial := t.config.DialFunc
	t.config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if t.first.begin(err == nil); err != nil {
			return nil, err
		}
		return &witness{Conn: conn, first: t.first}, nil
	}
	t.config.MaxProtocolMessageBodyLen = messageLimit
}

// tunnel returns the address that is dialed in place of the database's, "" if it is not a
// local one.
func (t *target) tunnel() string {
	host, _, err := net.SplitHostPort(t.dial)
	if err != nil || !loopback(host) {
		return ""
	}
	return t.dial
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// socket reports whether the server is reached through a Unix socket, without TLS.
func (t *target) socket() bool { return filepath.IsAbs(t.config.Host) }

// server names the database for sentences: "catalog.example.org:5432".
func (t *target) server() string {
	return clean.Line(net.JoinHostPort(t.config.Host, strconv.Itoa(int(t.config.Port)))).String()
}

// at names the place that is dialed.
func (t *target) at() string { return cmp.Or(t.dial, t.server()) }

func (t *target) serviceFile() string {
	return inHome(cmp.Or(t.o.ServiceFile, os.Getenv("PGSERVICEFILE")), ".pg_service.conf")
}

func (t *target) passwordFile() string {
	return inHome(cmp.Or(t.o.PasswordFile, t.service["passfile"], os.Getenv("PGPASSFILE")), ".pgpass")
}

// inHome returns path, or the name in the home directory if it is "".
func inHome(path, name string) string {
	if home, err := os.UserHomeDir(); path == "" && err == nil {
		return filepath.Join(home, name)
	}
	return path
}

// passwordAt returns the password that the password file has for the database under the
// port of an address, which is where psql looks.
func (t *target) passwordAt(address string) string {
	_, port, err := net.SplitHostPort(address)
	file, unread := pgpassfile.ReadPassfile(t.passwordFile())
	if err != nil || unread != nil {
		return ""
	}
	return file.FindPassword(t.config.Host, port, t.config.Database, t.config.User)
}

// unset is the problem of a parameter that is missing.
func unset(text, hint string) *transport.Problem {
	return &transport.Problem{Cause: transport.Unset, Text: text, Hint: hint}
}

// unsettled is the problem of a parameter that makes no sense.
func unsettled(text, hint string) *transport.Problem {
	return &transport.Problem{Cause: transport.Refused, Text: text, Hint: hint}
}

// parseProblem doesn't quote the parameters, although pgx masks the password in them.
func parseProblem(err error) *transport.Problem {
	cause := err
	if inner := errors.Unwrap(err); inner != nil {
		cause = inner
	}
	return unsettled(clean.Linef("invalid connection parameters: %s", strings.SplitN(cause.Error(), "\n", 2)[0]).String(), "correct the PG variables, the service file or [postgres]")
}

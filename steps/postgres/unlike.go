package postgres

import (
	"bytes"
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgpassfile"

	"catalog-runbook/runbook/clean"
)

// unread are variables of libpq that pgx doesn't read.
var unread = []string{"PGGSSENCMODE", "PGKRBSRVNAME", "PGLOADBALANCEHOSTS", "PGREQUIRESSL", "PGSSLCOMPRESSION", "PGSSLCRL", "PGSSLCRLDIR", "PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION", "PGSYSCONFDIR"}

// unlike says where psql and pgcli would connect to another place or in another way with the
// same variables and files. It names no value that may be a password.
func (t *target) unlike() []clean.Text {
	var all []clean.Text
	say := func(format string, args ...any) { all = append(all, clean.Linef(format, args...)) }
	for _, p := range []struct{ set, keyword, variable string }{
		{t.o.Host, "host", "PGHOST"}, {port(t.o.Port), "port", "PGPORT"}, {t.o.Database, "dbname", "PGDATABASE"}, {t.o.User, "user", "PGUSER"},
	} {
		if own := t.own(p.keyword, p.variable); p.set != "" && own != "" && own != p.set {
			say("[postgres] says %s as %s; psql would take %s, from %s", p.set, p.keyword, own, t.from(p.keyword, p.variable))
		}
	}
	t.unlikeAddress(say)
	t.unlikeService(say)
	t.unlikePassword(say)
	if mode := t.own("sslmode", "PGSSLMODE"); mode != "verify-full" && !t.socket() {
		say("the server's certificate is verified here; psql and pgcli don't with sslmode=%s: set PGSSLMODE=verify-full", cmp.Or(mode, "prefer"))
	}
	if t.o.RootCertificate == "" && t.own("sslrootcert", "PGSSLROOTCERT") == "" && !t.socket() {
		if _, err := os.Stat(inHome("", ".postgresql/root.crt")); err != nil {
			say("this machine's authorities may sign the certificate here; psql wants sslrootcert with sslmode=verify-full")
		}
	}
	for _, name := range unread {
		if os.Getenv(name) != "" {
			say("psql and pgcli read %s, this program doesn't", name)
		}
	}
	return all
}

// from says where a person's own parameter comes from.
func (t *target) from(keyword, variable string) string {
	if t.service[keyword] != "" {
		return "the service file"
	}
	return variable
}

func (t *target) unlikeAddress(say func(string, ...any)) {
	hostaddr := t.own("hostaddr", "PGHOSTADDR")
	switch _, dialed, _ := strings.Cut(t.dial, ":"); {
	case t.o.Tunnel != "" && hostaddr == "":
		say("psql and pgcli don't know [postgres] tunnel; they come the same way with PGHOST=%s PGHOSTADDR=127.0.0.1 PGPORT=%s", t.config.Host, dialed)
	case t.o.Tunnel != "" && !strings.HasPrefix(t.o.Tunnel, hostaddr+":"):
		say("[postgres] tunnel is %s; psql would go to %s, from %s", t.o.Tunnel, hostaddr, t.from("hostaddr", "PGHOSTADDR"))
	case t.service["hostaddr"] != "":
		say("pgcli doesn't know hostaddr in the service file; set PGHOSTADDR")
	}
}

func (t *target) unlikeService(say func(string, ...any)) {
	if t.twice {
		say("the service is twice in %s: the last is used here, psql uses the first, and pgcli fails", t.serviceFile())
	}
	var lost []string
	for name := range t.service {
		if !slices.Contains([]string{"host", "port", "dbname", "user", "password", "hostaddr"}, name) {
			lost = append(lost, name)
		}
	}
	if slices.Sort(lost); len(lost) > 0 {
		say("`pgcli service=NAME` leaves %s of the service out; `PGSERVICE=NAME pgcli` doesn't", strings.Join(lost, ", "))
	}
	if dropped := slices.DeleteFunc(slices.Clone(t.dropped), func(name string) bool { return name == "hostaddr" }); len(dropped) > 0 {
		say("%s is not used here, but psql would use it", strings.Join(dropped, ", "))
	}
}

// unlikePassword compares how the password file is read. A mode that lets others read it
// makes libpq ignore it, and libpq looks under the port that is dialed.
func (t *target) unlikePassword(say func(string, ...any)) {
	path := t.passwordFile()
	info, err := os.Stat(path)
	if err != nil || t.own("password", "PGPASSWORD") != "" {
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		say("psql and pgcli ignore %s, because others may read it (mode %04o): chmod 600", path, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	file, err := pgpassfile.ParsePassfile(bytes.NewReader(data))
	if err != nil {
		return
	}
	lines := 0
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			lines++
		}
	}
	if unreadable := lines - len(file.Entries); unreadable > 0 {
		say("%d of the lines of %s can't be read here, as with a \":\" in the password that isn't written \"\\:\"; psql cuts the password there", unreadable, path)
	}
	if t.dial != "" && t.config.Password != "" && t.passwordAt(t.dial) != t.config.Password {
		say("psql looks in %s under the port that it dials, not under %d: give the line the port *", path, t.config.Port)
	}
}

package postgres_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/postgres"
	"catalog-runbook/steps/transport"
)

// TestContractOfAccess comes through a real tunnel, with a password from each place.
func TestContractOfAccess(t *testing.T) {
	r := real(t)
	at, _ := r.tunnel(t, r.ports["server"])
	_, tunnelPort, _ := net.SplitHostPort(at)
	for name, tc := range map[string]struct {
		files  map[string]string
		env    map[string]string
		o      func(*postgres.Options)
		unlike string
	}{
		"PGPASSWORD":                  {env: map[string]string{"PGPASSWORD": "reader-password"}, unlike: "PGHOSTADDR=127.0.0.1 PGPORT=" + tunnelPort},
		"the password file":           {files: map[string]string{".pgpass": host + ":5432:catalog:reader:reader-password\n"}, unlike: "give the line the port *"},
		"the password file, any port": {files: map[string]string{".pgpass": host + ":*:catalog:reader:reader-password\n"}},
		"the port that psql dials":    {files: map[string]string{".pgpass": host + ":" + tunnelPort + ":catalog:reader:reader-password\n"}},
		"a service file alone": {
			files: map[string]string{".pg_service.conf": "[catalog]\nhost=" + host + "\nhostaddr=127.0.0.1\nport=" + tunnelPort + "\ndbname=catalog\nuser=reader\npassword=reader-password\nsslrootcert=" + r.base + "/tls/ca.crt\nkeepalives=1\n"},
			env:   map[string]string{"PGSERVICE": "catalog"}, o: func(o *postgres.Options) { *o = postgres.Options{} },
			unlike: "`pgcli service=NAME` leaves keepalives, sslrootcert of the service out",
		},
		"variables alone": {
			env: map[string]string{"PGHOST": host, "PGHOSTADDR": "127.0.0.1", "PGPORT": tunnelPort, "PGDATABASE": "catalog", "PGUSER": "reader", "PGPASSWORD": "reader-password", "PGSSLROOTCERT": r.base + "/tls/ca.crt"},
			o:   func(o *postgres.Options) { *o = postgres.Options{} },
		},
		"against the person's options": {env: map[string]string{"PGPASSWORD": "reader-password", "PGOPTIONS": "-c default_transaction_read_only=off -c statement_timeout=0"}},
	} {
		t.Run(name, func(t *testing.T) {
			home := alone(t)
			for file, text := range tc.files {
				if err := os.WriteFile(filepath.Join(home, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for variable, value := range tc.env {
				t.Setenv(variable, value)
			}
			o := r.options(at)
			if tc.o != nil {
				tc.o(&o)
			}
			s := open(t, o)
			if s.Database.String() != "catalog" || s.User.String() != "reader" || s.Host != host || s.Standby || s.Superuser || s.Pooled || s.Tunnel != at ||
				s.System == "" || s.Timeline != "1" || s.Cluster.String() != "catalog" || !strings.HasPrefix(s.Version.String(), "1") || s.Started.IsZero() {
				t.Errorf("the server is %+v through %q", s.Server, s.Tunnel)
			}
			if tc.unlike != "" && !strings.Contains(sentences(postgres.New(o).Unlike()), tc.unlike) {
				t.Errorf("psql differs by:\n%s\nwant %q", sentences(postgres.New(o).Unlike()), tc.unlike)
			}
		})
	}
}

func sentences(all []clean.Text) string {
	var b strings.Builder
	for _, text := range all {
		b.WriteString(text.String() + "\n")
	}
	return b.String()
}

// TestContractOfRefusals tells each refusal apart, and says what to do. None has a password
// in it.
func TestContractOfRefusals(t *testing.T) {
	r := real(t)
	at, _ := r.tunnel(t, r.ports["server"])
	dead, _ := r.tunnel(t, freePort(t))
	another, _ := r.tunnel(t, r.ports["jump"])
	strict, _ := r.tunnel(t, r.ports["strict"])
	down := net.JoinHostPort("127.0.0.1", "1")
	asked := func(user, password, database string) func(*testing.T, *postgres.Options) {
		return func(t *testing.T, o *postgres.Options) {
			o.User, o.Database = user, database
			t.Setenv("PGPASSWORD", password)
		}
	}
	tunnel := func(at string) func(*testing.T, *postgres.Options) {
		return func(t *testing.T, o *postgres.Options) { o.Tunnel = at; t.Setenv("PGPASSWORD", "reader-password") }
	}
	for name, tc := range map[string]struct {
		o     func(*testing.T, *postgres.Options)
		cause transport.Cause
		says  string
		hint  string
	}{
		"tunnel down":             {tunnel(down), transport.Unreachable, "the tunnel is down: nothing listens at " + down, "ssh -N -o ExitOnForwardFailure=yes"},
		"database behind it down": {tunnel(dead), transport.Unreachable, "is up but closes the connection: the jump host can't reach the database or resolve its name, or something else uses the port", "read what ssh prints"},
		"ssh holds the port":      {tunnel(another), transport.Broken, "something other than PostgreSQL uses " + another + `: it responds with "SSH-2.0-`, "ss -ltnp"},
		"HTTP holds the port":     {tunnel(answering(t, "HTTP/1.1 400 Bad Request\r\n\r\n")), transport.Broken, `it responds with "HTTP/1.1 400`, "ss -ltnp"},
		"MySQL holds the port":    {tunnel(answering(t, "J\x00\x00\x00\n8.0.36\x00")), transport.Broken, "something other than PostgreSQL uses ", "ss -ltnp"},
		"no TLS":                  {tunnel(answering(t, "N")), transport.Unreachable, "offers no TLS", "turn on TLS"},
		"closed at once":          {tunnel(answering(t, "")), transport.Unreachable, "closes the connection", "read what ssh prints"},
		"another name":            {func(t *testing.T, o *postgres.Options) { o.Host = "other.database.test" }, transport.Broken, "another server answers at " + at + ": its certificate is for " + host, "check which tunnel uses the port, and set host to the database's own name"},
		"unknown authority":       {func(t *testing.T, o *postgres.Options) { o.RootCertificate = "" }, transport.Broken, "is signed by an unknown authority", "root_certificate"},
		"no password":             {asked("reader", "", "catalog"), transport.Credentials, "no password for reader found", ".pgpass"},
		"wrong password":          {asked("reader", "a-wrong-password", "catalog"), transport.Credentials, "reader's password was rejected", "a role that doesn't exist"},
		"no such role":            {asked("stranger", "a-wrong-password", "catalog"), transport.Credentials, "stranger's password was rejected", "a role that doesn't exist"},
		"rejected":                {asked("barred", "barred-password", "catalog"), transport.Credentials, "no entry that lets barred into catalog", "jump host"},
		"no entry":                {asked("reader", "reader-password", "walled"), transport.Credentials, "no entry that lets reader into walled", "pg_hba.conf"},
		"may not log in":          {asked("nobody", "nobody-password", "catalog"), transport.Credentials, "no entry that lets nobody into catalog", "can log in"},
		"no database of the name": {asked("reader", "reader-password", "absent"), transport.NotFound, host + ":5432 has no database absent", "another server answers"},
		"neither":                 {asked("reader", "reader-password", "nowhere"), transport.Credentials, "no entry that lets reader into nowhere", "pg_hba.conf"},
		"no CONNECT":              {asked("outsider", "outsider-password", "other"), transport.Credentials, "no CONNECT privilege", "grant it"},
		"no connections":          {asked("reader", "reader-password", "shut"), transport.Refused, "ALLOW_CONNECTIONS is off", "check that it is the right database"},
		"too many clients":        {asked("limited", "limited-password", "catalog"), transport.RateLimited, "the server has too many clients", "in a minute"},
		"pooler, wrong password":  {func(t *testing.T, o *postgres.Options) { o.Tunnel = strict; t.Setenv("PGPASSWORD", "a-wrong-password") }, transport.Refused, "a pooler such as PgBouncer", "its message says whether it is the password, the user, the database or the server behind it; to find out more, connect to the database directly, on its own port"},
		"pooler, no database": {func(t *testing.T, o *postgres.Options) {
			asked("reader", "reader-password", "nowhere")(t, o)
			o.Tunnel = strict
		}, transport.Refused, "a pooler such as PgBouncer", "its message says whether it is the password, the user, the database or the server behind it; to find out more, connect to the database directly, on its own port"},
		"pooler, server gone": {func(t *testing.T, o *postgres.Options) {
			asked("reader", "reader-password", "gone")(t, o)
			o.Tunnel = strict
		}, transport.Refused, "a pooler such as PgBouncer", "its message says whether it is the password, the user, the database or the server behind it; to find out more, connect to the database directly, on its own port"},
		"name not found":      {func(t *testing.T, o *postgres.Options) { o.Tunnel = "" }, transport.Unreachable, "can't be looked up", "open the tunnel"},
		"no host":             {func(t *testing.T, o *postgres.Options) { *o = postgres.Options{} }, transport.Unset, "no database configured", "[postgres]"},
		"no database":         {func(t *testing.T, o *postgres.Options) { o.Database = "" }, transport.Unset, "no database is named", "PGDATABASE"},
		"several hosts":       {func(t *testing.T, o *postgres.Options) { o.Host = "a.test,b.test" }, transport.Refused, "several hosts", "name one"},
		"no service file":     {func(t *testing.T, o *postgres.Options) { t.Setenv("PGSERVICE", "catalog") }, transport.Refused, "can't read the service file", "PGSERVICEFILE"},
		"no root certificate": {func(t *testing.T, o *postgres.Options) { o.RootCertificate = "/nowhere/ca.crt" }, transport.Refused, "invalid connection parameters", "correct"},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t)
			o := r.options(at)
			tc.o(t, &o)
			s, err := postgres.New(o).Open(t.Context())
			if err == nil {
				s.Close()
				t.Fatal("it connected")
			}
			if cause, ok := transport.CauseOf(err); !ok || cause != tc.cause {
				t.Errorf("the cause of %v is %d, want %d", err, cause, tc.cause)
			}
			text, hint, _ := strings.Cut(err.Error(), "; hint: ")
			if !strings.Contains(text, tc.says) || !strings.Contains(hint, tc.hint) {
				t.Errorf("it says\n%s\n%s\nwant %q and %q", text, hint, tc.says, tc.hint)
			}
			if strings.Contains(err.Error(), "-password") {
				t.Errorf("a password is in %v", err)
			}
		})
	}
}

// answering listens and answers each connection with a text, then closes it.
func answering(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 8))
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

// TestContractOfSilence: a stopped ssh takes connections and says nothing.
func TestContractOfSilence(t *testing.T) {
	r := real(t)
	at, ssh := r.tunnel(t, r.ports["server"])
	t.Setenv("PGPASSWORD", "reader-password")
	if err := ssh.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := postgres.New(r.options(at)).Open(ctx)
	if err == nil || !strings.Contains(err.Error(), "accepts connections but doesn't respond") {
		t.Errorf("the error is %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	go cancel()
	if _, err := postgres.New(r.options(at)).Open(ctx); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("the error is %v", err)
	}
}

// TestContractOfAStandby: a copy with the same name in its certificate is told apart.
func TestContractOfAStandby(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	at, _ := r.tunnel(t, r.ports["server"])
	copied, _ := r.tunnel(t, r.ports["standby"])
	primary, standby := open(t, r.options(at)), open(t, r.options(copied))
	if primary.Standby || !standby.Standby || primary.System != standby.System || standby.Cluster.String() != "copy" {
		t.Errorf("the primary is %+v, its copy %+v", primary.Server, standby.Server)
	}
	for _, c := range []struct {
		s      *postgres.Session
		system string
		wrong  string
	}{{primary, "", ""}, {primary, primary.System, ""}, {primary, "7000000000000000000", "another server"}, {standby, primary.System, "a standby"}} {
		o := r.options(c.s.Tunnel)
		o.System = c.system
		wrong, err := open(t, o).Wrong()
		if err != nil || (wrong == "") != (c.wrong == "") || !strings.Contains(wrong, c.wrong) {
			t.Errorf("it is wrong by %q, %v, want %q", wrong, err, c.wrong)
		}
	}
}

// TestContractOfPoolers: one that refuses the parameters of a session is asked without them,
// and one that drops them is no less read-only.
func TestContractOfPoolers(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	for name, pooled := range map[string]bool{"strict": true, "lax": false} {
		at, _ := r.tunnel(t, r.ports[name])
		first, second := open(t, r.options(at)), open(t, r.options(at))
		for _, s := range []*postgres.Session{first, second, first} { // which share one connection
			if s.Pooled != pooled || s.Database.String() != "catalog" {
				t.Errorf("%s: the server is %+v", name, s)
			}
			if holds, err := s.Holds(t.Context(), "select current_setting('transaction_read_only') = 'on' and current_setting('statement_timeout') = '5s' and current_setting('lock_timeout') = '500ms'"); err != nil || !holds {
				t.Errorf("%s: it is not read-only with its own limits: %v", name, err)
			}
		}
	}
}

// TestContractOfObjects asks for what migrations leave, finished and half done.
func TestContractOfObjects(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	name, admin := r.schema(t)
	run(t, admin, "create table image (old int, id int, license text, size int)", "insert into image values (0, 1, 'by', 1), (0, 1, 'by', 2)",
		"create index license_idx on image (license, size desc) include (id)", `create unique index "Mixed" on image (size) where size > 0`, "create index lower_idx on image (lower(license))",
		"alter table image add constraint sized check (size > 0) not valid", "alter table image add constraint named check (license <> '')",
		"alter table image drop column old", "create materialized view counts as select 1 as n with no data", "create view shown as select 1 as n")
	if _, err := admin.Exec(t.Context(), "create unique index concurrently broken_idx on image (license)").ReadAll(); err == nil {
		t.Fatal("a unique index was made over duplicates")
	}
	at, _ := r.tunnel(t, r.ports["server"])
	s := open(t, r.options(at))
	index := func(name, table string, columns ...string) func() (postgres.Object, error) {
		return func() (postgres.Object, error) { return s.Index(t.Context(), name, table, columns) }
	}
	constraint := func(table, name string) func() (postgres.Object, error) {
		return func() (postgres.Object, error) { return s.Constraint(t.Context(), table, name) }
	}
	column := func(table, name string) func() (postgres.Object, error) {
		return func() (postgres.Object, error) { return s.Column(t.Context(), table, name) }
	}
	table := func(name string) func() (postgres.Object, error) {
		return func() (postgres.Object, error) { return s.Table(t.Context(), name) }
	}
	image := name + ".image"
	for name, tc := range map[string]struct {
		ask                func() (postgres.Object, error)
		absent             bool
		unfinished, on, is string
		problem            string
	}{
		"a valid index":                 {ask: index("license_idx", image, "license", "size"), on: image + " (license, size)"},
		"with its schema":               {ask: index(name+".license_idx", ""), on: image + " (license, size)"},
		"in quotes, unique and partial": {ask: index(`"Mixed"`, ""), is: "unique partial"},
		"of an expression":              {ask: index("lower_idx", ""), on: "((expression))"},
		"without quotes":                {ask: index("Mixed", ""), absent: true},
		"an invalid index":              {ask: index("broken_idx", image), unfinished: "it is neither valid nor ready"},
		"other columns":                 {ask: index("license_idx", image, "license"), unfinished: "different columns than license"},
		"a different table":             {ask: index("license_idx", name+".counts"), unfinished: "a different table"},
		"no index":                      {ask: index("nope", ""), absent: true},
		"a table for an index":          {ask: index(image, ""), unfinished: "not an index"},
		"no name":                       {ask: index("m; drop", ""), problem: "the query failed"},
		"too many parts":                {ask: index("a.b.c", ""), absent: true},
		"a constraint":                  {ask: constraint(image, "named"), is: "check"},
		"not validated":                 {ask: constraint(image, "sized"), unfinished: "isn't validated"},
		"no constraint":                 {ask: constraint(image, "nope"), absent: true},
		"no table":                      {ask: constraint("nope", "named"), problem: "no table nope"},
		"a column":                      {ask: column(image, "License"), is: "text", on: image},
		"a dropped column":              {ask: column(image, "old"), absent: true},
		"what is left of it":            {ask: column(image, `"........pg.dropped.1........"`), absent: true},
		"a table":                       {ask: table(image), is: "table"},
		"a view":                        {ask: table(name + ".shown"), is: "view"},
		"an empty materialized view":    {ask: table(name + ".counts"), unfinished: "empty until REFRESH"},
		"an index for a table":          {ask: table("license_idx"), unfinished: "not a table"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := tc.ask()
			switch {
			case tc.problem != "":
				if err == nil || !strings.Contains(err.Error(), tc.problem) {
					t.Errorf("the error is %v", err)
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			if o.Absent != tc.absent || (o.Unfinished == "") != (tc.unfinished == "") || !strings.Contains(o.Unfinished, tc.unfinished) ||
				!strings.Contains(o.On.String(), tc.on) || !strings.Contains(o.Detail.String(), tc.is) || len(o.Busy) > 0 {
				t.Errorf("it is %+v", o)
			}
		})
	}
}

// TestContractOfWaits: beside a migration that holds its lock and another that waits for
// it, nothing that is asked waits, and who waits is named.
func TestContractOfWaits(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	name, holder := r.schema(t)
	run(t, holder, "create table image (id int)", "create index image_idx on image (id)", "begin", "alter table image add column size int")
	waiter := r.admin(t)
	waiting := make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		_, err := waiter.Exec(ctx, "set application_name = 'second'; alter table "+name+".image add constraint positive check (id > 0)").ReadAll()
		waiting <- err
	}()
	at, _ := r.tunnel(t, r.ports["server"])
	s := open(t, r.options(at))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var waits []postgres.Wait
	for range 200 {
		var err error
		if waits, err = s.Waits(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(waits) > 0 {
			break
		}
		<-tick.C
	}
	if len(waits) != 1 || !strings.Contains(waits[0].Waiter, "(postgres, second)") || !strings.Contains(waits[0].Blocker, "(postgres)") || waits[0].On.String() != name+".image" {
		t.Errorf("who waits is %+v", waits)
	}
	began := time.Now()
	o, err := s.Index(t.Context(), name+".image_idx", name+".image", []string{"id"})
	if err != nil || o.Absent || o.Unfinished != "" || len(o.Busy) != 2 {
		t.Errorf("the index is %+v, %v", o, err)
	}
	if o, err := s.Column(t.Context(), name+".image", "size"); err != nil || !o.Absent || len(o.Busy) != 2 {
		t.Errorf("the column that isn't committed is %+v, %v", o, err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v beside a migration", took)
	}
	if _, err := s.Holds(t.Context(), "select exists (select from "+name+".image)"); err == nil || !strings.Contains(err.Error(), "would have waited for a lock") {
		t.Errorf("a question that waits ends with %v", err)
	}
	stop()
	<-waiting
	run(t, holder, "rollback")
}

// TestContractOfHoldingNobodyUp: a session that has asked leaves no snapshot behind, which
// an index that is built meanwhile would wait for.
func TestContractOfHoldingNobodyUp(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	name, admin := r.schema(t)
	run(t, admin, "create table image (id int)")
	at, _ := r.tunnel(t, r.ports["server"])
	s := open(t, r.options(at))
	if _, err := s.Holds(t.Context(), "select exists (select from "+name+".image)"); err != nil {
		t.Fatal(err)
	}
	run(t, admin, "set lock_timeout = '2s'", "create index concurrently image_idx on image (id)")
	if o, err := s.Index(t.Context(), name+".image_idx", "", nil); err != nil || o.Unfinished != "" {
		t.Errorf("the index is %+v, %v", o, err)
	}
}

// TestContractOfQuestions: what isn't known to only read is not asked, and what the server
// refuses is no answer.
func TestContractOfQuestions(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	name, admin := r.schema(t)
	run(t, admin, "create table image (id int)", "create table secret (id int)", "revoke select on secret from reader", "create sequence numbers", "grant all on sequence numbers to reader", "grant insert on image to reader")
	at, _ := r.tunnel(t, r.ports["server"])
	s := open(t, r.options(at))
	for question, want := range map[string]string{
		"select true": "true", "select count(*) > 3 from " + name + ".image": "false", " SELECT not exists (select from " + name + ".image where id > 3);": "true",
		"values (true)": "true", "with n as (select 1 as i) select i = 1 from n": "true",
		"select 1": "one boolean", "select true, true": "one boolean", "select true where false": "one boolean", "select null::boolean": "NULL", "select id > 1 from generate_series(1, 2) as id": "generate_series",
		"select true from (values (1), (2)) as v": "one boolean",
		"select nextval('numbers') > 0":           "nextval", "select pg_terminate_backend(1)": "pg_terminate_backend", "select pg_catalog.set_config('a.b', 'c', false) = ''": "set_config",
		`select "pg_terminate_backend"(1)`: "pg_terminate_backend", "select pg_terminate_backend/**/(1)": "/*", "select pg_terminate_backend\v(1)": "pg_terminate_backend", "select €(1)": "€",
		"select true; select true": "the query failed", "insert into " + name + ".image values (1) returning true": "the query failed",
		"with w as (insert into " + name + ".image select 1 returning true) select true from w": "the query failed",
		"select id = 1 from " + name + ".image for update":                                      "would have written",
		"lock table " + name + ".image":                                                         "the query failed", "select exists (select from " + name + ".secret)": "lacks permission", "select true from nowhere": "the query failed",
		"select true) as q; lock table x; select * from (select true": "the query failed", "select true -- ": "--", "select 'a' = $1": "$", `select '\n' = ''`: "contains", "select '\xff' = ''": "UTF-8",
	} {
		holds, err := s.Holds(t.Context(), question)
		got := strconv.FormatBool(holds)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s\nis %s, want %s", question, got, want)
		}
	}
	if holds, err := s.Holds(t.Context(), "select not exists (select from "+name+".image)"); err != nil || !holds {
		t.Errorf("something was written: %v, %v", holds, err)
	}
}

// TestContractOfCanceling: a question ends with its context, and so does its query.
func TestContractOfCanceling(t *testing.T) {
	r := real(t)
	t.Setenv("PGPASSWORD", "reader-password")
	at, _ := r.tunnel(t, r.ports["server"])
	s := open(t, r.options(at))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.Holds(ctx, "with recursive n as (select 1 as i union all select i + 1 from n) select count(*) > 0 from n")
	if took := time.Since(began); err == nil || took > 2*time.Second {
		t.Errorf("it took %v and ended with %v", took, err)
	}
	admin := r.admin(t)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 40 {
		result, err := admin.Exec(t.Context(), "select count(*) from pg_stat_activity where application_name = 'catalog-runbook' and state = 'active'").ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if string(result[0].Rows[0][0]) == "0" {
			return
		}
		<-tick.C
	}
	t.Error("the query goes on")
}

package postgres_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"catalog-runbook/steps/postgres"
)

// host is the name in the server's certificate. It can't be looked up.
const host = "catalog.database.test"

// rig is what testdata/postgres has started.
type rig struct {
	base  string
	ports map[string]uint16 // server, standby, strict, lax, jump
}

// real returns the running servers, with none of a person's variables and files around.
func real(t *testing.T) rig {
	t.Helper()
	const variable = "CATALOG_RUNBOOK_TEST_POSTGRES"
	dir := os.Getenv(variable)
	if dir == "" {
		t.Skip("SKIPPED: set " + variable + " to a folder in which `testdata/postgres start` has started servers")
	}
	r := rig{ports: map[string]uint16{}}
	file, err := os.Open(filepath.Join(dir, "env"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		if name == "base" {
			r.base = value
			continue
		}
		port, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		r.ports[name] = uint16(port)
	}
	alone(t)
	return r
}

// alone takes away what a person has set, and gives an empty home.
func alone(t *testing.T) (home string) {
	home = t.TempDir()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("HOME", home)
	return home
}

// options are those of a person who comes through a tunnel at an address.
func (r rig) options(tunnel string) postgres.Options {
	return postgres.Options{Host: host, Port: 5432, Database: "catalog", User: "reader", Tunnel: tunnel, RootCertificate: r.base + "/tls/ca.crt"}
}

// tunnel opens an ssh tunnel to a local port and returns its address and the ssh process.
func (r rig) tunnel(t *testing.T, to uint16) (string, *exec.Cmd) {
	t.Helper()
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(freePort(t))))
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	ssh := exec.Command("ssh", "-N", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-o", "IdentitiesOnly=yes",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-i", r.base+"/ssh/id", "-p", strconv.Itoa(int(r.ports["jump"])),
		"-L", fmt.Sprintf("%s:127.0.0.1:%d", at, to), who.Username+"@127.0.0.1")
	var said bytes.Buffer
	ssh.Stderr = &said
	if err := ssh.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = ssh.Process.Kill()
		_ = ssh.Wait()
		if t.Failed() {
			t.Logf("ssh: %s", said.String())
		}
	})
	listening(t, at)
	return at, ssh
}

func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// listening waits until something listens.
func listening(t *testing.T, at string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if conn, err := net.Dial("tcp", at); err == nil {
			_ = conn.Close()
			return
		}
		<-tick.C
	}
	t.Fatalf("nothing listens at %s", at)
}

// admin is a superuser's connection by the server's socket.
func (r rig) admin(t *testing.T) *pgconn.PgConn {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), fmt.Sprintf("host=%s/socket port=%d user=postgres database=catalog", r.base, r.ports["server"]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// run runs statements.
func run(t *testing.T, conn *pgconn.PgConn, sql ...string) {
	t.Helper()
	for _, statement := range sql {
		if _, err := conn.Exec(t.Context(), statement).ReadAll(); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// schema makes a schema of the test's own, which reader may use.
func (r rig) schema(t *testing.T) (name string, admin *pgconn.PgConn) {
	t.Helper()
	name = "t" + strconv.FormatInt(time.Now().UnixNano(), 36)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		last, err := pgconn.Connect(ctx, fmt.Sprintf("host=%s/socket port=%d user=postgres database=catalog", r.base, r.ports["server"]))
		if err == nil {
			_, _ = last.Exec(ctx, "drop schema "+name+" cascade").ReadAll()
			_ = last.Close(ctx)
		}
	})
	admin = r.admin(t) // whose locks end before the schema is dropped
	run(t, admin, "create schema "+name, "grant usage on schema "+name+" to reader", "set search_path = "+name, "alter default privileges in schema "+name+" grant select on tables to reader")
	return name, admin
}

// open connects, or ends the test.
func open(t *testing.T, o postgres.Options) *postgres.Session {
	t.Helper()
	s, err := postgres.New(o).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

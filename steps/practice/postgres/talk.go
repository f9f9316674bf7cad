package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// talk is a conversation with one client.
type talk struct {
	*pgproto3.Backend
	look func() Database

	status byte // of the transaction: 'I' idle, 'T' in one, 'E' in a failed one
	sql    string
	args   []string
}

// signIn asks for the password in clear text, which TLS hides, and greets.
func (t *talk) signIn(start *pgproto3.StartupMessage) error {
	d := t.look()
	if d.Refuses != nil {
		return t.fatal(d.Refuses.Code, d.Refuses.Message)
	}
	t.Send(&pgproto3.AuthenticationCleartextPassword{})
	if err := t.Flush(); err != nil {
		return err
	}
	if err := t.SetAuthType(pgproto3.AuthTypeCleartextPassword); err != nil {
		return err
	}
	message, err := t.Receive()
	if err != nil {
		return err
	}
	user, database := start.Parameters["user"], start.Parameters["database"]
	password, ok := message.(*pgproto3.PasswordMessage)
	switch {
	case !ok || user != d.User || password.Password != d.Password:
		return t.fatal("28P01", `password authentication failed for user "`+user+`"`)
	case database != d.Name:
		return t.fatal("3D000", `database "`+database+`" does not exist`)
	}
	t.status = 'I'
	t.Send(&pgproto3.AuthenticationOk{})
	t.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: version})
	t.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	t.Send(&pgproto3.ReadyForQuery{TxStatus: t.status})
	return t.Flush()
}

const version = "15.18"

// fatal ends the conversation with an error.
func (t *talk) fatal(code, text string) error {
	e := &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: text}
	t.Send(e)
	_ = t.Flush()
	return &refusal{code, text}
}

type refusal struct{ code, text string }

func (r *refusal) Error() string { return r.text + " (SQLSTATE " + r.code + ")" }

// answer answers until the client is gone.
func (t *talk) answer() {
	for {
		message, err := t.Receive()
		if err != nil {
			return
		}
		switch m := message.(type) {
		case *pgproto3.Terminate:
			return
		case *pgproto3.Query:
			t.simple(m.String)
		case *pgproto3.Parse:
			t.sql = m.Query
			t.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Bind:
			t.args = nil
			for _, p := range m.Parameters {
				t.args = append(t.args, string(p))
			}
			t.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			t.execute()
		case *pgproto3.Sync:
			t.Send(&pgproto3.ReadyForQuery{TxStatus: t.status})
		}
		if t.Flush() != nil {
			return
		}
	}
}

// simple runs what begins and ends a transaction.
func (t *talk) simple(sql string) {
	for statement := range strings.SplitSeq(sql, ";") {
		word, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
		switch word {
		case "begin":
			t.status = 'T'
		case "rollback":
			t.status = 'I'
		}
		t.Send(&pgproto3.CommandComplete{CommandTag: []byte(strings.ToUpper(word))})
	}
	t.Send(&pgproto3.ReadyForQuery{TxStatus: t.status})
}

// execute answers the question that was sent last.
func (t *talk) execute() {
	d := t.look()
	rows, err := d.answer(t.sql, t.args)
	if err != nil {
		t.status = 'E'
		t.Send(&pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: err.code, Message: err.text})
		return
	}
	width := 0
	for _, row := range rows {
		width = len(row)
	}
	kind := uint32(pgtype.TextOID)
	if strings.Contains(t.sql, isQuestion) {
		kind = pgtype.BoolOID
	}
	fields := make([]pgproto3.FieldDescription, width)
	for i := range fields {
		fields[i] = pgproto3.FieldDescription{Name: []byte("?column?"), DataTypeOID: kind, DataTypeSize: -1}
	}
	t.Send(&pgproto3.RowDescription{Fields: fields})
	for _, row := range rows {
		t.Send(&pgproto3.DataRow{Values: row})
	}
	t.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
}

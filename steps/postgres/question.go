package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// begin starts the transaction of one question. SET LOCAL holds through a pooler, which
// drops what a session is started with or set to.
var begin = "begin transaction isolation level read committed read only;" +
	" set local statement_timeout = " + milliseconds(statementLimit) + ";" +
	" set local lock_timeout = " + milliseconds(lockLimit) + ";" +
	" set local idle_in_transaction_session_timeout = " + milliseconds(idleLimit)

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// row is what a question returns for each row, as text; nil is NULL.
type row []*string

// text returns a column, "" for NULL.
func (r row) text(i int) string {
	if r[i] == nil {
		return ""
	}
	return *r[i]
}

// is reports whether a column is the boolean true.
func (r row) is(i int) bool { return r.text(i) == "t" }

// ask sends one statement, by the extended protocol, which takes no second one, in a
// transaction of its own, and returns its rows and the types of their columns. The error
// is that of pgconn.
func (s *Session) ask(ctx context.Context, sql string, args ...string) (rows []row, types []uint32, err error) {
	ctx, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	if _, err := s.conn.Exec(ctx, begin).ReadAll(); err != nil {
		return nil, nil, err
	}
	defer func() {
		if _, failed := s.conn.Exec(ctx, "rollback").ReadAll(); failed != nil && err == nil {
			rows, err = nil, failed
		}
	}()
	values := make([][]byte, len(args))
	for i, arg := range args {
		values[i] = []byte(arg)
	}
	result := s.conn.ExecParams(ctx, sql, values, nil, nil, nil)
	for _, field := range result.FieldDescriptions() {
		types = append(types, field.DataTypeOID)
	}
	for result.NextRow() {
		rows = append(rows, copied(result))
	}
	_, err = result.Close()
	return rows, types, err
}

// copied returns the current row, whose memory the next one reuses.
func copied(result *pgconn.ResultReader) row {
	r := make(row, len(result.Values()))
	for i, value := range result.Values() {
		if value != nil {
			text := string(value)
			r[i] = &text
		}
	}
	return r
}

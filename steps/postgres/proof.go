package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/transport"
)

// Holds sends a question of a document, and returns its answer. The question must only
// read, and have one row with one boolean as its answer; anything else is a
// *transport.Problem. A read-only transaction lets much through that changes something,
// such as pg_terminate_backend and dblink_exec, so the question may only call functions that
// are known to be harmless. It is asked as a subquery, which can be no other statement.
func (s *Session) Holds(ctx context.Context, question string) (bool, error) {
	if err := checkQuestion(question); err != nil {
		return false, &transport.Problem{Cause: transport.ReadOnly, Text: err.Error(), Hint: "correct the step's annotation"}
	}
	rows, types, err := s.ask(ctx, "select * from (\n"+strings.TrimRight(strings.TrimSpace(question), ";")+"\n) as question limit 2")
	switch {
	case err != nil:
		return false, failed(ctx, err)
	case len(rows) != 1 || len(types) != 1 || types[0] != pgtype.BoolOID:
		return false, unsettled("the query didn't return one row with one boolean", "write it as `select exists (select from ...)`")
	case rows[0][0] == nil:
		return false, unsettled("the query returned NULL, which is neither yes nor no", "write it as `select exists (select from ...)`")
	}
	return rows[0].is(0), nil
}

// checkQuestion returns an error if a question may do more than read.
func checkQuestion(question string) error {
	for _, mark := range []string{"--", "/*", "$", `\`} {
		if strings.Contains(question, mark) {
			return fmt.Errorf("the query contains %q and is not run", mark)
		}
	}
	if !utf8.ValidString(question) {
		return errors.New("the query is not UTF-8 and is not run")
	}
	for _, call := range calls().FindAllStringSubmatch(question, -1) {
		if name := strings.ToLower(call[1]); !slices.Contains(harmless, name) {
			return fmt.Errorf("the query calls %s, which isn't known to be read-only, and is not run", clean.Linef("%q", call[1]))
		}
	}
	return nil
}

// calls are what stands before a parenthesis: a function with all that qualifies it, or a
// keyword. A name in quotes ends with one, and every character beyond ASCII is part of a
// name (PostgreSQL documentation, "Lexical Structure").
var calls = pattern.Lazy(`([\w."&\x{80}-\x{10ffff}]*[\w"\x{80}-\x{10ffff}])[\s\v]*\(`)

// harmless are the functions and keywords that a question may have before a parenthesis.
// They are those of pg_catalog unless the database's owner has replaced them.
var harmless = strings.Fields("select from where and or not in any all some exists as on using over filter within distinct by when then else case cast values lateral union except intersect is like array row coalesce nullif greatest least" +
	" count sum min max avg bool_and bool_or every array_agg string_agg length lower upper trim btrim abs round floor ceil extract now age date_trunc" +
	" to_regclass current_setting has_table_privilege has_column_privilege has_schema_privilege obj_description col_description format_type numeric varchar char timestamp")

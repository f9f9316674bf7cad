package postgres

import (
	"context"
	"fmt"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// Object is what the catalogs say of one thing that a migration makes. Every field but
// Absent is empty if it isn't there.
type Object struct {
	Name   clean.Text // with its schema
	Absent bool       // it isn't there, or not for others than the one that makes it
	// Unfinished says in a clause why it doesn't count although it is there: "it is not
	// valid"; "" if it does.
	Unfinished string
	On         clean.Text // what it belongs to: "public.image (license, created_on)"
	Detail     clean.Text // what is worth a word: "unique", "integer"; empty for nothing
	// Busy are the processes that hold a lock on its table as a migration does.
	Busy []string

	table string // the table's oid
}

// relation is an entry of pg_class.
type relation struct {
	oid, kind string
	name      clean.Text
	schema    string // as in SQL
}

// find returns the relation of that name, the one that the search path shows if there are
// several; none if there isn't one. It asks pg_class and not to_regclass, which fails for
// a schema that the role may not use, or passes over it.
func (s *Session) find(ctx context.Context, name string) (relation, bool, error) {
	rows, _, err := s.ask(ctx, `select c.oid, c.relkind, n.nspname || '.' || c.relname, pg_table_is_visible(c.oid), quote_ident(n.nspname)
 from (select parse_ident($1) as id) as q, pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relname = id[array_length(id, 1)] and case array_length(id, 1) when 1 then n.nspname <> 'pg_toast' when 2 then n.nspname = id[1] else false end
 order by 4 desc, 3 limit 20`, name)
	switch {
	case err != nil:
		return relation{}, false, failed(ctx, err)
	case len(rows) == 0:
		return relation{}, false, nil
	case len(rows) > 1 && !rows[0].is(3):
		var names []string
		for _, r := range rows {
			names = append(names, r.text(2))
		}
		return relation{}, false, unsettled(clean.Linef("%s may be %s", name, strings.Join(names, " or ")).String(), "write it with its schema")
	}
	r := rows[0]
	return relation{oid: r.text(0), kind: r.text(1), name: clean.Line(r.text(2)), schema: r.text(4)}, true, nil
}

// Index returns an index. It is unfinished unless it is valid and ready, and on that table
// and those columns if any are given: IF NOT EXISTS looks at the name alone. An index is in
// the schema of its table.
func (s *Session) Index(ctx context.Context, name, table string, columns []string) (Object, error) {
	var on relation
	if table != "" {
		var ok bool
		var err error
		if on, ok, err = s.find(ctx, table); err != nil || !ok {
			return Object{Absent: true}, err
		}
		if !strings.Contains(name, ".") {
			name = on.schema + "." + name
		}
	}
	index, ok, err := s.find(ctx, name)
	if err != nil || !ok {
		return s.absent(ctx, on, err)
	}
	rows, _, err := s.ask(ctx, `select i.indrelid, i.indisvalid, i.indisready, i.indisunique, n.nspname || '.' || t.relname,
 (select coalesce(string_agg(coalesce(quote_ident(a.attname), '(expression)'), ', ' order by k.n), '')
  from unnest(i.indkey::int2[]) with ordinality as k(attnum, n)
  left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum <> 0
  where k.n <= i.indnkeyatts), i.indpred is not null
 from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
 where i.indexrelid = $1::oid`, index.oid)
	switch {
	case err != nil:
		return Object{}, failed(ctx, err)
	case len(rows) != 1:
		return Object{Name: index.name, Unfinished: "not an index"}, nil
	}
	r := rows[0]
	o := Object{Name: index.name, On: clean.Linef("%s (%s)", r.text(4), r.text(5)), table: r.text(0)}
	if r.is(3) {
		o.Detail = clean.Line("unique")
	}
	if r.is(6) {
		o.Detail = clean.Line(strings.TrimSpace(o.Detail.String() + " partial"))
	}
	switch {
	case !r.is(1) && !r.is(2):
		o.Unfinished = "it is neither valid nor ready, so nothing uses it"
	case !r.is(1):
		o.Unfinished = "it isn't valid, so no query uses it"
	case !r.is(2):
		o.Unfinished = "it isn't ready, so it misses inserted rows"
	}
	if o.Unfinished == "" {
		o.Unfinished = elsewhere(r, on, columns)
	}
	o.Busy, err = s.busy(ctx, o.table)
	return o, err
}

// absent returns what isn't there, with who may be making it on a table.
func (s *Session) absent(ctx context.Context, on relation, err error) (Object, error) {
	o := Object{Absent: true}
	if err != nil || on.oid == "" {
		return o, err
	}
	o.Busy, err = s.busy(ctx, on.oid)
	return o, err
}

// elsewhere returns how the table or the columns of an index differ from those that it is
// to have, "" if they don't.
func elsewhere(r row, on relation, columns []string) string {
	if on.oid != "" && on.oid != r.text(0) {
		return "it is on a different table than " + on.name.String()
	}
	if want := strings.Join(columns, ", "); want != "" && want != r.text(5) {
		return "it is on different columns than " + clean.Line(want).String()
	}
	return ""
}

// Constraint returns a constraint of a table. It is unfinished unless it is validated.
func (s *Session) Constraint(ctx context.Context, table, name string) (Object, error) {
	return s.part(ctx, table, `select convalidated, $2, case contype when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key' when 'u' then 'unique' else '' end
 from pg_constraint where conrelid = $1::oid and conname = (parse_ident($2))[1]`, name, "it isn't validated, so older rows may violate it")
}

// Column returns a column of a table.
func (s *Session) Column(ctx context.Context, table, name string) (Object, error) {
	return s.part(ctx, table, `select true, $2, format_type(atttypid, atttypmod)
 from pg_attribute where attrelid = $1::oid and attname = (parse_ident($2))[1] and attnum > 0 and not attisdropped`, name, "")
}

// part asks for what belongs to a table: whether it is finished, its name and its detail.
func (s *Session) part(ctx context.Context, table, sql, name, unfinished string) (Object, error) {
	on, ok, err := s.find(ctx, table)
	switch {
	case err != nil:
		return Object{}, err
	case !ok:
		return Object{}, &transport.Problem{Cause: transport.NotFound, Text: clean.Linef("no table %s", table).String(), Hint: "correct the step's annotation, or write the table with its schema"}
	}
	rows, _, err := s.ask(ctx, sql, on.oid, name)
	if err != nil {
		return Object{}, failed(ctx, err)
	}
	o := Object{On: on.name, table: on.oid, Absent: len(rows) == 0}
	if !o.Absent {
		r := rows[0]
		if o.Name, o.Detail = clean.Line(r.text(1)), clean.Line(r.text(2)); !r.is(0) {
			o.Unfinished = unfinished
		}
	}
	o.Busy, err = s.busy(ctx, o.table)
	return o, err
}

// Table returns a table, a view or a materialized view, which is unfinished until it is
// filled.
func (s *Session) Table(ctx context.Context, name string) (Object, error) {
	t, ok, err := s.find(ctx, name)
	if err != nil || !ok {
		return Object{Absent: true}, err
	}
	o := Object{Name: t.name, table: t.oid, Detail: clean.Line(tableKinds[t.kind])}
	switch t.kind {
	case "m":
		rows, _, err := s.ask(ctx, `select relispopulated from pg_class where oid = $1::oid`, t.oid)
		if err != nil {
			return Object{}, failed(ctx, err)
		}
		if len(rows) != 1 || !rows[0].is(0) {
			o.Unfinished = "it is empty until REFRESH MATERIALIZED VIEW ends"
		}
	case "r", "p", "v", "f":
	default:
		o.Unfinished = "not a table or a view"
	}
	o.Busy, err = s.busy(ctx, o.table)
	return o, err
}

var tableKinds = map[string]string{"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view", "f": "foreign table"}

// busy returns the processes that hold or wait for a lock on a table as a migration does. An
// autovacuum, which has no user, doesn't count.
func (s *Session) busy(ctx context.Context, table string) ([]string, error) {
	rows, _, err := s.ask(ctx, `select distinct l.pid, a.usename, a.application_name from pg_locks l join pg_stat_activity a using (pid)
 where l.locktype = 'relation' and l.relation = $1::oid and l.database = (select oid from pg_database where datname = current_database())
 and l.pid <> pg_backend_pid() and a.usename is not null
 and l.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
 order by 1 limit 10`, table)
	if err != nil {
		return nil, failed(ctx, err)
	}
	var all []string
	for _, r := range rows {
		all = append(all, process(r.text(0), r.text(1), r.text(2)))
	}
	return all, nil
}

// process names a process of the server: "4711 (deploy, psql)".
func process(pid, user, application string) string {
	who := clean.Line(user).String()
	if application != "" {
		who += ", " + clean.Line(application).String()
	}
	return fmt.Sprintf("%s (%s)", pid, who)
}

package postgres

import (
	"slices"
	"strconv"
	"strings"
)

// Parts by which the program's questions are told apart.
const (
	isSelf       = "pg_is_in_recovery()"
	isFind       = "parse_ident($1) as id"
	isIndex      = "from pg_index i"
	isConstraint = "from pg_constraint"
	isColumn     = "from pg_attribute where attrelid"
	isPopulated  = "select relispopulated"
	isBusy       = "from pg_locks l join"
	isWaits      = "where not granted"
	isQuestion   = ") as question limit 2"
)

// answer returns the rows of a question. A relation's oid is its place among the names.
func (d Database) answer(sql string, args []string) ([][][]byte, *refusal) {
	relation := func() (string, Relation) {
		names := d.names()
		i, err := strconv.Atoi(args[0])
		if err != nil || i < 0 || i >= len(names) {
			return "", Relation{}
		}
		return names[i], d.Relations[names[i]]
	}
	switch {
	case strings.Contains(sql, isSelf):
		return rows(line(d.Name, d.User, letter(d.Standby), "on", "read committed", version, "practice", "127.0.0.1:5432", "1767225600", "off", d.System, "1")), nil
	case strings.Contains(sql, isFind):
		var all [][][]byte
		for _, name := range d.find(args[0]) {
			all = append(all, line(strconv.Itoa(slices.Index(d.names(), name)), d.Relations[name].Kind, name, "t", strings.Split(name, ".")[0]))
		}
		return all, nil
	case strings.Contains(sql, isIndex):
		_, r := relation()
		if r.Kind != "i" {
			return nil, nil
		}
		on := strconv.Itoa(slices.Index(d.names(), r.On))
		return rows(line(on, letter(!r.Invalid), letter(!r.Invalid), letter(r.Unique), r.On, strings.Join(r.Columns, ", "), "f")), nil
	case strings.Contains(sql, isConstraint):
		_, r := relation()
		validated, ok := r.Constraints[args[1]]
		if !ok {
			return nil, nil
		}
		return rows(line(letter(validated), args[1], "check")), nil
	case strings.Contains(sql, isColumn):
		if _, r := relation(); !slices.Contains(r.Columns, strings.ToLower(args[1])) {
			return nil, nil
		}
		return rows(line("t", args[1], "text")), nil
	case strings.Contains(sql, isPopulated):
		_, r := relation()
		return rows(line(letter(!r.Unpopulated))), nil
	case strings.Contains(sql, isBusy):
		name, _ := relation()
		var all [][][]byte
		for _, process := range d.Busy[name] {
			all = append(all, line(strings.SplitN(process, " ", 3)...))
		}
		return all, nil
	case strings.Contains(sql, isWaits):
		var all [][][]byte
		for _, wait := range d.Waits {
			f := strings.Fields(wait)
			all = append(all, line(f[0], f[1], f[2], f[3], f[4], f[5], "90", f[6]))
		}
		return all, nil
	case strings.Contains(sql, isQuestion):
		question := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(sql, "select * from ("), isQuestion))
		if answer, ok := d.Answers[question]; ok {
			return rows(line(letter(answer))), nil
		}
	}
	return nil, &refusal{"42601", "this database is for practice, and doesn't know that question"}
}

func (d Database) names() []string {
	all := make([]string, 0, len(d.Relations))
	for name := range d.Relations {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func rows(lines ...[][]byte) [][][]byte { return lines }

func line(values ...string) [][]byte {
	all := make([][]byte, len(values))
	for i, v := range values {
		all[i] = []byte(v)
	}
	return all
}

func letter(is bool) string {
	if is {
		return "t"
	}
	return "f"
}

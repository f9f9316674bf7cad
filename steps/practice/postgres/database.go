package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Database is what a practice server answers with. It is only data.
type Database struct {
	Name, User, Password string
	System               string // the system identifier
	Standby              bool
	// Relations are its tables, views and indexes, by their names with the schema.
	Relations map[string]Relation
	// Answers has the answer of each question with one boolean that it knows.
	Answers map[string]bool
	// Busy are the processes that migrate, as "pid user application", by the table's name.
	Busy map[string][]string
	// Waits are processes that wait, as "pid user application blocker user application table".
	Waits []string
	// Refuses is what every connection gets instead of being asked for its password, nil
	// for nothing.
	Refuses *pgconn.PgError
}

// Relation is a table, a view or an index.
type Relation struct {
	Kind        string   // as in pg_class.relkind: "r", "i", "m", ...
	On          string   // the table of an index
	Columns     []string // of a table, or of an index in their order
	Unique      bool
	Invalid     bool            // an index whose build has failed
	Unpopulated bool            // a materialized view that was never filled
	Constraints map[string]bool // of a table: whether each is validated
}

// find returns the names of the relations that a name may mean.
func (d Database) find(name string) []string {
	name = strings.ReplaceAll(strings.ToLower(name), `"`, "")
	if _, ok := d.Relations[name]; ok {
		return []string{name}
	}
	var all []string
	for full := range d.Relations {
		if _, short, _ := strings.Cut(full, "."); short == name {
			all = append(all, full)
		}
	}
	return all
}

package database

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/postgres"
)

// Migration is a step in which the database is migrated, by hand or by a DAG. Its
// annotation says what the migration leaves, which the database is asked for; without
// that, the step is only ticked.
var Migration = &steps.Kind{
	Name:    "migration",
	Doc:     "Migrate the database, by hand or with a DAG.",
	Explain: why.Migration,
	Params: []steps.Param{
		databaseParam,
		own("index", "the index that it makes, which must be valid"),
		own("columns", "the columns of that index, in their order"),
		own("constraint", "the constraint that it adds, which must be validated"),
		own("column", "the column that it adds"),
		own("table", "the table that it changes, or makes"),
		own("query", "a question with one boolean as its answer"),
		own("run", "what a person runs"),
		own("dag", "the DAG that migrates"),
		own("since", "the earliest start of the DAG's run"),
		{Name: "airflow", Doc: "Airflow's address", Setting: "[airflow] url"},
	},
	Reads:    reads("words about migrations", []string{"igrat"}, migrates, migrateIt),
	Passages: true,
	Mend:     "do what its check says",
	Check: &steps.Check{
		Ask:    checkMigration,
		Able:   func(p steps.Params) bool { return p["dag"] != "" || len(proofs(p)) > 0 },
		Stated: byHand,
		Again: func(res runbook.Result) time.Duration {
			if res.Waiting {
				return 5 * time.Second
			}
			return 0
		},
	},
}

func own(name, doc string) steps.Param {
	return steps.Param{Name: name, Doc: doc, Own: true}
}

func byHand(p steps.Params) bool { return p["dag"] == "" }

// migrates is a sentence that says how the database is migrated.
var migrates = pattern.Lazy(`\bmigrations?\b.*\b(?:performed|run|done|made|applied)\b.*\b(?:(?:by hand|manually)\b.*\bdags?|dags?\b.*\b(?:by hand|manually))\b`)

// migrateIt asks to run a migration of the database.
var migrateIt = pattern.Lazy(`^(?:` +
	`(?:run|apply|perform|execute) (?:(?:the|all|any|all the) )?(?:(?:new|pending|next) )?(?:database|db|schema|postgres) migrations?(?: (?:by hand|manually))?` +
	`|(?:run|apply|perform|execute) (?:(?:the|all|any|all the) )?(?:(?:new|pending|next) )?migrations?(?: (?:to|on|of|for) ` + theDatabase + `)?,? (?:by hand|manually)` +
	`|(?:run|apply|perform|execute) (?:(?:the|all|any|all the) )?(?:(?:new|pending|next) )?migrations? (?:to|on|of|for|against) ` + theDatabase +
	`|migrate ` + theDatabase + `(?: (?:by hand|manually))?` +
	`)$`)

// proof is one thing that the migration leaves.
type proof struct {
	what string // "the index public.license_idx"
	ask  func(context.Context, *postgres.Session) (postgres.Object, error)
}

// answer is what a question of the annotation is proven by.
const answer = "the question's answer"

// the returns what it is with its article.
func (p proof) the() string {
	if p.what == answer {
		return answer
	}
	return "the " + p.what
}

// proofs are what the parameters say that the migration leaves.
func proofs(p steps.Params) (all []proof) {
	table, columns := p["table"], fields(p["columns"])
	if name := p["index"]; name != "" {
		all = append(all, proof{"index " + name, func(ctx context.Context, s *postgres.Session) (postgres.Object, error) {
			return s.Index(ctx, name, table, columns)
		}})
	}
	if name := p["constraint"]; name != "" {
		all = append(all, proof{"constraint " + name, func(ctx context.Context, s *postgres.Session) (postgres.Object, error) {
			return s.Constraint(ctx, table, name)
		}})
	}
	if name := p["column"]; name != "" {
		all = append(all, proof{"column " + name, func(ctx context.Context, s *postgres.Session) (postgres.Object, error) {
			return s.Column(ctx, table, name)
		}})
	}
	if table != "" && len(all) == 0 {
		all = append(all, proof{"table " + table, func(ctx context.Context, s *postgres.Session) (postgres.Object, error) {
			return s.Table(ctx, table)
		}})
	}
	if question := p["query"]; question != "" {
		all = append(all, proof{answer, func(ctx context.Context, s *postgres.Session) (postgres.Object, error) {
			holds, err := s.Holds(ctx, question)
			return postgres.Object{Name: clean.Line(question), Absent: !holds}, err
		}})
	}
	return all
}

func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// versions are tables in which a tool keeps which migrations it has run. A row in them says
// that the tool believes so: it is written for one that was passed over, too.
var versions = []string{"alembic_version", "schema_migrations", "django_migrations", "flyway_schema_history", "ar_internal_metadata", "databasechangelog", "goose_db_version"}

func checkMigration(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	if command := in.Params["run"]; command != "" {
		r.Saw("to run by hand", command, "the step's annotation")
	}
	all := proofs(in.Params)
	if !byHand(in.Params) {
		if res := askDAG(ctx, in, r); res.Verdict != runbook.Passed || len(all) == 0 {
			return res
		}
	}
	question := strings.ToLower(in.Params["query"])
	if len(all) == 1 && slices.ContainsFunc(versions, func(table string) bool { return strings.Contains(question, table) }) {
		return r.Unknown("The question asks which version is recorded, which is recorded for a migration that was skipped too: ask for what it leaves, such as index=NAME, in the step's annotation.")
	}
	if table := in.Params["table"]; table == "" && (in.Params["constraint"] != "" || in.Params["column"] != "") {
		return r.Unknown("The annotation doesn't say on which table: add table=SCHEMA.NAME.")
	}
	s, res := open(ctx, in, r)
	if s == nil {
		res.Verdict = runbook.Unknown // who is not the database meant says nothing of the migration
		return res
	}
	defer s.Close()
	return prove(ctx, in, r, s, all)
}

// prove asks for all that the migration leaves.
func prove(ctx context.Context, in steps.Input, r *steps.Report, s *postgres.Session, all []proof) runbook.Result {
	var found []string
	for _, p := range all {
		o, err := p.ask(ctx, s)
		waits(ctx, r, s)
		if err != nil {
			return r.Problem("Asking the database for "+p.the(), err)
		}
		if res, ok := p.lacking(in, r, o); ok {
			return res
		}
		found = append(found, p.found(o))
		r.Saw(p.what, strings.TrimPrefix(p.found(o), p.what+" "), s.Host)
	}
	tail := ""
	if byHand(in.Params) {
		tail = " A tick says who ran it."
	}
	return r.Passed("The migration was run: %s.%s", strings.Join(found, "; "), tail)
}

// found says in a clause what is there.
func (p proof) found(o postgres.Object) string {
	if p.what == answer {
		return answer + " is yes"
	}
	text := p.what + " is there"
	if !o.On.Empty() {
		text += ", on " + o.On.String()
	}
	if !o.Detail.Empty() {
		text += " (" + o.Detail.String() + ")"
	}
	return text
}

// lacking returns the result if what the migration leaves isn't there, or only half.
func (p proof) lacking(in steps.Input, r *steps.Report, o postgres.Object) (runbook.Result, bool) {
	if !o.Absent && o.Unfinished == "" {
		return runbook.Result{}, false
	}
	what := "there is no " + p.what
	switch {
	case !o.Absent:
		what = p.the() + " is there, but " + o.Unfinished
	case p.what == answer:
		what = answer + " is no"
	}
	what = say.Capital(what)
	if len(o.Busy) > 0 {
		r.Saw("at work on its table", strings.Join(o.Busy, ", "), "pg_locks")
		return r.Waiting("%s. %s at work on the table: what isn't committed can't be seen yet.", what, say.Plural(len(o.Busy), "process is", "processes are")), true
	}
	how := "run the migration"
	if command := in.Params["run"]; command != "" {
		how = "run `" + command + "`"
	}
	if !o.Absent && in.Params["index"] != "" {
		return r.Failed("%s. Drop it, and %s again, without IF NOT EXISTS, which skips what has the name. Then verify again.", what, how), true
	}
	return r.Failed("%s: %s, then verify again.", what, how), true
}

// waits shows who waits for whom in the database.
func waits(ctx context.Context, r *steps.Report, s *postgres.Session) {
	all, err := s.Waits(ctx)
	if err != nil {
		r.Saw("who waits", "can't be asked", s.Host)
	}
	for _, w := range all {
		text := fmt.Sprintf("%s waits for %s", w.Waiter, w.Blocker)
		if !w.On.Empty() {
			text += ", on " + w.On.String()
		}
		if w.For > 0 {
			text += ", for " + say.Duration(w.For)
		}
		r.Saw("waits", text, s.Host)
	}
}

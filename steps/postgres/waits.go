package postgres

import (
	"context"
	"strconv"
	"time"

	"catalog-runbook/runbook/clean"
)

// Wait is a process that waits for the lock of another.
type Wait struct {
	Waiter, Blocker string        // processes: "4711 (deploy, psql)"
	For             time.Duration // since its query began; 0 if the role may not see that
	On              clean.Text    // the table that it wants a lock on; empty if it is something else
}

// Waits returns who waits for whom in this database, at most 20. pg_blocking_pids holds up
// the lock manager for a moment, so it is only called for those that wait. What the
// processes run is not read: it may hold anything.
func (s *Session) Waits(ctx context.Context) ([]Wait, error) {
	rows, _, err := s.ask(ctx, `with w as (
  select pid, min(relation) as relation from pg_locks
  where not granted group by pid order by pid limit 20)
 select w.pid, a.usename, a.application_name, b.pid, blocker.usename, blocker.application_name,
  extract(epoch from now() - a.query_start)::bigint, n.nspname || '.' || c.relname
 from w join pg_stat_activity a on a.pid = w.pid and a.datname = current_database()
  cross join lateral unnest(pg_blocking_pids(w.pid)) as b(pid)
  left join pg_stat_activity blocker on blocker.pid = b.pid
  left join pg_class c on c.oid = w.relation left join pg_namespace n on n.oid = c.relnamespace
 order by 1, 4 limit 20`)
	if err != nil {
		return nil, failed(ctx, err)
	}
	var all []Wait
	for _, r := range rows {
		seconds, _ := strconv.Atoi(r.text(6))
		all = append(all, Wait{
			Waiter: process(r.text(0), r.text(1), r.text(2)), Blocker: process(r.text(3), r.text(4), r.text(5)),
			For: time.Duration(max(0, seconds)) * time.Second, On: clean.Line(r.text(7)),
		})
	}
	return all, nil
}

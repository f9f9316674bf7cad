package dags

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// sum makes one result of what was found of the files.
func (s *syncing) sum(ctx context.Context, all []finding) runbook.Result {
	by := map[state][]finding{}
	for _, f := range all {
		by[f.state] = append(by[f.state], f)
		why := f.why
		switch {
		case f.err != nil:
			why = f.err.Error()
		case f.state == uncopied:
			why = "Airflow keeps no copy of it"
		case f.state == current && why == "":
			why = "Airflow has the commit's text"
		}
		if f.lag != nil {
			why += ", " + say.Between(f.lag.at, s.Now) + " old"
		}
		if len(f.dags) > 0 {
			why += " (" + some(f.dags) + ")"
		}
		s.Saw(f.name, why, s.address)
	}
	switch bad, odd, late := by[wrong], by[unknown], by[awaited]; {
	case len(bad) > 0:
		if bad[0].broken && s.Now.Sub(s.pull.MergedAt) < foundSoon {
			s.Facts[factBacklog] = bad[0].name // the error may be that of the earlier text
		}
		if bad[0].broken {
			return s.Failed("%s. %s: repair it on %s.", clauses(bad), effects(bad), clean.Line(s.branch))
		}
		return s.Failed("%s.", clauses(bad))
	case len(odd) > 0 && odd[0].err != nil:
		return s.Problem("Comparing "+odd[0].base(), odd[0].err)
	case len(odd) > 0:
		return s.Unknown("%s.", clauses(odd))
	case len(late) > 0:
		return s.late(ctx, late)
	case len(by[current]) == 0:
		return s.Unknown("Airflow keeps no copy of %s, so nothing shows whether it has %s: look on the server, or at the messages of the sync.", named(all), say.Plural(len(all), "it", "them"))
	}
	s.Facts[factSynced] = s.pull.Commit
	later := ""
	if slices.ContainsFunc(by[current], func(f finding) bool { return f.later }) {
		later = " or a later commit"
	}
	text := fmt.Sprintf("Airflow has %s as of %.7s%s, parsed without an import error", named(by[current]), s.pull.Commit, later)
	if helpers := by[uncopied]; len(helpers) > 0 {
		text += fmt.Sprintf("; it keeps no copy of %s, which came with the same commit", named(helpers))
	}
	return s.Passed("%s.", text)
}

// effects says what files that can't be imported do to their DAGs: Airflow 2 runs them as they
// were, Airflow 3 stops running them.
func effects(broken []finding) string {
	var gone []string
	for _, f := range broken {
		gone = append(gone, f.gone...)
	}
	if len(gone) > 0 {
		return "Airflow no longer runs " + some(gone)
	}
	return "Airflow continues without the change"
}

// late is the result of files that may come by themselves, unless nothing in Airflow reads
// files now.
func (s *syncing) late(ctx context.Context, late []finding) runbook.Result {
	if h, err := s.client.Health(ctx); err == nil && len(h.Ailing()) > 0 {
		var parts []string
		for _, p := range h.Ailing() {
			parts = append(parts, p.Name.String())
		}
		return s.Failed("%s, and Airflow reads no files now: %s is unhealthy.", clauses(late), strings.Join(parts, ", "))
	}
	least, most := 0, 0
	var oldest *backlog
	for _, f := range late {
		if f.lag == nil {
			continue
		}
		least = max(least, f.lag.least)
		if most == 0 || f.lag.most > 0 && f.lag.most < most {
			most, oldest = f.lag.most, f.lag
		}
		if oldest == nil {
			oldest = f.lag
		}
	}
	if oldest == nil {
		return s.Waiting("%s.", clauses(late))
	}
	commits := say.Count(least, "commit")
	switch {
	case most < least:
		commits = "at least " + commits
	case most > least:
		commits = fmt.Sprintf("%d to %s", least, say.Count(most, "commit"))
	}
	s.Saw("backlog", commits+"; a sync that moves one commit each time needs as many times", s.address)
	return s.Waiting("The sync is %s behind: %s.", commits, clauses(late))
}

// clauses says what was found of the first files.
func clauses(all []finding) string {
	const shown = 2
	var parts []string
	for _, f := range all[:min(len(all), shown)] {
		parts = append(parts, f.base()+" "+f.why)
	}
	text := strings.Join(parts, "; ")
	if more := len(all) - shown; more > 0 {
		text += fmt.Sprintf("; and %d more like this", more)
	}
	return text
}

// named names the first files.
func named(all []finding) string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.base()
	}
	return some(names)
}

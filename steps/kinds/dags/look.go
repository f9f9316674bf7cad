package dags

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
)

// state is what a check has found of a file. Of several, the greatest counts.
type state int

// The states.
const (
	uncopied state = iota // Airflow keeps no copy of such a file
	current               // Airflow has it, or runs nothing of it any more if it was removed
	awaited               // it will be there without anyone acting
	unknown
	wrong
)

// finding is what a check has found of one file.
type finding struct {
	changed
	state  state
	why    string   // a clause without the file's name
	err    error    // if a service gave no answer
	lag    *backlog // if an earlier version is there
	dags   []string // those that Airflow runs of it
	gone   []string // those that it no longer runs
	later  bool     // a later commit's version is there
	broken bool     // it can't be imported
}

func (s *syncing) look(ctx context.Context, f changed) finding {
	runs, gone := s.folder.of(f.name, f.root)
	found := finding{changed: f}
	for _, d := range runs {
		found.dags = append(found.dags, d.ID.String())
	}
	if f.status == removed || s.later[f.name] == removed {
		switch {
		case len(runs) > 0 && s.later[f.name] != "" && s.later[f.name] != removed:
			found.state = uncopied // a later commit has put it back
		case len(runs) > 0:
			found.state, found.why = awaited, "is removed, and Airflow still runs "+some(found.dags)
		case len(gone) > 0:
			found.state, found.why = current, "is removed, and Airflow no longer runs its DAGs"
		}
		return found
	}
	if broken := s.broken(f, runs); broken != nil {
		found.state, found.why, found.broken = broken.state, broken.why, broken.broken
		for _, d := range gone {
			found.gone = append(found.gone, d.ID.String())
		}
		return found
	}
	content, err := s.in.World.GitHub.File(ctx, s.repo, f.name, s.pull.Commit)
	if errors.Is(err, github.ErrAbsent) {
		found.state, found.why = unknown, fmt.Sprintf("is not in %.7s, though #%d changes it: verify the merge again", s.pull.Commit, s.pull.Number)
		return found
	}
	if err != nil {
		found.state, found.err = unknown, err
		return found
	}
	text := plain(string(content))
	if len(runs) == 0 {
		found.state, found.why = s.without(f, text, gone)
		return found
	}
	s.compare(ctx, &found, runs, text)
	return found
}

// broken says that Airflow could not read a file, nil if it could. Its copy is then that of
// the last time that it could.
func (s *syncing) broken(f changed, runs []airflow.DAG) *finding {
	e := s.folder.broken(f.name, f.root, s.errors)
	if e == nil {
		for _, d := range runs {
			if d.ImportErrors {
				return &finding{state: wrong, broken: true, why: "can't be imported: Airflow says so of " + d.ID.String()}
			}
		}
		return nil
	}
	if !e.At.IsZero() && e.At.Before(s.pull.MergedAt) {
		return &finding{state: awaited, why: "was not read again since an import error from before the merge"}
	}
	when := ""
	if !e.At.IsZero() && !e.At.After(s.Now) {
		when = ", " + say.Between(e.At, s.Now) + " ago"
	}
	return &finding{state: wrong, broken: true, why: "can't be imported: " + e.Reason.String() + when}
}

// without judges a file of which Airflow runs no DAG. Airflow keeps no copy of modules that
// DAGs import, and of other files.
func (s *syncing) without(f changed, text string, gone []airflow.DAG) (state, string) {
	lower := strings.ToLower(text)
	// Airflow reads no other files (might_contain_dag, in safe mode, which is the default).
	if path.Ext(f.name) != ".py" || !strings.Contains(lower, "dag") && !strings.Contains(lower, "asset") || !strings.Contains(lower, "airflow") {
		return uncopied, ""
	}
	made := module(text)
	const look = "check that the sync works, that .airflowignore doesn't name it, and that the account may see all DAGs"
	soon := s.Now.Sub(s.pull.MergedAt) < foundSoon
	switch {
	case len(gone) > 0 && soon:
		return awaited, "defines no DAG that Airflow runs, yet"
	case len(gone) > 0 && made == aDAG:
		return wrong, "defines no DAG that Airflow runs: those that it knows from it are stale"
	case len(gone) > 0 && made != noDAG:
		return unknown, "may make DAGs when Airflow reads it, but those that Airflow knows from it are stale: look at what it makes, and in Airflow"
	case f.status == added && soon:
		return awaited, "is new, and Airflow has found no DAG in it yet"
	case made == aDAG:
		return unknown, "defines a DAG, but Airflow shows none of it: " + look
	case made == likelyDAG || f.status == added && made == perhapsDAG:
		return unknown, "may make DAGs when Airflow reads it, but Airflow shows none of it: unless it's a helper module, " + look
	}
	return uncopied, ""
}

// compare compares Airflow's copies of a file with its versions.
func (s *syncing) compare(ctx context.Context, found *finding, runs []airflow.DAG, text string) {
	asked := map[string]bool{} // the copies
	for _, d := range runs {
		source, err := s.client.Source(ctx, d)
		if err != nil {
			found.state, found.err = unknown, err
			return
		}
		asked[plain(source)] = true
		if len(asked) == 1 && d.InBundle.Empty() {
			break // Airflow 2 has one for the file
		}
	}
	found.state = current
	for source := range asked {
		if source == text {
			continue
		}
		st, why, lag, err := s.version(ctx, found.changed, source)
		if st >= found.state {
			found.state, found.why, found.lag, found.err = st, why, lag, err
			found.later = st == current
		}
	}
	if found.state != current {
		return
	}
	for _, d := range runs {
		if d.LastParsed.Before(s.pull.MergedAt) {
			found.state, found.why = awaited, "has the commit's text, but Airflow hasn't parsed it since the merge"
			if d.LastParsed.IsZero() {
				found.state, found.why = unknown, "has the commit's text, but Airflow doesn't say when it parsed it: look at the DAG in Airflow"
			}
			return
		}
	}
}

// plain makes two spellings of the same text equal: Airflow reads a file as text, with "\n"
// at the end of each line.
func plain(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// backlog says how far the sync is behind: at least and at most so many commits.
type backlog struct {
	commit      string // whose version of the file is there
	at          time.Time
	least, most int // most is 0 if it isn't known
}

// versions is how many versions of a file are looked at.
const versions = 8

// version finds out which version of a file Airflow has, if not the commit's.
func (s *syncing) version(ctx context.Context, f changed, source string) (st state, why string, lag *backlog, err error) {
	gh := s.in.World.GitHub
	before, err := gh.FileCommits(ctx, s.repo, f.name, s.pull.Commit, versions)
	if err != nil {
		return unknown, "", nil, err
	}
	if s.later[f.name] != "" || s.unsure {
		after, err := gh.FileCommits(ctx, s.repo, f.name, s.branch, versions)
		if err != nil {
			return unknown, "", nil, err
		}
		for _, c := range after {
			if len(before) > 0 && c.ID == before[0].ID {
				break
			}
			content, err := gh.File(ctx, s.repo, f.name, c.ID)
			if err == nil && plain(string(content)) == source {
				return current, fmt.Sprintf("is there as of %.7s, a later commit", c.ID), nil, nil
			}
			if err != nil && !errors.Is(err, github.ErrAbsent) {
				return unknown, "", nil, err
			}
		}
	}
	newer := s.pull.Commit
	for _, c := range before {
		content, err := gh.File(ctx, s.repo, f.name, c.ID)
		if err != nil && !errors.Is(err, github.ErrAbsent) {
			return unknown, "", nil, err
		}
		if err == nil && plain(string(content)) == source {
			return awaited, fmt.Sprintf("is there as of %.7s", c.ID), s.behind(ctx, c, newer), nil
		}
		newer = c.ID
	}
	if len(before) == versions {
		return unknown, fmt.Sprintf("is neither the commit's nor one of the %d versions before it: compare its Code in Airflow with the commit", versions), nil, nil
	}
	return wrong, "is none of the repository's versions: it was changed on the server, or another branch is checked out there", nil, nil
}

// behind counts the commits from an old version of a file to the merge. The server has the
// old commit or a later one before the version that is missing.
func (s *syncing) behind(ctx context.Context, old github.Commit, missing string) *backlog {
	b := &backlog{commit: old.ID, at: old.At, least: 1}
	gh := s.in.World.GitHub
	if c, err := gh.Compare(ctx, s.repo, old.ID, s.pull.Commit); err == nil && c.Status == "ahead" {
		b.most = c.AheadBy
	}
	if missing != s.pull.Commit {
		if c, err := gh.Compare(ctx, s.repo, missing, s.pull.Commit); err == nil && (c.Status == "ahead" || c.Status == "identical") {
			b.least = c.AheadBy + 1
		}
	}
	return b
}

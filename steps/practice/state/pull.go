package state

import "time"

// Pull is the pull request of a world that changes DAGs; Number is 0 if there is none.
// Merged is zero while it is open.
type Pull struct {
	Number int        `json:"number"`
	Title  string     `json:"title"`
	Files  []PullFile `json:"files"`
	Merged time.Time  `json:"merged,omitzero"`
	Fixed  time.Time  `json:"fixed,omitzero"` // when a later commit repaired its broken file
}

// PullFile is the file of a DAG that a pull request adds or changes.
type PullFile struct {
	DAG      string `json:"dag"`
	New      bool   `json:"new,omitzero"`
	Schedule string `json:"schedule,omitzero"` // of a new DAG; it has catchup then
	Broken   string `json:"broken,omitzero"`   // the error with which it can't be imported until it is fixed
}

// The commits of the branch, the oldest first: before the pull request, one of someone else,
// the merge, and the repair.
var (
	PullBase  = SHA("before the pull request")
	PullOther = SHA("another commit")
	PullMerge = SHA("the merge of the pull request")
	PullFix   = SHA("the repair of the pull request")
)

// parsedAfter is how long after a commit the sync has it and Airflow has parsed it.
const parsedAfter = 8 * time.Second

// Parsed returns when Airflow has parsed what was committed at a time, zero if it hasn't yet.
func Parsed(committed, now time.Time) time.Time {
	at := committed.Add(parsedAfter)
	if committed.IsZero() || now.Before(at) {
		return time.Time{}
	}
	return at
}

// Path is the file's path in the repository.
func (f PullFile) Path() string { return DAGPath(f.DAG) }

// DAGPath is the path of a DAG's file in the repository.
func DAGPath(dag string) string { return "catalog/dags/" + dag + ".py" }

// DAGText is the text of a DAG's file as of a commit.
func DAGText(dag, commit string) string {
	text := "from airflow import DAG\n\nDAG(\"" + dag + "\")\n"
	switch commit {
	case PullMerge:
		text += "# changed by the pull request\n"
	case PullFix:
		text += "# repaired\n"
	}
	return text
}

// File returns the file of a DAG in the pull request, and whether it is among them.
func (p Pull) File(dag string) (PullFile, bool) {
	for _, f := range p.Files {
		if f.DAG == dag {
			return f, true
		}
	}
	return PullFile{}, false
}

// Has returns the commit whose version of a DAG's file Airflow has parsed without an error,
// "" if there is none, and when it tried a version with an error, zero if it hasn't.
func (p Pull) Has(f PullFile, now time.Time) (commit string, failed time.Time) {
	merged, fixed := Parsed(p.Merged, now), Parsed(p.Fixed, now)
	switch {
	case f.Broken != "" && !fixed.IsZero():
		return PullFix, time.Time{}
	case f.Broken != "" && !merged.IsZero():
		failed = merged
	case !merged.IsZero():
		return PullMerge, time.Time{}
	}
	if f.New {
		return "", failed
	}
	return PullBase, failed
}

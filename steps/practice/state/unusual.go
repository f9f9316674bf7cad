package state

import "time"

// Unusual is what can be so with an Airflow and is so in no scenario; its zero
// value is an Airflow that works. It stands in the world's file, where those
// tests put it that hold this Airflow and the real ones to the same verdicts.
type Unusual struct {
	PageLimit int       `json:"page_limit,omitzero"` // maximum_page_limit, where it was changed
	LastBeat  time.Time `json:"last_beat,omitzero"`  // of a scheduler that has died
	// Tasks has, by DAG, what the task of its runs waits in and does not end:
	// up_for_retry or deferred.
	Tasks     map[string]string `json:"tasks,omitzero"`
	Unread    []UnreadFile      `json:"unread,omitzero"`
	Removed   []string          `json:"removed,omitzero"`   // DAGs whose file is no longer there
	Backfills []Backfill        `json:"backfills,omitzero"` // of an Airflow 3
}

// UnreadFile is a file of DAGs that Airflow cannot import.
type UnreadFile struct {
	Name   string    `json:"name"` // the DAG's and .py, or another where it never had one
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"` // the last line of the trace
}

// Backfill is one that has not completed. Its runs are among the others.
type Backfill struct {
	DAG     string    `json:"dag"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Created time.Time `json:"created"`
	Paused  bool      `json:"paused,omitzero"`
}

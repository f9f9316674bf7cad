// Package after has the kinds of the steps that come after a deployment, also where no
// document mentions them: is the service back, and has the version landed where others
// deploy from. It knows the other kinds by their names and facts alone.
package after

import (
	"fmt"
	"strconv"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/steps/airflow"
)

// The facts that other kinds leave for this package.
const (
	// FactImageAirflow is the version of Airflow that the image says it has.
	FactImageAirflow runbook.Fact = "image.airflow"
	// FactRuns are the runs that were active or waiting when that was looked at, one per
	// line: the DAG, a space, and the run's ID.
	FactRuns runbook.Fact = "dags.runs"
)

// The facts about Airflow before the deployment, which are found again with those that its
// command was begun with.
const (
	factVersion runbook.Fact = "back.version-before" // Airflow's
	factImports runbook.Fact = "back.imports-before" // how many files it couldn't read, and their names, one per line
)

// RunLines returns runs as a value of FactRuns.
func RunLines(runs []airflow.DAGRun) string {
	var lines []string
	for _, r := range runs {
		lines = append(lines, fmt.Sprintf("%s %s", r.DAG, r.RunID))
	}
	return strings.Join(lines, "\n")
}

// importLines returns files that can't be read as a value of factImports.
func importLines(all []airflow.ImportError) string {
	lines := []string{strconv.Itoa(len(all))}
	for _, e := range all {
		lines = append(lines, e.File.String())
	}
	return strings.Join(lines, "\n")
}

// importsOf returns the files of a value of factImports, and false if none is known.
func importsOf(value string) (files []string, known bool) {
	lines := strings.Split(value, "\n")
	return lines[1:], value != ""
}

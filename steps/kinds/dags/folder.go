package dags

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/triage"
)

// folder finds the files of the repository again on Airflow's server.
type folder struct {
	server string // where the DAGs are on the server, by the settings; "" if they don't say
	within bool   // the paths on the server end like those in the repository
	known  []airflow.DAG
}

// newFolder returns the folder of all DAGs that Airflow knows. sure is false if nothing
// tells where the files of the repository are there.
func newFolder(server string, known []airflow.DAG, files []changed) (f folder, sure bool) {
	f = folder{server: strings.TrimRight(server, "/"), known: known}
	sure = server != "" || len(files) == 0
	for _, d := range known {
		for i := range files {
			f.within = f.within || strings.Contains(d.File.String(), "/"+files[i].root+"/")
		}
		sure = sure || !d.InBundle.Empty()
	}
	return f, sure || f.within
}

// holds reports whether a path on the server is that of a file of the repository. Airflow 3
// names a file within its bundle too, which is the repository or its folder of DAGs.
func (f folder) holds(name, root, onServer, inBundle string) bool {
	below := strings.TrimPrefix(name, root+"/")
	switch {
	case onServer == "":
		return inBundle == below || inBundle == name
	case f.server != "":
		return onServer == f.server+"/"+below
	case f.within:
		return strings.HasSuffix(onServer, "/"+name)
	}
	return inBundle == below || inBundle == name
}

// of returns the DAGs that a file defines, those that Airflow runs and those that are Gone.
func (f folder) of(name, root string) (runs, gone []airflow.DAG) {
	for _, d := range f.known {
		switch {
		case !f.holds(name, root, d.File.String(), d.InBundle.String()):
		case d.Gone:
			gone = append(gone, d)
		default:
			runs = append(runs, d)
		}
	}
	return runs, gone
}

// broken returns the error with which Airflow failed to read a file, nil if there is none.
// Airflow 2 names the file on the server, Airflow 3 within its bundle.
func (f folder) broken(name, root string, errors []airflow.ImportError) *airflow.ImportError {
	for i, e := range errors {
		onServer, inBundle := e.File.String(), ""
		if !strings.HasPrefix(onServer, "/") {
			onServer, inBundle = "", onServer
		}
		if f.holds(name, root, onServer, inBundle) {
			return &errors[i]
		}
	}
	return nil
}

// changed is a file of the change that belongs to the DAGs.
type changed struct {
	name   string
	status string // "removed", "added", or another word for a file that was there before
	root   string // the folder of DAGs in the repository
}

// ofDAGs returns the files of a change that belong to the DAGs, and what else the change
// means: files of a service deployment, and files that no rule says anything of. A file that
// was renamed is removed and added.
func ofDAGs(rules []triage.Rule, change []github.ChangedFile) (files []changed, service, unclaimed []string) {
	var all []triage.File
	for _, c := range change {
		switch c.Status {
		case "renamed":
			all = append(all, triage.File{Name: c.PreviousName, Status: removed}, triage.File{Name: c.Name, Status: added})
		case "copied":
			all = append(all, triage.File{Name: c.Name, Status: added})
		default:
			all = append(all, triage.File{Name: c.Name, Status: c.Status})
		}
	}
	for _, c := range triage.Judge(rules, triage.Change{Files: all}).Claims {
		switch c.As {
		case triage.DAGs:
			root, _ := doublestar.SplitPattern(c.Rule)
			files = append(files, changed{name: c.Name, status: c.Status, root: path.Clean(root)})
		case triage.Unclaimed:
			unclaimed = append(unclaimed, c.Name)
		case triage.Neither:
		default:
			service = append(service, c.Name)
		}
	}
	return files, service, unclaimed
}

// What GitHub calls what happened to a file.
const (
	added   = "added"
	removed = "removed"
)

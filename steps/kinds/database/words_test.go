package database_test

import (
	"testing"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/database"
)

// TestPassages reads what a paragraph tells.
func TestPassages(t *testing.T) {
	for text, want := range map[string]*steps.Kind{
		"This instance is hosted on AWS using [RDS](https://aws.amazon.com/rds/). The\ninstance can be accessed using [`pgcli`](https://www.pgcli.com/) or a similar\nclient with the jumphost defined in the infrastructure repository. For more\ninformation see the [documentation](https://example.org)\n(note that you will need additional access).\n": database.Access,
		"Any migrations to the Catalog database must either be performed by hand or as\npart of a DAG's normal operation (see:\n[iNaturalist](catalog/dags/inaturalist.py)).\n":                                                                                                                                                                              database.Migration,
		"The database can be reached through the bastion alone.\n":                      database.Access,
		"Migrations are run manually, unless a DAG does it.\n":                          nil,
		"The database can not be reached without the jump host.\n":                      nil,
		"The jump host is defined in the infrastructure repository.\n":                  nil,
		"The database can be accessed with pgcli.\n":                                    nil,
		"Migrations are never run by hand. A DAG does that.\n":                          nil,
		"A DAG migrates the images to another bucket. Deleting them is done by hand.\n": nil,
		"If the database can be reached, the jump host works.\n":                        nil,
	} {
		doc, err := document.Parse("a.md", []byte("# Database\n\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		found := map[*steps.Kind]int{}
		for _, step := range doc.Steps {
			for _, k := range []*steps.Kind{database.Access, database.Migration} {
				if k.Reads(step, nil).Asks {
					found[k]++
				}
			}
		}
		if want == nil && len(found) > 0 || want != nil && (len(found) != 1 || found[want] != 1) {
			t.Errorf("%q is read as %d of access and %d migrations", text, found[database.Access], found[database.Migration])
		}
	}
}

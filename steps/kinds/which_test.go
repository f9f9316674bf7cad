package kinds_test

import (
	"fmt"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// compared is the comparison of two refs, with these files, each "status name".
func compared(base, head, status string, files ...string) fake.Exchange {
	rows := []fake.Object{}
	for _, f := range files {
		as, name, _ := strings.Cut(f, " ")
		rows = append(rows, fake.Object{"filename": name, "status": as})
	}
	return fake.Exchange{URL: repo + "/compare/" + base + "..." + head + "?per_page=1", Body: fake.Object{
		"status": status, "ahead_by": 3, "behind_by": 0, "merge_base_commit": fake.Object{"sha": fake.Commit}, "files": rows,
		"html_url": "https://github.com/o/r/compare/" + base + "..." + head,
	}}
}

func manyFiles(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("modified catalog/dags/d%d.py", i))
	}
	return all
}

var (
	older          = fake.ReleaseBody("v1.5.3", hoursAgo(100))
	releasesBefore = listed(prereleaseBody("v1.6.0-rc1", hoursAgo(1)), older)
	needed         = runbook.Fact("deployment.needed")
)

var whichFixture = fixture{
	params: steps.Params{"repository": "o/r"},
	facts:  runbook.Facts{},
	hang:   hangingService,
	cases: []kindCase{
		{name: "the image", asks: []fake.Exchange{releasesBefore, compared("v1.5.3", "HEAD", "ahead", "modified catalog/Dockerfile", "modified catalog/dags/a.py", "added README.md")},
			verdict: runbook.Passed, says: []string{"A service deployment is needed: of what changed between v1.5.3 and the main branch, it concerns 1 file. DAGs changed too (1 file)"},
			sees: []string{"image: catalog/Dockerfile (catalog/{Dockerfile,entrypoint.sh,requirements_prod.txt})"}, leaves: runbook.Facts{needed: "service"}},
		{name: "the chosen release", facts: runbook.Facts{runbook.ReleaseTag: fake.Tag}, asks: []fake.Exchange{listed(fake.ReleaseBody("v1.5.5", hoursAgo(0)), fake.ReleaseBody(fake.Tag, hoursAgo(2)), older), compared("v1.5.3", fake.Tag, "ahead", "modified dag-sync.sh")},
			verdict: runbook.Passed, says: []string{"of what changed between v1.5.3 and v1.5.4, it concerns 1 file."}, leaves: runbook.Facts{needed: "service"}},
		{name: "one part of a repository", params: steps.Params{"repository": "o/r", "tag-prefix": "catalog-"}, asks: []fake.Exchange{listed(older, fake.ReleaseBody("catalog-1", hoursAgo(200))), compared("catalog-1", "HEAD", "identical")},
			verdict: runbook.Failed, says: []string{"Nothing needs to be deployed: between catalog-1 and the main branch"}, leaves: runbook.Facts{needed: "nothing"}},
		{name: "only DAGs", asks: []fake.Exchange{releasesBefore, compared("v1.5.3", "HEAD", "ahead", append(manyFiles(12), "modified catalog/tests/a.py")...)},
			verdict: runbook.Failed, says: []string{"only DAGs changed (12 files). They are deployed by merging."}, sees: []string{"catalog/dags/d7.py (catalog/dags/**), and 4 more"}, leaves: runbook.Facts{needed: "DAGs"}},
		{name: "the image, and a cut list", asks: []fake.Exchange{releasesBefore, compared("v1.5.3", "HEAD", "ahead", append(manyFiles(299), "modified catalog/Dockerfile")...)}, verdict: runbook.Passed, leaves: runbook.Facts{needed: "service"}},
		{name: "a cut list", asks: []fake.Exchange{releasesBefore, compared("v1.5.3", "HEAD", "ahead", manyFiles(300)...)},
			verdict: runbook.Unknown, says: []string{"GitHub names 300 files at most"}, leaves: runbook.Facts{needed: ""}},
		{name: "no rule", asks: []fake.Exchange{releasesBefore, compared("v1.5.3", "HEAD", "ahead", "added new.cfg")}, verdict: runbook.Unknown, says: []string{"no rule says what 1 file among them means"}, sees: []string{"no rule: new.cfg"}},
		{name: "diverged", asks: []fake.Exchange{releasesBefore, compared("v1.5.3", "HEAD", "diverged", "modified catalog/dags/a.py")}, verdict: runbook.Unknown, says: []string{"diverged"}},
		{name: "no earlier release", asks: []fake.Exchange{listed(prereleaseBody("v1.6.0-rc1", hoursAgo(1)))}, verdict: runbook.Unknown, says: []string{"o/r lists no earlier release"}},
		{name: "the tag is gone", asks: []fake.Exchange{releasesBefore, {URL: repo + "/compare/v1.5.3...HEAD?per_page=1", Status: 404, Body: fake.Missing}, {URL: repo, Body: fake.Object{"full_name": "o/r"}}}, verdict: runbook.Unknown, says: []string{"o/r has no v1.5.3 or no HEAD. See whether a tag was deleted"}},
		{name: "no answer", asks: []fake.Exchange{{URL: repo + "/releases?per_page=30", Status: 500, Body: ""}}, verdict: runbook.Unknown, says: []string{"Listing the releases"}},
	},
}

package document

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark/ast"

	"catalog-runbook/runbook/document/grammar"
)

const realDocument = "../../../shared/documents/openverse-catalog-DEPLOYMENT.md"

func parseReal(t *testing.T) *Document {
	t.Helper()
	src, err := os.ReadFile(realDocument)
	if os.IsNotExist(err) {
		t.Skipf("the real document is not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse("DEPLOYMENT.md", src)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const deployment = "airflow/service-deployments/deployment-workflow"

// serviceSteps returns the numbered steps of the service deployment.
func serviceSteps(d *Document) []*Step {
	var steps []*Step
	for _, s := range d.Steps {
		if s.Section.ID == deployment && s.Shape == ListItem {
			steps = append(steps, s)
		}
	}
	return steps
}

func TestRealDocument(t *testing.T) {
	d := parseReal(t)
	checkDocument(t, d)
	if got := d.Title.String(); got != "Catalog Deployments" {
		t.Errorf("got the title %q", got)
	}
	steps := serviceSteps(d)
	if len(steps) != 5 {
		t.Fatalf("got %d steps, want 5", len(steps))
	}
	if path := strings.Join(texts(steps[0].Section.Path), " > "); path != "Airflow > Service deployments > Deployment workflow" {
		t.Errorf("got the path %q", path)
	}
	links := []string{
		"https://github.com/WordPress/openverse-catalog/releases",
		"https://github.com/wordpress/openverse-catalog/pkgs/container/openverse-catalog",
		"https://airflow.openverse.engineering/dagrun/list/?_flt_3_state=running",
	}
	argvs := [][][]string{3: {{"just", "bump", "prod", "catalog-airflow"}},
		4: {{"just", "plan", "prod", "catalog-airflow"}, {"just", "apply", "prod", "catalog-airflow"}}}
	for i, s := range steps {
		if want := string(rune('1' + i)); s.Number != want || s.ID != StepID(deployment+"#"+want) {
			t.Errorf("step %d has the number %q and the id %q", i+1, s.Number, s.ID)
		}
		if s.Locked != (i >= 3) || strings.Contains(s.Text.String(), "\U0001F512") {
			t.Errorf("step %d: locked %v, text %q", i+1, s.Locked, s.Text)
		}
		if i < 3 && (len(s.Links) != 1 || s.Links[0].Target != links[i]) || i >= 3 && len(s.Links) > 0 {
			t.Errorf("step %d has the links %v", i+1, s.Links)
		}
		if !slices.EqualFunc(argvOf(s), argvs[i], slices.Equal) {
			t.Errorf("step %d has the commands %q", i+1, argvOf(s))
		}
	}
	if got := steps[1].Text.String(); got != "After the release GitHub action has run, check that the new Docker tag corresponding to the release exists on ghcr.io." {
		t.Errorf("step 2 reads %q", got)
	}
	if steps[0].Line != 44 {
		t.Errorf("step 1 is in line %d", steps[0].Line)
	}
	passages := map[string]string{
		"airflow/dag-deployments/deployment-workflow#p1": "merging the relevant PR into main.",
		"airflow/dag-deployments/deployment-workflow#p2": "Note: New DAGs are not automatically enabled",
		"postgres/migrations#p1":                         "Any migrations to the Catalog database",
	}
	for _, s := range d.Steps {
		if want, ok := passages[string(s.ID)]; ok && s.Shape == Passage && strings.Contains(s.Text.String(), want) {
			delete(passages, string(s.ID))
		}
	}
	if len(passages) > 0 {
		t.Errorf("these passages are missing: %v", passages)
	}
	if l := d.Links[0]; l.Target != "https://airflow.openverse.engineering" || l.Line != 9 {
		t.Errorf("got the first link %v", l)
	}
}

func argvOf(s *Step) [][]string {
	var all [][]string
	for _, c := range s.Commands {
		all = append(all, c.Argv)
	}
	return all
}

// TestDefaultIsLikeTheRealDocument: whatever binds the one binds the other.
func TestDefaultIsLikeTheRealDocument(t *testing.T) {
	theirs := parseReal(t)
	ours := parseDefault(t)
	if !slices.Equal(outline(ours), outline(theirs)) {
		t.Errorf("sections: got %q, want %q", outline(ours), outline(theirs))
	}
	a, b := serviceSteps(ours), serviceSteps(theirs)
	if len(a) != len(b) {
		t.Fatalf("got %d steps, want %d", len(a), len(b))
	}
	for i := range a {
		if a[i].ID != b[i].ID || a[i].Number != b[i].Number || a[i].Locked != b[i].Locked || !slices.EqualFunc(argvOf(a[i]), argvOf(b[i]), slices.Equal) {
			t.Errorf("step %d: got %v %v %q, want %v %v %q", i+1, a[i].ID, a[i].Locked, argvOf(a[i]), b[i].ID, b[i].Locked, argvOf(b[i]))
		}
		if !slices.Equal(targets(a[i].Links), targets(b[i].Links)) {
			t.Errorf("step %d: got the links %q, want %q", i+1, targets(a[i].Links), targets(b[i].Links))
		}
	}
	if got, want := targets(ours.Links), targets(theirs.Links); !slices.Equal(got, want) {
		t.Errorf("links: got\n%q, want\n%q", got, want)
	}
}

// TestDefaultIsOurOwnWording: the facts are the real document's, the sentences
// are not.
func TestDefaultIsOurOwnWording(t *testing.T) {
	const most = 7 // words in a row that may be the same
	theirs := map[string]bool{}
	for _, run := range runs(t, parseReal(t), most+1) {
		theirs[run] = true
	}
	if len(theirs) < 100 {
		t.Fatalf("only %d runs of words in the real document", len(theirs))
	}
	for _, run := range runs(t, parseDefault(t), most+1) {
		if theirs[run] {
			t.Errorf("both say %q", run)
		}
	}
}

// readDefault returns the embedded runbook. Its package imports this one.
func readDefault(tb testing.TB) []byte {
	tb.Helper()
	src, err := os.ReadFile("../DEPLOYMENT.md")
	if err != nil {
		tb.Fatal(err)
	}
	return src
}

func parseDefault(t *testing.T) *Document {
	t.Helper()
	d, err := Parse("DEPLOYMENT.md", readDefault(t))
	if err != nil {
		t.Fatal(err)
	}
	checkDocument(t, d)
	return d
}

func outline(d *Document) []string {
	var ids []string
	for _, s := range d.Sections {
		ids = append(ids, s.ID+" "+strings.Join(texts(s.Path), " > "))
	}
	return ids
}

func targets(links []Link) []string {
	var all []string
	for _, l := range links {
		all = append(all, l.Target)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// runs returns all runs of n consecutive words of running text. Headings end a
// run; commands and addresses are no words of it.
func runs(t *testing.T, d *Document, n int) []string {
	t.Helper()
	root, refused := grammar.Parse([]byte(d.Source))
	if refused != nil {
		t.Fatal(refused)
	}
	var all []string
	var words []string
	flush := func() {
		for i := 0; i+n <= len(words); i++ {
			all = append(all, strings.Join(words[i:i+n], " "))
		}
		words = nil
	}
	err := ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		switch node := node.(type) {
		case *ast.Heading:
			flush()
			return ast.WalkSkipChildren, nil
		case *ast.CodeSpan, *ast.AutoLink:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering {
				words = append(words, strings.FieldsFunc(strings.ToLower(string(node.Segment.Value([]byte(d.Source)))), func(r rune) bool {
					return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
				})...)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	flush()
	return all
}

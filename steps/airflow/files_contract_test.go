package airflow

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
	"catalog-runbook/steps/transport"
)

// TestContractOfSources: Airflow's copy of a file is that file, and only for those who may
// read code.
func TestContractOfSources(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		c := g.client(t, "viewer")
		d, err := c.DAG(t.Context(), g.dag("contract_idle"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := c.Source(t.Context(), d)
		if err != nil || !strings.Contains(text, "DAG(") {
			t.Fatalf("got %q, %v", text, err)
		}
		if g.real() {
			if file, err := os.ReadFile(filepath.Join(g.folder, "dags", "contract.py")); err != nil || string(file) != text {
				t.Errorf("the copy is not the file (%v): %q", err, text)
			}
		}
		if d.InBundle.Empty() == (g.version == 3) {
			t.Errorf("the path within the bundle is %q", d.InBundle)
		}
		for _, account := range []string{"narrow", "blind", "nobody", ""} {
			_, err := g.client(t, account).Source(t.Context(), d)
			refuses(t, account+" asks for a source", err, transport.Credentials)
		}
	})
}

// TestContractOfChangedSources: the copy follows the file once it is parsed, stays what it
// was while the file is broken, and a DAG whose file is gone is known and Gone.
func TestContractOfChangedSources(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		if !g.real() {
			return // its files change with its pull request: see the practice's own tests
		}
		ctx, c, path := t.Context(), g.client(t, "viewer"), filepath.Join(g.folder, "dags", "contract_later.py")
		find := func() (DAG, bool) {
			all, err := c.KnownDAGs(ctx)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(all, func(d DAG) bool { return d.ID.String() == "contract_later" })
			if i < 0 {
				return DAG{}, false
			}
			return all[i], true
		}
		const first = "from airflow import DAG\r\ndag = DAG('contract_later', schedule=None)\r\n"
		write := func(text string) time.Time {
			at := time.Now()
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return at
		}
		has := func(want string, since time.Time) {
			t.Helper()
			poll.UntilEvery(t, time.Second, "the copy is what was written", func() bool {
				d, ok := find()
				if !ok || d.Gone {
					return false
				}
				text, err := c.Source(ctx, d)
				return err == nil && text == strings.ReplaceAll(want, "\r\n", "\n") && d.LastParsed.After(since)
			})
		}
		defer g.remove(t)
		at := write(first)
		has(first, at)
		second := strings.Replace(first, "schedule=None", "schedule=None, tags=['new']", 1)
		at = write(second)
		has(second, at)
		at = write(second + "import there_is_no_such_module\r\n")
		poll.UntilEvery(t, time.Second, "it can't be imported", func() bool {
			all, err := c.ImportErrors(ctx)
			return err == nil && slices.ContainsFunc(all, func(e ImportError) bool {
				return strings.HasSuffix(e.File.String(), "contract_later.py") && e.Reason.String() == noSuchModule && e.At.After(at.Add(-time.Second))
			})
		})
		d, ok := find()
		if !ok || d.Gone != (g.version == 3) || !d.ImportErrors || d.LastParsed.After(at.Add(time.Second)) {
			t.Errorf("a broken file's DAG is %+v, %t", d, ok)
		}
		if text, err := c.Source(ctx, d); err != nil || text != strings.ReplaceAll(second, "\r\n", "\n") {
			t.Errorf("a broken file's copy is %q, %v", text, err)
		}
		write(second)
		has(second, at)
		g.remove(t)
		poll.UntilEvery(t, time.Second, "it is gone", func() bool {
			d, ok := find()
			return ok && d.Gone
		})
		on, err := c.DAGs(ctx)
		if err != nil || slices.ContainsFunc(on, func(d DAG) bool { return d.ID.String() == "contract_later" }) {
			t.Errorf("what is gone is listed: %v", err)
		}
	})
}

// TestContractOfSchedules: what a DAG that is turned on starts.
func TestContractOfSchedules(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		c := g.client(t, "viewer")
		schedule := func(name string) Schedule {
			d, err := c.DAG(t.Context(), g.dag(name))
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Schedule(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if s := schedule("contract_unpause"); !s.Text.Empty() || s.Catchup || s.Assets || !s.Next.IsZero() {
			t.Errorf("a DAG without a schedule has %+v", s)
		}
		if s := schedule("contract_assets"); !s.Assets {
			t.Errorf("a DAG that waits for assets has %+v", s)
		}
		s := schedule("contract_daily")
		if s.Text.Empty() || s.Catchup || s.Assets || s.AtATime == 0 {
			t.Errorf("a daily DAG has %+v", s)
		}
		if g.real() && (s.Next.IsZero() || s.Next.After(time.Now()) || s.First.IsZero() || s.First.After(s.Next) || s.Ran) {
			t.Errorf("a daily DAG that has never run has %+v", s)
		}
		if !g.real() && !s.Ran {
			t.Errorf("a DAG that has run has %+v", s)
		}
		for _, account := range []string{"narrow", "blind", "nobody", ""} {
			_, err := g.client(t, account).Schedule(t.Context(), DAG{ID: mustDAG(t, g).ID})
			refuses(t, account+" asks for a schedule", err, transport.Credentials)
		}
	})
}

func mustDAG(t *testing.T, g ground) DAG {
	t.Helper()
	d, err := g.client(t, "viewer").DAG(t.Context(), g.dag("contract_daily"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

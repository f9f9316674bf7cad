package airflow

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
	"catalog-runbook/steps/transport"
)

// refuses fails the test unless err is a problem of the cause.
func refuses(t *testing.T, what string, err error, want transport.Cause) {
	t.Helper()
	if cause, ok := transport.CauseOf(err); !ok || cause != want {
		t.Errorf("%s: %v, want a problem of the cause %d", what, err, want)
	}
}

// TestContractOfVersionAndHealth: both are told to everybody.
func TestContractOfVersionAndHealth(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		for _, account := range []string{"", "viewer", "nobody"} {
			c := g.client(t, account)
			version, err := c.Version(t.Context())
			if err != nil || !strings.HasPrefix(version.String(), string(rune('0'+g.version))+".") {
				t.Errorf("%q is told version %q, %v", account, version, err)
			}
			h, err := c.Health(t.Context())
			if err != nil || h.version != g.version || len(h.Ailing()) != 0 || len(h.Parts) < 2 {
				t.Fatalf("%q is told %+v, %v", account, h, err)
			}
			if beat := h.Parts[1].Heartbeat; h.Parts[1].Name.String() != "scheduler" || time.Since(beat).Abs() > time.Minute {
				t.Errorf("%q is told of a heartbeat at %s", account, beat)
			}
		}
	})
}

// TestContractOfADeadScheduler: the server still answers 200.
func TestContractOfADeadScheduler(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		thaw := g.freeze(t)
		defer thaw()
		g.later(time.Minute)
		ailing := func() []string {
			h, err := g.client(t, "viewer").Health(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, p := range h.Ailing() {
				out = append(out, p.Name.String())
			}
			return out
		}
		poll.UntilEvery(t, 200*time.Millisecond, "the scheduler is missed", func() bool { return slices.Equal(ailing(), []string{"scheduler"}) })
		thaw()
		poll.UntilEvery(t, 200*time.Millisecond, "the scheduler is back", func() bool { return len(ailing()) == 0 })
	})
}

// TestContractOfDAGs: what is said of one DAG, and to whom.
func TestContractOfDAGs(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		c := g.client(t, "viewer")
		d, err := c.DAG(t.Context(), g.dag("contract_idle"))
		if err != nil || d.Paused || d.Gone || d.ImportErrors || d.LastParsed.IsZero() || d.File.Empty() || d.URL != g.url+"/dags/"+g.dag("contract_idle") {
			t.Fatalf("got %+v, %v", d, err)
		}
		g.later(time.Minute)
		poll.UntilEvery(t, 200*time.Millisecond, "it is parsed again", func() bool {
			again, err := c.DAG(t.Context(), g.dag("contract_idle"))
			return err == nil && again.LastParsed.After(d.LastParsed)
		})
		_, err = c.DAG(t.Context(), "no_such_dag")
		refuses(t, "a DAG that is not there", err, transport.NotFound)
		_, err = g.client(t, "viewer").DAG(t.Context(), "no_such_dag")
		refuses(t, "the same, asked first", err, transport.NotFound)
		for _, account := range []string{"narrow", "blind", "nobody", ""} {
			for _, id := range []string{g.dag("contract_running"), "no_such_dag"} {
				_, err = g.client(t, account).DAG(t.Context(), id)
				refuses(t, account+" asks for "+id, err, transport.Credentials)
			}
		}
	})
}

// TestContractOfPausedDAGs: which are paused, over more than one page, and how one
// of them, and no other, is turned on.
func TestContractOfPausedDAGs(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		ctx, dag := t.Context(), g.dag("contract_unpause")
		paused := func() []string {
			list, err := g.client(t, "viewer").PausedDAGs(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, d := range list {
				out = append(out, d.ID.String())
			}
			return out
		}
		back := func() {
			g.api(t, "admin", http.MethodPatch, "/dags/"+dag+"?update_mask=is_paused", map[string]bool{"is_paused": true})
		}
		back()
		defer back()
		before, all := paused(), []string{g.dag("contract_backfill"), g.dag("contract_daily"), g.dag("contract_paused"), dag}
		slices.Sort(all)
		if !slices.Equal(before, all) {
			t.Fatalf("paused are %q, want %q", before, all)
		}
		for _, account := range []string{"narrow", "blind", "nobody", ""} {
			list, err := g.client(t, account).PausedDAGs(ctx)
			refuses(t, account+" asks for paused DAGs", err, transport.Credentials)
			if list != nil {
				t.Errorf("%s is told %v", account, list)
			}
		}

		readOnly := func(o *Options) { o.ReadOnly = true }
		for account, cause := range map[string]transport.Cause{"viewer": transport.Credentials, "narrow": transport.Credentials, "blind": transport.Credentials, "nobody": transport.Credentials, "": transport.Credentials} {
			_, err := g.client(t, account).SetPaused(ctx, dag, false)
			refuses(t, account+" turns it on", err, cause)
		}
		_, err := g.client(t, "admin", readOnly).SetPaused(ctx, dag, false)
		refuses(t, "a dry run turns it on", err, transport.ReadOnly)
		_, err = g.client(t, "admin").SetPaused(ctx, "no_such_dag", false)
		refuses(t, "one that is not there is turned on", err, transport.NotFound)
		if now := paused(); !slices.Equal(now, before) {
			t.Fatalf("paused were %q and are %q", before, now)
		}

		d, err := g.client(t, "admin").SetPaused(ctx, dag, false)
		if err != nil || d.Paused || d.ID.String() != dag {
			t.Fatalf("got %+v, %v", d, err)
		}
		if _, err := g.client(t, "admin").SetPaused(ctx, dag, false); err != nil {
			t.Errorf("turned on twice: %v", err)
		}
		want := slices.DeleteFunc(slices.Clone(before), func(id string) bool { return id == dag })
		if now := paused(); !slices.Equal(now, want) {
			t.Errorf("paused are %q, want %q", now, want)
		}

		on := func() (names []string) {
			list, err := g.client(t, "viewer").DAGs(ctx)
			if err != nil || len(list) != g.dags {
				t.Fatalf("%d DAGs, %v", len(list), err)
			}
			for _, d := range list {
				if !d.Paused {
					names = append(names, d.ID.String())
				}
			}
			return names
		}
		if !slices.Contains(on(), dag) {
			t.Errorf("%s is not on: %q", dag, on())
		}
		for account := range g.accounts {
			if account == "admin" {
				continue
			}
			_, err := g.client(t, account).SetPaused(ctx, dag, true)
			refuses(t, account+" pauses it", err, transport.Credentials)
			if !strings.Contains(err.Error(), "can_edit on DAGs, or on DAG:"+dag) {
				t.Errorf("%s is not told what it lacks: %v", account, err)
			}
		}
		_, err = g.client(t, "admin", readOnly).SetPaused(ctx, dag, true)
		refuses(t, "a dry run pauses it", err, transport.ReadOnly)
		for range 2 {
			if d, err := g.client(t, "admin").SetPaused(ctx, dag, true); err != nil || !d.Paused || d.ID.String() != dag {
				t.Fatalf("got %+v, %v", d, err)
			}
		}
		if now := paused(); !slices.Equal(now, before) || slices.Contains(on(), dag) {
			t.Errorf("paused are %q, want %q", now, before)
		}
	})
}

// TestContractOfImportErrors: the files that cannot be read, and that nobody is
// told that there are none who may not know.
func TestContractOfImportErrors(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		files := func(account string) (map[string]string, error) {
			list, err := g.client(t, account).ImportErrors(t.Context())
			out := map[string]string{}
			for _, e := range list {
				out[filepath.Base(e.File.String())] = e.Reason.String()
			}
			return out, err
		}
		for _, account := range []string{"narrow", "nobody", ""} {
			_, err := files(account)
			refuses(t, account+" asks", err, transport.Credentials)
		}
		if got, err := files("blind"); err == nil && len(got) == 0 {
			t.Error("who sees no DAG is told that there is no import error")
		}
		says := func(file, reason string) {
			t.Helper()
			poll.UntilEvery(t, 200*time.Millisecond, file+" says: "+reason, func() bool {
				got, err := files("viewer")
				if cause, _ := transport.CauseOf(err); err != nil && cause != transport.Broken {
					t.Fatal(err)
				}
				return err == nil && got[file] == reason // the list may have changed while it was read
			})
		}
		says("contract_broken.py", "RuntimeError: this file is broken on purpose")
		// Whose file never had a DAG is nobody's secret on Airflow 3.3, and no file is on 2.5.
		told := map[string]int{"2.5": 1, "3": 1, "": g.version - 2}[g.line]
		if got := g.api(t, "blind", http.MethodGet, "/importErrors", nil); got.status != http.StatusOK || got.count() != told {
			t.Errorf("who sees no DAG is told %d %v", got.status, got.body)
		}

		// One that breaks later leaves its DAG there as it was before: Airflow 2
		// goes on with it, Airflow 3 does not.
		c, dag := g.client(t, "viewer"), g.dag("contract_later")
		file := dag + ".py"
		g.write(t, true)
		defer g.remove(t)
		poll.UntilEvery(t, 200*time.Millisecond, "it is there", func() bool {
			d, err := c.DAG(t.Context(), dag)
			return err == nil && !d.ImportErrors && !d.Gone
		})
		g.write(t, false)
		says(file, noSuchModule)
		if d, err := c.DAG(t.Context(), dag); err != nil || !d.ImportErrors || d.Gone != (g.version == 3) {
			t.Errorf("its DAG: %+v, %v", d, err)
		}
		g.write(t, true)
		says(file, "")
		poll.UntilEvery(t, 200*time.Millisecond, "it is read", func() bool {
			d, err := c.DAG(t.Context(), dag)
			return err == nil && !d.ImportErrors && !d.Gone
		})

		// A file that is removed leaves it there as well, but no longer among those that count.
		g.remove(t)
		poll.UntilEvery(t, 200*time.Millisecond, "it is gone", func() bool { d, err := c.DAG(t.Context(), dag); return err == nil && d.Gone })
	})
}

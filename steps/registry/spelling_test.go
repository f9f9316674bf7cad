package registry

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

// TestSpellings: docker/metadata-action makes 1.5.4 of the Git tag v1.5.4.
func TestSpellings(t *testing.T) {
	for tag, want := range map[string][]string{
		"v1.5.4": {"1.5.4"}, "1.5.4": {"v1.5.4"}, "v1.5.4-rc.1": {"1.5.4-rc.1"}, "v0.34": {"0.34.0", "0.34"}, "v0.34-rc1": {"0.34-rc1"}, "0.34": {"v0.34"},
		"v1": nil, "latest": nil, "catalog-v1.5.4": nil, commit: nil, "vast.1": nil, "20230501": nil,
	} {
		if got := spellings(tag); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestATagInAnotherSpelling(t *testing.T) {
	const gh = "GET ghcr.io/manifests/"
	for name, c := range map[string]struct {
		asked, pushed string
		first         []string
	}{
		"without its v": {"v1.5.4", "1.5.4", []string{"GET ghcr.io/token", gh + "v1.5.4 Bearer", "GET ghcr.io/tags/list Bearer", gh + "1.5.4 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "HEAD ghcr.io/manifests/v1.5.4 Bearer"}},
		"with a v":      {"1.5.4", "v1.5.4", []string{"GET ghcr.io/token", gh + "1.5.4 Bearer", "GET ghcr.io/tags/list Bearer", gh + "v1.5.4 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "HEAD ghcr.io/manifests/1.5.4 Bearer"}},
		"with a third number": {"v0.34", "0.34.0", []string{"GET ghcr.io/token", gh + "v0.34 Bearer", "GET ghcr.io/tags/list Bearer", gh + "0.34.0 Bearer", "GET ghcr.io/blobs/DIGEST Bearer",
			"HEAD ghcr.io/manifests/v0.34 Bearer", "HEAD ghcr.io/manifests/0.34 Bearer"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
			digest := w.push(w.image("amd64", commit, built), c.pushed)
			client := w.client(Options{})
			client.now = func() time.Time { return now }
			img, err := client.Inspect(t.Context(), onGHCR, c.asked, commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			if img.Tag != c.pushed || img.Digest != digest || img.Other != "" || img.Reference != onGHCR+":"+c.pushed {
				t.Errorf("image is %+v", img)
			}
			if !slices.Equal(w.notes, c.first) || img.Requests != len(c.first) {
				t.Errorf("asked %q, want %q", w.notes, c.first)
			}
			w.notes = nil
			// It is remembered, until it may be another one.
			now = now.Add(40 * time.Second)
			img, err = client.Inspect(t.Context(), onGHCR, c.asked, commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			if want := []string{gh + c.pushed + " Bearer", "GET ghcr.io/blobs/DIGEST Bearer"}; !slices.Equal(w.notes, want) || img.Tag != c.pushed {
				t.Errorf("asked %q, want %q", w.notes, want)
			}
			// The tag as it was asked for comes later, with another image.
			w.push(w.image("amd64", commit, built.Add(time.Hour)), c.asked)
			now = now.Add(spellingLasts)
			img, err = client.Inspect(t.Context(), onGHCR, c.asked, commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			if img.Tag != c.asked || img.Other != c.pushed {
				t.Errorf("image is %+v", img)
			}
		})
	}
}

// TestTwoSpellings: it is said where they lead to different images, and also asked again
// each time.
func TestTwoSpellings(t *testing.T) {
	w := newWorld(t)
	same := w.image("amd64", commit, built)
	w.push(same, "v1.5.4", "1.5.4")
	c := w.client(Options{})
	img, err := c.Inspect(t.Context(), onGHCR, "v1.5.4", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1.5.4 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "HEAD ghcr.io/manifests/1.5.4 Bearer")
	if img.Tag != "v1.5.4" || img.Other != "" {
		t.Errorf("image is %+v", img)
	}
	w.push(w.image("amd64", commit, built.Add(time.Hour)), "v1.5.4")
	for range 2 {
		img, err = c.Inspect(t.Context(), onGHCR, "v1.5.4", commit)
		wantProvenance(t, img, err, FromCommit, "names the commit")
		w.asked(img, "GET ghcr.io/manifests/v1.5.4 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "HEAD ghcr.io/manifests/1.5.4 Bearer")
		if img.Other != "1.5.4" {
			t.Errorf("image is %+v", img)
		}
	}
	// Where the other one leads can't be asked.
	w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead {
			rw.WriteHeader(502)
		}
		return r.Method == http.MethodHead
	}
	img, err = c.Inspect(t.Context(), onGHCR, "v1.5.4", commit)
	if _, is := transport.CauseOf(err); !is || !strings.Contains(err.Error(), "502") || img.Digest == "" {
		t.Errorf("%v, image is %+v", err, img)
	}
}

// TestNear names what a repository has instead of a tag.
func TestNear(t *testing.T) {
	w := newWorld(t)
	img := w.image("amd64", commit, built)
	w.push(img, "v1.5.3", "1.5", "1", "v1.6.0", "v1.5.2", "latest", commit, "v2.0.0")
	_, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1.5.4", commit)
	var absent *Absent
	if !errors.As(err, &absent) || !errors.Is(err, ErrAbsent) || absent.More || len(absent.Tags) != 8 {
		t.Fatalf("%#v", err)
	}
	moving, before, after := absent.Near()
	slices.Sort(moving)
	if !slices.Equal(moving, []string{"1", "1.5"}) || before != "v1.5.3" || after != "v1.6.0" {
		t.Errorf("%q, %s, %s", moving, before, after)
	}
	for _, tag := range []string{"nightly", commit[:7]} {
		if moving, before, after := (&Absent{Tag: tag, Tags: absent.Tags}).Near(); len(moving) > 0 || before+after != "" {
			t.Errorf("%s: %q, %s, %s", tag, moving, before, after)
		}
	}
}

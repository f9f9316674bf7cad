package registry

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/steps/transport"
)

// line leads to the distribution under every name.
func (d *distribution) line(t *testing.T) *line {
	return &line{t: t, server: strings.TrimPrefix(d.front.URL, "http://")}
}

// As with ghcr.io, whose way to sign in is known before it is asked.
func TestDistributionImages(t *testing.T) {
	d := startDistribution(t, byToken)
	docker := mutate.ConfigMediaType(mutate.MediaType(makeImage(t, "amd64", commit, built), types.DockerManifestSchema2), types.DockerConfigJSON)
	list := mutate.IndexMediaType(makeIndex(t, commit), types.DockerManifestList)
	single, index := []string{"linux/amd64"}, []string{"linux/arm64", "linux/amd64"}
	for name, c := range map[string]struct {
		img       v1.Image
		index     v1.ImageIndex
		tagged    bool     // with the commit too
		also      v1.Image // tagged with the commit instead
		kind      types.MediaType
		platforms []string
		want      Provenance
		says      string
		first     []string // requests beside the token and the tag
		second    Provenance
	}{
		"OCI manifest":                 {img: makeImage(t, "amd64", commit, built), kind: types.OCIManifestSchema1, platforms: single, want: FromCommit, says: "linux/amd64 names the commit", first: []string{"blob"}, second: FromCommit},
		"Docker manifest":              {img: docker, kind: types.DockerManifestSchema2, platforms: single, want: FromCommit, says: "linux/amd64 names the commit", first: []string{"blob"}, second: FromCommit},
		"OCI index with attestations":  {index: makeIndex(t, commit), kind: types.OCIImageIndex, platforms: index, want: FromCommit, says: "linux/amd64 names the commit", first: []string{"child", "blob"}, second: FromCommit},
		"Docker list":                  {index: list, kind: types.DockerManifestList, platforms: index, want: FromCommit, says: "linux/amd64 names the commit", first: []string{"child", "blob"}, second: FromCommit},
		"another revision":             {img: makeImage(t, "amd64", other, built), tagged: true, kind: types.OCIManifestSchema1, platforms: single, want: FromCommit, says: "names another commit, " + other + "; the tag of the commit has the same digest", first: []string{"blob", "commit"}, second: FromCommit},
		"another revision in an index": {index: makeIndex(t, other), kind: types.OCIImageIndex, platforms: index, want: OtherCommit, says: "names another commit", first: []string{"child", "blob", "commit", "short"}, second: OtherCommit},
		"no revision, the commit's tag": {img: makeImage(t, "amd64", "", built), tagged: true, kind: types.OCIManifestSchema1, platforms: single,
			want: FromCommit, says: "the tag of the commit has the same digest", first: []string{"blob", "commit"}, second: FromCommit},
		"no revision, the commit's tag elsewhere": {img: makeImage(t, "amd64", "", built), also: makeImage(t, "amd64", "", built), kind: types.OCIManifestSchema1, platforms: single,
			want: provenanceUnknown, says: "a different digest", first: []string{"blob", "commit"}, second: provenanceUnknown},
		"no revision, no tag": {img: makeImage(t, "amd64", "", built), kind: types.OCIManifestSchema1, platforms: single,
			want: provenanceUnknown, says: "no tag is named after the commit", first: []string{"blob", "commit", "short"}, second: provenanceUnknown},
		"no revision in an index": {index: makeIndex(t, ""), tagged: true, kind: types.OCIImageIndex, platforms: index,
			want: FromCommit, says: "the tag of the commit has the same digest", first: []string{"child", "blob", "commit"}, second: FromCommit},
	} {
		t.Run(name, func(t *testing.T) {
			repository := "images/" + strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(strings.ToLower(name))
			tags := []string{"v1"}
			if c.tagged {
				tags = append(tags, commit)
			}
			digest := ""
			if c.index != nil {
				digest = d.pushIndex(repository, c.index, tags...)
			} else {
				digest = d.push(repository, c.img, tags...)
			}
			if c.also != nil {
				d.push(repository, c.also, commit)
			}
			of := map[string]string{
				"blob":   "GET ghcr.io/v2/" + repository + "/blobs/DIGEST Bearer",
				"child":  "GET ghcr.io/v2/" + repository + "/manifests/DIGEST Bearer",
				"commit": "HEAD ghcr.io/v2/" + repository + "/manifests/" + commit + " Bearer",
				"short":  "HEAD ghcr.io/v2/" + repository + "/manifests/sha-" + commit[:7] + " Bearer",
			}
			asked := []string{"GET ghcr.io/token", "GET ghcr.io/v2/" + repository + "/manifests/v1 Bearer"}
			for _, f := range c.first {
				asked = append(asked, of[f])
			}
			l := d.line(t)
			client := l.client(Options{})
			img, err := client.Inspect(t.Context(), "ghcr.io/"+repository, "v1", commit)
			wantProvenance(t, img, err, c.want, c.says)
			l.asked(img, asked...)
			attestations := 0
			if c.index != nil {
				attestations = 2
			}
			if img.Digest != digest || img.mediaType != string(c.kind) || !slices.Equal(img.Platforms, c.platforms) || img.attestations != attestations || !img.Created.Equal(built) {
				t.Errorf("image is %+v", img)
			}
			img, err = client.Inspect(t.Context(), "ghcr.io/"+repository, "v1", commit)
			wantProvenance(t, img, err, c.second, "")
		})
	}
}

// Any other registry that wants a token has to be asked for the way to sign in:
// that, the token, the index, the manifest and the configuration are five, and no
// order of them is shorter.
func TestDistributionIndexUnderAnotherName(t *testing.T) {
	d := startDistribution(t, byToken)
	d.pushIndex(path, makeIndex(t, commit), "v1")
	for name, first := range map[string]string{"at once": "v1", "after a look that came too early": "v2"} {
		t.Run(name, func(t *testing.T) {
			l := d.line(t)
			c := l.client(Options{})
			img, err := c.Inspect(t.Context(), elsewhere, first, commit)
			if first == "v1" {
				wantProvenance(t, img, err, FromCommit, "linux/amd64 names the commit; not read: linux/arm64")
				l.asked(img, "GET registry.example/v2/", "GET registry.example/token", "GET registry.example/manifests/v1 Bearer", "GET registry.example/manifests/DIGEST Bearer", "GET registry.example/blobs/DIGEST Bearer")
				if img.attestations != 2 || len(img.Platforms) != 2 || img.Digest == "" {
					t.Errorf("image is %+v", img)
				}
			} else if !errors.Is(err, ErrAbsent) {
				t.Errorf("error is %v, want ErrAbsent", err)
			}
			l.mend(c)
			img, err = c.Inspect(t.Context(), elsewhere, "v1", commit)
			wantProvenance(t, img, err, FromCommit, "linux/amd64 names the commit")
			l.asked(img, "GET registry.example/manifests/v1 Bearer", "GET registry.example/manifests/DIGEST Bearer", "GET registry.example/blobs/DIGEST Bearer")
		})
	}
}

func TestDistributionSignIn(t *testing.T) {
	d := startDistribution(t, byToken)
	d.push(path, makeImage(t, "amd64", commit, built), "v1")
	d.tokens.private[path] = true
	named := func(host, user, password string) Options {
		return Options{Keychain: keys{host: {Username: user, Password: password}}}
	}
	const gh, ex = "GET ghcr.io/", "GET registry.example/"
	for name, c := range map[string]struct {
		image string
		o     Options
		blunt bool
		other string
		ok    bool
		asked []string
	}{
		"everybody, no scope":      {image: onGHCR, asked: []string{gh + "token", gh + "manifests/v1 Bearer"}},
		"everybody, refused":       {image: onGHCR, blunt: true, asked: []string{gh + "token"}},
		"robot, after no scope":    {image: onGHCR, o: named("ghcr.io", robot, robotPassword), ok: true, asked: []string{gh + "token", gh + "manifests/v1 Bearer", gh + "token Basic", gh + "manifests/v1 Bearer", gh + "blobs/DIGEST Bearer"}},
		"robot, after a refusal":   {image: onGHCR, o: named("ghcr.io", robot, robotPassword), blunt: true, ok: true, asked: []string{gh + "token", gh + "token Basic", gh + "manifests/v1 Bearer", gh + "blobs/DIGEST Bearer"}},
		"wrong password":           {image: onGHCR, o: named("ghcr.io", robot, "another"), blunt: true, asked: []string{gh + "token", gh + "token Basic"}},
		"unknown user":             {image: onGHCR, o: named("ghcr.io", "nobody", robotPassword), asked: []string{gh + "token", gh + "manifests/v1 Bearer", gh + "token Basic"}},
		"GitHub's token is wrong":  {image: onGHCR, o: Options{GitHubToken: transport.NewToken(secret)}, blunt: true, asked: []string{gh + "token", gh + "token Basic"}},
		"token of another image":   {image: onGHCR, other: "wordpress/another", o: named("ghcr.io", robot, robotPassword), blunt: true, asked: []string{gh + "token", gh + "token Basic", gh + "manifests/v1 Bearer"}},
		"elsewhere, robot":         {image: elsewhere, o: named("registry.example", robot, robotPassword), blunt: true, ok: true, asked: []string{ex + "v2/", ex + "token", ex + "token Basic", ex + "manifests/v1 Bearer", ex + "blobs/DIGEST Bearer"}},
		"elsewhere, GitHub's":      {image: elsewhere, o: Options{GitHubToken: transport.NewToken(secret)}, blunt: true, asked: []string{ex + "v2/", ex + "token"}},
		"elsewhere, robot of ghcr": {image: elsewhere, o: named("ghcr.io", robot, robotPassword), blunt: true, asked: []string{ex + "v2/", ex + "token"}},
	} {
		t.Run(name, func(t *testing.T) {
			d.tokens.blunt, d.tokens.other = c.blunt, c.other
			l := d.line(t)
			client := l.client(c.o)
			img, err := client.Inspect(t.Context(), c.image, "v1", commit)
			l.asked(img, c.asked...)
			if !c.ok {
				if p := wantCause(t, err, transport.Credentials); !strings.Contains(p.Text, "it doesn't exist, or it is private") || p.Hint == "" || img.Digest != "" {
					t.Errorf("%v, %+v", p, img)
				}
				return
			}
			if err != nil || img.Digest == "" {
				t.Fatalf("%+v, %v", img, err)
			}
			// As who it is asked is remembered.
			img, err = client.Inspect(t.Context(), c.image, "v1", commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			if len(l.notes) != 2 {
				t.Errorf("asked %q", l.notes)
			}
			l.notes = nil
			img, err = client.Inspect(t.Context(), c.image, "v9.9.9", commit)
			if !errors.Is(err, ErrAbsent) || len(l.notes) != 2 {
				t.Errorf("%v after %q, want ErrAbsent", err, l.notes)
			}
		})
	}
	d.tokens.blunt, d.tokens.other = false, ""

	t.Run("missing repository", func(t *testing.T) {
		const none = "ghcr.io/none/none"
		tag, list := gh+"v2/none/none/manifests/v1 Bearer", gh+"v2/none/none/tags/list Bearer"
		l := d.line(t)
		img, err := l.client(Options{}).Inspect(t.Context(), none, "v1", commit)
		if p := wantCause(t, err, transport.NotFound); !strings.Contains(p.Text, "it doesn't exist, or it is private") {
			t.Error(p)
		}
		l.asked(img, gh+"token", tag, list)
		// It may only be hidden from everybody, so credentials are tried.
		c := l.client(named("ghcr.io", robot, robotPassword))
		img, err = c.Inspect(t.Context(), none, "v1", commit)
		wantCause(t, err, transport.NotFound)
		l.asked(img, gh+"token", tag, list, gh+"token Basic", list)
	})
}

// When a token is renewed: before its end where that was told, and after a
// minute where it was not.
func TestDistributionTokensThatEnd(t *testing.T) {
	d := startDistribution(t, byToken)
	d.pushIndex(path, makeIndex(t, commit), "v1")
	whole := []string{"GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/manifests/DIGEST Bearer", "GET ghcr.io/blobs/DIGEST Bearer"}
	for name, c := range map[string]struct {
		lasts int
		after time.Duration
		renew bool
	}{
		"told, long before":      {300, 4 * time.Minute, false},
		"told, nearly at":        {300, 5*time.Minute - renewBefore, true},
		"too short to be reused": {5, 0, true},
		"not told, soon":         {0, 45 * time.Second, false},
		"not told, later":        {0, time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			d.tokens.lasts = c.lasts
			l := d.line(t)
			client := l.client(Options{})
			now := built
			client.now = func() time.Time { return now }
			img, err := client.Inspect(t.Context(), onGHCR, "v1", commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			l.asked(img, append([]string{"GET ghcr.io/token"}, whole...)...)
			now = now.Add(c.after)
			img, err = client.Inspect(t.Context(), onGHCR, "v1", commit)
			wantProvenance(t, img, err, FromCommit, "names the commit")
			if c.renew {
				l.asked(img, append([]string{"GET ghcr.io/token"}, whole...)...)
			} else {
				l.asked(img, whole...)
			}
		})
	}
}

func TestDistributionWithoutTokens(t *testing.T) {
	img := makeImage(t, "amd64", commit, built)
	t.Run("no sign-in", func(t *testing.T) {
		d := startDistribution(t, byNothing)
		d.push(path, img, "v1")
		l := d.line(t)
		got, err := l.client(Options{}).Inspect(t.Context(), elsewhere, "v1", commit)
		wantProvenance(t, got, err, FromCommit, "names the commit")
		l.asked(got, "GET registry.example/v2/", "GET registry.example/manifests/v1", "GET registry.example/blobs/DIGEST")
		// It says MANIFEST_UNKNOWN of a repository that is not there.
		got, err = l.client(Options{}).Inspect(t.Context(), "registry.example/none/none", "v1", commit)
		wantCause(t, err, transport.NotFound)
		l.asked(got, "GET registry.example/v2/", "GET registry.example/v2/none/none/manifests/v1", "GET registry.example/v2/none/none/tags/list")
	})
	t.Run("password", func(t *testing.T) {
		d := startDistribution(t, byPassword)
		d.user = robot
		d.push(path, img, "v1")
		for password, ok := range map[string]bool{robotPassword: true, "another": false} {
			l := d.line(t)
			got, err := l.client(Options{Keychain: keys{"registry.example": {Username: robot, Password: password}}}).Inspect(t.Context(), elsewhere, "v1", commit)
			if ok {
				wantProvenance(t, got, err, FromCommit, "names the commit")
				l.asked(got, "GET registry.example/v2/", "GET registry.example/manifests/v1 Basic", "GET registry.example/blobs/DIGEST Basic")
			} else {
				wantCause(t, err, transport.Credentials)
				l.asked(got, "GET registry.example/v2/", "GET registry.example/manifests/v1 Basic")
			}
		}
	})
}

// However many tags there are, a look costs the same.
func TestDistributionBudget(t *testing.T) {
	d := startDistribution(t, byToken)
	img := makeImage(t, "amd64", "", built)
	for _, n := range []int{10, 10_000} {
		t.Run(fmt.Sprint(n, " tags"), func(t *testing.T) {
			repository := fmt.Sprintf("tags/of-%d", n)
			digest := d.push(repository, img, "v1", commit)
			last := d.tag(repository, n)
			l := d.line(t)
			c := l.client(Options{})
			began := time.Now()
			got, err := c.Inspect(t.Context(), "ghcr.io/"+repository, "v1", commit)
			wantProvenance(t, got, err, FromCommit, "same digest")
			t.Logf("found in %v", time.Since(began))
			at := "ghcr.io/v2/" + repository
			l.asked(got, "GET ghcr.io/token", "GET "+at+"/manifests/v1 Bearer", "GET "+at+"/blobs/DIGEST Bearer", "HEAD "+at+"/manifests/"+commit+" Bearer")
			began = time.Now()
			got, err = c.Inspect(t.Context(), "ghcr.io/"+repository, "v9.9.9", commit)
			if !errors.Is(err, ErrAbsent) {
				t.Errorf("error is %v, want ErrAbsent", err)
			}
			t.Logf("not found in %v", time.Since(began))
			asked := []string{"GET " + at + "/manifests/v9.9.9 Bearer", "GET " + at + "/tags/list Bearer"}
			if n > 1000 { // the first page of tags doesn't say whether the other spelling is there
				asked = append(asked, "GET "+at+"/manifests/9.9.9 Bearer")
			}
			l.asked(got, asked...)
			if got, err = c.Inspect(t.Context(), "ghcr.io/"+repository, last, commit); err != nil || got.Digest != digest {
				t.Errorf("the last tag: %+v, %v", got, err)
			}
		})
	}
}

// tag gives the image with the tag v1 n more tags, where the registry keeps them:
// to push each would take long. It returns the last of them.
func (d *distribution) tag(repository string, n int) (tag string) {
	d.t.Helper()
	tags := filepath.Join(d.data, "docker/registry/v2/repositories", repository, "_manifests/tags")
	for i := range n {
		tag = fmt.Sprintf("t%05d", i)
		if err := os.Symlink("v1", filepath.Join(tags, tag)); err != nil {
			d.t.Fatal(err)
		}
	}
	return tag
}

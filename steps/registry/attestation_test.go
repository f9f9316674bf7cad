package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/steps/transport"
)

type object = map[string]any

// attestation makes what BuildKit puts beside an image: an SBOM, and its provenance with a
// predicate. about is the image that the statements are about.
func attestation(t *testing.T, of, about v1.Image, predicateVersion string, predicates ...object) mutate.IndexAddendum {
	t.Helper()
	digest := func(img v1.Image) v1.Hash {
		d, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	layer := func(kind string, predicate any) mutate.Addendum {
		text, err := json.Marshal(object{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": kind,
			"subject": []object{{"name": "pkg:docker/x", "digest": object{"sha256": digest(about).Hex}}}, "predicate": predicate})
		if err != nil {
			t.Fatal(err)
		}
		return mutate.Addendum{Layer: static.NewLayer(text, "application/vnd.in-toto+json"), Annotations: map[string]string{predicateType: kind}}
	}
	layers := []mutate.Addendum{layer("https://spdx.dev/Document", object{"packages": []string{}})}
	for _, p := range predicates {
		layers = append(layers, layer(slsaProvenance+predicateVersion, p))
	}
	img, err := mutate.Append(empty.Image, layers...)
	if err != nil {
		t.Fatal(err)
	}
	img = mutate.ConfigMediaType(mutate.MediaType(img, types.OCIManifestSchema1), types.OCIConfigJSON)
	a := forPlatform(img, "unknown/unknown")
	a.Annotations = map[string]string{referenceType: attestationManifest, referenceDigest: digest(of).String()}
	return a
}

// The forms of a provenance, as BuildKit 0.12 and later write them.
func v02(revision string) object {
	return object{"buildType": "https://mobyproject.org/buildkit@v1", "metadata": object{"https://mobyproject.org/buildkit@v1#metadata": object{"vcs": object{"revision": revision, "source": "https://github.com/o/r"}}}}
}

func v1Form(revision string) object {
	return object{"runDetails": object{"metadata": object{"buildkit_metadata": object{"vcs": object{"revision": revision}}}}}
}

func fromGit(revision string) object {
	return object{"invocation": object{"configSource": object{"uri": "https://github.com/o/r.git#" + revision, "digest": object{"sha1": revision}}}}
}

// TestProvenance: what BuildKit says it has built outranks what a label says, and where the
// two differ nothing passes.
func TestProvenance(t *testing.T) {
	img := func(label string) v1.Image { return makeImage(t, "amd64", label, built) }
	right, wrong, bare := img(commit), img(other), img("")
	const amd = "linux/amd64"
	pair := func(of v1.Image, version string, predicates ...object) v1.ImageIndex {
		return indexOf(forPlatform(of, amd), attestation(t, of, of, version, predicates...))
	}
	onEachShelf(t, func(t *testing.T, s shelf) {
		n := 0
		for name, c := range map[string]struct {
			index v1.ImageIndex
			tied  bool
			want  Provenance
			says  string
			asked int
			cause transport.Cause // of an error
		}{
			"both name the commit":          {index: pair(right, "v0.2", v02(commit)), want: FromCommit, says: "linux/amd64 names the commit", asked: 6},
			"both, the newer form":          {index: pair(right, "v1", v1Form(strings.ToUpper(commit))), want: FromCommit, says: "linux/amd64 names the commit", asked: 6},
			"no label":                      {index: pair(bare, "v0.2", v02(commit)), want: FromCommit, says: "linux/amd64 names the commit", asked: 6},
			"the provenance names another":  {index: pair(right, "v0.2", v02(other)), want: OtherCommit, says: "the provenance of linux/amd64 names another commit, " + other, asked: 6},
			"... in the newer form":         {index: pair(right, "v1", v1Form(other)), want: OtherCommit, says: "names another commit", asked: 6},
			"... and the tag is the same":   {index: pair(bare, "v0.2", v02(other)), tied: true, want: OtherCommit, says: "the provenance of linux/amd64 names another commit", asked: 6},
			"the label names another":       {index: pair(wrong, "v0.2", v02(commit)), tied: true, want: FromCommit, says: "the provenance of linux/amd64 names the commit; the revision label of linux/amd64 names another commit, " + other, asked: 6},
			"changes were not committed":    {index: pair(right, "v0.2", v02(commit+"-dirty")), tied: true, want: provenanceUnknown, says: "names the commit, but with uncommitted changes", asked: 6},
			"a repository was built":        {index: pair(bare, "v0.2", fromGit(commit)), want: FromCommit, says: "names the commit", asked: 6},
			"another state of it was built": {index: pair(right, "v0.2", fromGit(other)), want: provenanceUnknown, says: "says that " + other + " was built, which is another commit or an annotated tag", asked: 6},
			"two that differ":               {index: pair(right, "v0.2", v02(commit), v02(other)), want: OtherCommit, says: "names another commit", asked: 7},
			"without a commit":              {index: pair(right, "v0.2", v02("")), want: FromCommit, says: "the revision label of linux/amd64 names the commit", asked: 6},
			"with something else":           {index: pair(right, "v0.2", v02("main")), want: FromCommit, says: "the revision label", asked: 6},
			"an SBOM alone":                 {index: pair(right, "v0.2"), want: FromCommit, says: "the revision label", asked: 5},
			"of another image":              {index: indexOf(forPlatform(right, amd), attestation(t, right, wrong, "v0.2", v02(commit))), asked: 6, cause: transport.Broken, says: "is for a different image"},
			"of another platform's":         {index: indexOf(forPlatform(right, amd), forPlatform(wrong, "linux/arm64"), attestation(t, wrong, wrong, "v0.2", v02(other))), want: FromCommit, says: "the revision label of linux/amd64 names the commit; not read: linux/arm64", asked: 4},
			"no provenance that can be":     {index: pair(right, "v0.2", object{"metadata": "x"}), asked: 6, cause: transport.Broken, says: "invalid response"},
			"two entries, one differs": {index: indexOf(forPlatform(right, amd), forPlatform(bare, amd), attestation(t, right, right, "v0.2", v02(commit)), attestation(t, bare, bare, "v0.2", v02(other))),
				want: OtherCommit, says: "names another commit, " + other + ", in one of the index's entries", asked: 10},
			"two entries, both right": {index: indexOf(forPlatform(right, amd), forPlatform(bare, amd), attestation(t, right, right, "v0.2", v02(commit)), attestation(t, bare, bare, "v0.2", v02(commit))),
				want: FromCommit, says: "linux/amd64 (2 entries) names the commit", asked: 10},
		} {
			n++
			tag := fmt.Sprintf("v%d", n)
			t.Run(name, func(t *testing.T) {
				s.put(c.index, tag)
				if c.tied {
					s.put(c.index, commit)
				}
				img, err := s.look(tag)
				if c.cause != 0 {
					if p := wantCause(t, err, c.cause); !strings.Contains(p.Text, c.says) || img.Provenance != provenanceUnknown {
						t.Errorf("%v, %+v", p, img)
					}
				} else {
					wantProvenance(t, img, err, c.want, c.says)
				}
				if img.Requests != c.asked {
					t.Errorf("%d requests, want %d", img.Requests, c.asked)
				}
			})
		}
	})
}

// A provenance that can't be read leaves the image unknown, whatever its label says.
func TestProvenanceThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	right := w.image("amd64", commit, built)
	if err := store(w.ref("v1"), indexOf(forPlatform(right, "linux/amd64"), attestation(t, right, right, "v0.2", v02(commit))), nil); err != nil {
		t.Fatal(err)
	}
	for broken := 5; broken <= 6; broken++ { // after the token, the index, the manifest and the configuration
		w.notes = nil
		w.answer = func(rw http.ResponseWriter, _ *http.Request) bool {
			if len(w.notes) != broken {
				return false
			}
			rw.WriteHeader(http.StatusInternalServerError)
			return true
		}
		_, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
		wantCause(t, err, transport.Broken)
	}
}

package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/steps/transport"
)

// shelf is a registry into which a test puts what it then looks at.
type shelf struct {
	put  func(what remote.Taggable, tag string)
	look func(tag string) (Image, error)
}

// onEachShelf runs a test against the library's registry and the real one.
func onEachShelf(t *testing.T, test func(*testing.T, shelf)) {
	t.Run("library", func(t *testing.T) {
		w := newWorld(t)
		test(t, shelf{
			put: func(what remote.Taggable, tag string) {
				t.Helper()
				if err := store(w.ref(tag), what, nil); err != nil {
					t.Fatal(err)
				}
			},
			look: func(tag string) (Image, error) { return w.client(Options{}).Inspect(t.Context(), onGHCR, tag, commit) },
		})
	})
	t.Run("distribution", func(t *testing.T) {
		d := startDistribution(t, byToken)
		test(t, shelf{
			put: func(what remote.Taggable, tag string) {
				t.Helper()
				if err := store(d.ref(path, tag), what, d.options()); err != nil {
					t.Fatal(err)
				}
			},
			look: func(tag string) (Image, error) {
				return d.line(t).client(Options{}).Inspect(t.Context(), onGHCR, tag, commit)
			},
		})
	})
}

func store(ref name.Reference, what remote.Taggable, o []remote.Option) error {
	o = append(o, remote.WithNondistributable) // layers that else would only be named
	switch what := what.(type) {
	case v1.ImageIndex:
		return remote.WriteIndex(ref, what, o...)
	case v1.Image:
		return remote.Write(ref, what, o...)
	}
	return remote.Put(ref, what, o...)
}

// forPlatform is an entry for a platform such as "linux/amd64/v2"; "" tells none.
func forPlatform(what mutate.Appendable, platform string) mutate.IndexAddendum {
	a := mutate.IndexAddendum{Add: what}
	if platform != "" {
		parts := append(strings.Split(platform, "/"), "")
		a.Platform = &v1.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
	}
	return a
}

func indexOf(entries ...mutate.IndexAddendum) v1.ImageIndex {
	return mutate.IndexMediaType(mutate.AppendManifests(empty.Index, entries...), types.OCIImageIndex)
}

// TestSeveralEntriesForAPlatform: of two entries that fit it a machine takes one, and
// which one is up to the machine. What is said has to hold for both.
func TestSeveralEntriesForAPlatform(t *testing.T) {
	right := func() v1.Image { return makeImage(t, "amd64", commit, built) }
	wrong := func() v1.Image { return makeImage(t, "amd64", other, built) }
	bare := func() v1.Image { return makeImage(t, "amd64", "", built) }
	arm := func(revision string) v1.Image { return makeImage(t, "arm64", revision, built) }
	twice := right()
	const amd = "linux/amd64"
	onEachShelf(t, func(t *testing.T, s shelf) {
		n := 0
		for name, c := range map[string]struct {
			index v1.ImageIndex
			tied  bool // tagged with the commit too
			want  Provenance
			says  string
			asked int // requests, with the token's
		}{
			"both right":                                  {index: indexOf(forPlatform(right(), amd), forPlatform(right(), amd)), want: FromCommit, says: "linux/amd64 (2 entries) names the commit", asked: 6},
			"the second is another's":                     {index: indexOf(forPlatform(right(), amd), forPlatform(wrong(), amd)), want: OtherCommit, says: "names another commit, " + other + ", in one of the index's entries for linux/amd64 (2 entries)", asked: 7},
			"the first is another's":                      {index: indexOf(forPlatform(wrong(), amd), forPlatform(right(), amd)), want: OtherCommit, says: "names another commit", asked: 7},
			"the third is another's":                      {index: indexOf(forPlatform(right(), amd), forPlatform(right(), amd), forPlatform(wrong(), amd)), want: OtherCommit, says: "names another commit", asked: 9},
			"the same one twice":                          {index: indexOf(forPlatform(twice, amd), forPlatform(twice, amd)), want: FromCommit, says: "linux/amd64 names the commit", asked: 4},
			"a better variant is another's":               {index: indexOf(forPlatform(wrong(), amd+"/v3"), forPlatform(right(), amd+"/v2")), want: OtherCommit, says: "linux/amd64/v3 names another commit", asked: 7},
			"a worse variant is another's":                {index: indexOf(forPlatform(right(), amd+"/v3"), forPlatform(wrong(), amd)), want: OtherCommit, says: "linux/amd64 names another commit", asked: 7},
			"variants, both right":                        {index: indexOf(forPlatform(right(), amd), forPlatform(right(), amd+"/v3")), want: FromCommit, says: "linux/amd64 and linux/amd64/v3 names the commit", asked: 6},
			"another spelling is another's":               {index: indexOf(forPlatform(right(), amd), forPlatform(wrong(), "linux/x86_64")), want: OtherCommit, says: "linux/x86_64 names another commit", asked: 7},
			"a system that is not told":                   {index: indexOf(forPlatform(right(), amd), forPlatform(wrong(), "/amd64")), want: OtherCommit, says: "/amd64 names another commit", asked: 7},
			"one has no label":                            {index: indexOf(forPlatform(right(), amd), forPlatform(bare(), amd)), want: provenanceUnknown, says: "no revision label for all of linux/amd64 (2 entries), and no tag", asked: 7},
			"one has no label, but the tag":               {index: indexOf(forPlatform(right(), amd), forPlatform(bare(), amd)), tied: true, want: FromCommit, says: "the tag of the commit has the same digest", asked: 7},
			"five":                                        {index: indexOf(forPlatform(right(), amd), forPlatform(right(), amd), forPlatform(right(), amd), forPlatform(right(), amd), forPlatform(wrong(), amd)), want: provenanceUnknown, says: "the index has 5 entries for linux/amd64, and a machine may pull any of them", asked: 2},
			"only for arm64, two":                         {index: indexOf(forPlatform(arm(commit), "linux/arm64"), forPlatform(arm(other), "linux/arm64/v8")), want: OtherCommit, says: "linux/arm64/v8 names another commit", asked: 7},
			"no platform, beside arm64":                   {index: indexOf(forPlatform(arm(other), "linux/arm64"), forPlatform(right(), "")), want: FromCommit, says: "platform not told names the commit; not read: linux/arm64", asked: 4},
			"no platform, two":                            {index: indexOf(forPlatform(right(), ""), forPlatform(wrong(), "")), want: OtherCommit, says: "platform not told names another commit", asked: 7},
			"no platform, beside amd64":                   {index: indexOf(forPlatform(right(), amd), forPlatform(wrong(), "")), want: FromCommit, says: "not read: platform not told", asked: 4},
			"another index for it":                        {index: indexOf(forPlatform(right(), amd), forPlatform(indexOf(forPlatform(wrong(), amd)), amd)), want: provenanceUnknown, says: "another index", asked: 2},
			"another index for all":                       {index: indexOf(forPlatform(indexOf(forPlatform(wrong(), amd)), "")), want: provenanceUnknown, says: "another index", asked: 2},
			"another machine's in its place":              {index: indexOf(forPlatform(arm(commit), amd)), want: provenanceUnknown, says: "the index lists it for linux/amd64, but its own configuration says linux/arm64", asked: 4},
			"another machine's, but the tag":              {index: indexOf(forPlatform(arm(""), amd)), tied: true, want: provenanceUnknown, says: ", but its own configuration says linux/arm64", asked: 4},
			"an index of another's alone":                 {index: indexOf(forPlatform(wrong(), amd)), tied: true, want: FromCommit, says: "names another commit, " + other + "; the tag of the commit has the same digest", asked: 5},
			"a list of Docker's, the second is another's": {index: mutate.IndexMediaType(indexOf(forPlatform(docker(right()), amd), forPlatform(docker(wrong()), amd)), types.DockerManifestList), want: OtherCommit, says: "names another commit", asked: 7},
		} {
			n++
			tag := fmt.Sprintf("v%d", n)
			t.Run(name, func(t *testing.T) {
				s.put(c.index, tag)
				// The registry holds one tag of the commit, that of this case.
				s.put(makeImage(t, "amd64", "", built), commit)
				says := strings.Replace(c.says, "and no tag", "and the tag of the commit has a different digest", 1)
				if c.tied {
					s.put(c.index, commit)
				}
				img, err := s.look(tag)
				wantProvenance(t, img, err, c.want, says)
				if digest, _ := c.index.Digest(); img.Digest != digest.String() || img.Requests != c.asked {
					t.Errorf("%d requests for %s, want %d: %+v", img.Requests, digest, c.asked, img)
				}
			})
		}
	})
}

func docker(img v1.Image) v1.Image {
	return mutate.ConfigMediaType(mutate.MediaType(img, types.DockerManifestSchema2), types.DockerConfigJSON)
}

// artifactOf makes an artifact of a type of configuration and one of content.
func artifactOf(t *testing.T, config, content string) v1.Image {
	t.Helper()
	img, err := mutate.AppendLayers(empty.Image, static.NewLayer([]byte("content of "+content), types.MediaType(content)))
	if err != nil {
		t.Fatal(err)
	}
	return mutate.ConfigMediaType(mutate.MediaType(img, types.OCIManifestSchema1), types.MediaType(config))
}

// TestArtifacts is what a tag can hold that is no container image. It is named, and
// never passes, even if the tag of the commit holds the same.
func TestArtifacts(t *testing.T) {
	const image = string(types.OCIConfigJSON)
	both := makeImage(t, "amd64", commit, built)
	mixed, err := mutate.AppendLayers(both, static.NewLayer([]byte("{}"), "application/vnd.example.other"))
	if err != nil {
		t.Fatal(err)
	}
	onEachShelf(t, func(t *testing.T, s shelf) {
		n := 0
		for name, c := range map[string]struct {
			what  remote.Taggable
			says  string
			known bool
		}{
			"Helm chart":            {artifactOf(t, "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"), "a Helm chart", true},
			"cosign signature":      {artifactOf(t, image, "application/vnd.dev.cosign.simplesigning.v1+json"), "a cosign signature", true},
			"attestation":           {artifactOf(t, image, "application/vnd.in-toto+json"), "an attestation", true},
			"cosign attestation":    {artifactOf(t, image, "application/vnd.dsse.envelope.v1+json"), "an attestation", true},
			"SBOM":                  {artifactOf(t, image, "application/spdx+json"), "an SBOM", true},
			"SBOM by ORAS":          {artifactOf(t, string(types.OCIEmptyJSON), "application/vnd.cyclonedx+json"), "an SBOM", true},
			"WebAssembly":           {artifactOf(t, "application/vnd.wasm.config.v0+json", "application/wasm"), "a WebAssembly module", true},
			"plugin":                {artifactOf(t, "application/vnd.docker.plugin.v1+json", string(types.DockerLayer)), "a Docker plugin", true},
			"build cache":           {artifactOf(t, "application/vnd.buildkit.cacheconfig.v0", string(types.OCILayer)), "a build cache", true},
			"of ORAS":               {artifactOf(t, "application/vnd.unknown.config.v1+json", "application/vnd.oci.image.layer.v1.tar"), `"application/vnd.unknown.config.v1+json"`, false},
			"something else":        {artifactOf(t, "application/vnd.example.thing+json", "application/vnd.example.data"), `"application/vnd.example.thing+json"`, false},
			"an image and more":     {mixed, `"application/vnd.example.other"`, false},
			"index of a Helm chart": {indexOf(forPlatform(artifactOf(t, "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"), "")), "a Helm chart", true},
			"index of attestations": {indexOf(forPlatform(makeImage(t, "x", "", built), "unknown/unknown")), "attestations alone", true},
			"one entry is no image": {indexOf(forPlatform(both, "linux/amd64"), forPlatform(artifactOf(t, image, "application/vnd.in-toto+json"), "linux/amd64")), "an attestation", true},
		} {
			n++
			tag := fmt.Sprintf("v%d", n)
			t.Run(name, func(t *testing.T) {
				s.put(c.what, tag)
				s.put(c.what, commit)
				img, err := s.look(tag)
				var not *NotImage
				if !errors.As(err, &not) || !strings.Contains(not.What.String(), c.says) || not.Known != c.known || img.Provenance != provenanceUnknown {
					t.Fatalf("got %+v, %v; want %s", img, err, c.says)
				}
				if not.Digest != img.Digest || !strings.HasPrefix(not.Digest, "sha256:") {
					t.Errorf("digest %q of %+v", not.Digest, img)
				}
				if _, is := transport.CauseOf(err); is || errors.Is(err, ErrAbsent) {
					t.Errorf("%v is taken for a failure to ask", err)
				}
			})
		}
	})
}

// Layers may have any compression, and lie elsewhere.
func TestLayersOfImages(t *testing.T) {
	onEachShelf(t, func(t *testing.T, s shelf) {
		for n, kind := range []types.MediaType{types.OCILayer, types.OCILayerZStd, types.OCIUncompressedLayer, types.DockerLayer, types.DockerUncompressedLayer,
			"application/vnd.docker.image.rootfs.diff.tar.zstd", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", types.OCIRestrictedLayer, types.DockerForeignLayer} {
			img, err := mutate.AppendLayers(makeImage(t, "amd64", commit, built), static.NewLayer([]byte(kind), kind))
			if err != nil {
				t.Fatal(err)
			}
			tag := fmt.Sprintf("v%d", n)
			s.put(img, tag)
			got, err := s.look(tag)
			wantProvenance(t, got, err, FromCommit, "linux/amd64 names the commit")
		}
	})
}

// A configuration that isn't the image's: a machine refuses to run it.
func TestConfigurationOfAnotherImage(t *testing.T) {
	onEachShelf(t, func(t *testing.T, s shelf) {
		img := makeImage(t, "amd64", commit, built)
		file, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		file = file.DeepCopy()
		file.RootFS.DiffIDs = nil
		if img, err = mutate.ConfigFile(img, file); err != nil {
			t.Fatal(err)
		}
		s.put(img, "v1")
		s.put(img, commit)
		_, err = s.look("v1")
		if p := wantCause(t, err, transport.Broken); !strings.Contains(p.Text, "can't run: its manifest has 1 layers, its configuration 0") {
			t.Error(p)
		}
	})
}

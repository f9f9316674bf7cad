package registry

import (
	"encoding/json"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/steps/practice/server"
)

const slsa = "https://slsa.dev/provenance/v0.2"

// attest returns an index of an image and of its provenance, in the form of BuildKit
// (docs.docker.com, "Image attestation storage"), which says that it was built from a commit.
func attest(img v1.Image, commit string) (index v1.ImageIndex, provenance v1.Image, err error) {
	digest, err := img.Digest()
	if err != nil {
		return nil, nil, err
	}
	statement, err := json.Marshal(server.Object{
		"_type": "https://in-toto.io/Statement/v0.1", "predicateType": slsa,
		"subject": []server.Object{{"name": "pkg:docker/" + Image, "digest": server.Object{"sha256": strings.TrimPrefix(digest.String(), "sha256:")}}},
		"predicate": server.Object{"metadata": server.Object{"https://mobyproject.org/buildkit@v1#metadata": server.Object{"vcs": server.Object{
			"source": "https://github.com/WordPress/openverse-catalog", "revision": commit}}}},
	})
	if err != nil {
		return nil, nil, err
	}
	provenance, err = mutate.Append(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), mutate.Addendum{
		Layer: static.NewLayer(statement, "application/vnd.in-toto+json"), Annotations: map[string]string{"in-toto.io/predicate-type": slsa},
	})
	if err != nil {
		return nil, nil, err
	}
	index = mutate.IndexMediaType(mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: provenance, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}, Annotations: map[string]string{
			"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest.String()}}},
	), types.OCIImageIndex)
	return index, provenance, nil
}

package registry

import (
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/runbook/clean"
)

// NotImage is the error for a tag that the registry has, but that holds something else
// than a container image.
type NotImage struct {
	Digest string // of what the tag names
	What   clean.Text
	// Known says that What is certain not to be an image. Otherwise it has a form that
	// this package doesn't know.
	Known bool
}

// Error implements error.
func (e *NotImage) Error() string {
	return fmt.Sprintf("it contains %s, not a container image", e.What)
}

// artifacts are kinds of what registries hold beside images, by how the media type of
// the artifact, of its configuration or of its content begins.
var artifacts = []struct{ begins, what string }{
	{"application/vnd.cncf.helm.", "a Helm chart"},
	{"application/vnd.dev.cosign.simplesigning.", "a cosign signature"},
	{"application/vnd.dev.cosign.artifact.sig.", "a cosign signature"},
	{"application/vnd.dev.sigstore.bundle", "a Sigstore signature"},
	{"application/vnd.cncf.notary.signature", "a Notation signature"},
	{"application/vnd.dsse.envelope.", "an attestation"},
	{"application/vnd.in-toto", "an attestation"},
	{"application/vnd.dev.cosign.artifact.sbom.", "an SBOM"},
	{"application/vnd.cyclonedx", "an SBOM"},
	{"application/spdx", "an SBOM"},
	{"text/spdx", "an SBOM"},
	{"application/vnd.syft", "an SBOM"},
	{"application/vnd.wasm.", "a WebAssembly module"},
	{"application/wasm", "a WebAssembly module"},
	{"application/vnd.docker.plugin.", "a Docker plugin"},
	{"application/vnd.buildkit.cacheconfig.", "a build cache of BuildKit"},
	{"application/vnd.cncf.flux.", "an artifact of Flux"},
}

// notImage says what media types stand for: the first of the kinds that are known, else
// the first that is given.
func notImage(digest string, kinds ...string) *NotImage {
	e := &NotImage{Digest: digest, What: clean.Line("something without a media type")}
	for i := len(kinds) - 1; i >= 0; i-- {
		if kinds[i] != "" {
			e.What = clean.Linef("%q", kinds[i])
		}
	}
	for _, kind := range kinds {
		for _, a := range artifacts {
			if strings.HasPrefix(kind, a.begins) {
				e.What, e.Known = clean.Line(a.what), true
				return e
			}
		}
	}
	return e
}

// artifact returns what a manifest holds if that is no container image: its
// configuration is of another type, or it has content that is no layer. cosign gives
// its signatures the configuration of an image.
func artifact(digest string, m *v1.Manifest) *NotImage {
	kinds := []string{m.ArtifactType}
	if config := m.Config.MediaType; !config.IsConfig() && config != types.OCIEmptyJSON {
		kinds = append(kinds, string(config))
	}
	image := m.Config.MediaType.IsConfig()
	for _, layer := range m.Layers {
		if kind := string(layer.MediaType); !isLayer(kind) {
			kinds, image = append(kinds, kind), false
		}
	}
	if image {
		return nil
	}
	return notImage(digest, kinds...)
}

// isLayer reports whether a media type is that of a layer, in whatever compression, of
// an OCI image ("layer.md" of the specification) or a Docker image.
func isLayer(kind string) bool {
	return strings.HasPrefix(kind, "application/vnd.oci.image.layer.") || strings.HasPrefix(kind, "application/vnd.docker.image.rootfs.")
}

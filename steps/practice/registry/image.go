package registry

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/steps/practice/state"
)

// receive adds every image that is due and missing, with the tags that the workflow
// pushes: the release's tag, the commit, and latest, which is the last release and not
// main. The caller must hold the lock.
func (g *registry) receive() error {
	for _, r := range g.state.Images() {
		if _, there := g.images[cmp.Or(r.Image.Tag, r.Tag)]; there {
			continue
		}
		img, err := buildImage(r, g.state.Facts().AirflowVersion())
		if err != nil {
			return fmt.Errorf("building the practice image %s: %w", r.Tag, err)
		}
		digest, err := img.Digest()
		if err != nil {
			return fmt.Errorf("building the practice image %s: %w", r.Tag, err)
		}
		references := []string{cmp.Or(r.Image.Tag, r.Tag), "latest", digest.String()}
		if !r.Image.Untied {
			references = append(references, r.Commit)
		}
		if r.Image.Deleted {
			references = nil
		}
		for _, reference := range references {
			g.images[reference] = img
			delete(g.indexes, reference)
		}
		if r.Image.Attested == "" || r.Image.Deleted {
			continue
		}
		index, provenance, err := attest(img, r.Image.Attested)
		if err != nil {
			return fmt.Errorf("building the practice image %s: %w", r.Tag, err)
		}
		beside, err := provenance.Digest()
		if err != nil {
			return fmt.Errorf("building the practice image %s: %w", r.Tag, err)
		}
		g.images[beside.String()] = provenance
		for _, reference := range references {
			if reference != digest.String() {
				g.indexes[reference] = index
			}
		}
	}
	return nil
}

// readManifest returns the digest and the manifest of an image or an index.
func readManifest(img interface {
	Digest() (v1.Hash, error)
	RawManifest() ([]byte, error)
}) (digest string, manifest []byte, err error) {
	hash, err := img.Digest()
	if err != nil {
		return "", nil, err
	}
	manifest, err = img.RawManifest()
	return hash.String(), manifest, err
}

// readBlob returns the layer or configuration with a digest, nil if no image has it.
func (g *registry) readBlob(digest string) ([]byte, error) {
	hash, err := v1.NewHash(digest)
	if err != nil {
		return nil, err
	}
	for _, img := range g.images {
		layer, err := img.LayerByDigest(hash)
		if err != nil {
			continue // not in this image
		}
		data, err := layer.Compressed()
		if err != nil {
			return nil, err
		}
		defer data.Close()
		return io.ReadAll(data)
	}
	return nil, nil
}

func buildImage(r state.Release, airflow string) (v1.Image, error) {
	// The content depends only on the commit, so the digest of an image stays the same
	// when the world is resumed.
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(r.Commit)) // never fails
	layer, err := random.Layer(512, types.OCILayer, random.WithSource(rand.NewSource(int64(seed.Sum64()))))
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if img, err = mutate.AppendLayers(img, layer); err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	config.Created = v1.Time{Time: r.Published.Add(4 * time.Second).UTC().Truncate(time.Second)}
	config.Config.Env = []string{"AIRFLOW_VERSION=" + airflow}
	config.Config.Labels = map[string]string{
		"org.opencontainers.image.revision": cmp.Or(r.Image.Revision, r.Commit),
		"org.opencontainers.image.version":  r.Tag,
		"org.opencontainers.image.source":   "https://github.com/WordPress/openverse-catalog",
	}
	return mutate.ConfigFile(img, config)
}

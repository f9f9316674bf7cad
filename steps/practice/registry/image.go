package registry

import (
	"hash/fnv"
	"math/rand"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/steps/practice/state"
)

// push does what the workflow does with `docker push --all-tags`: the release's
// tag, the commit, and latest, which is the last release and not main.
func (g *registryServer) push(r state.Release) error {
	img, err := buildImage(r)
	if err != nil {
		return err
	}
	for _, tag := range []string{r.Tag, r.Commit, "latest"} {
		ref, err := name.NewTag("127.0.0.1:1/"+Image+":"+tag, name.Insecure)
		if err != nil {
			return err
		}
		if err := remote.Write(ref, img, remote.WithTransport(inProcess{g.store})); err != nil {
			return err
		}
	}
	return nil
}

func buildImage(r state.Release) (v1.Image, error) {
	// Its content follows from the commit: the digest of an image that is there
	// stays what it is, also when the world goes on another day.
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
	config.Config.Labels = map[string]string{
		"org.opencontainers.image.revision": r.Commit,
		"org.opencontainers.image.version":  r.Tag,
		"org.opencontainers.image.source":   "https://github.com/WordPress/openverse-catalog",
	}
	return mutate.ConfigFile(img, config)
}

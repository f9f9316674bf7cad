package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	oci "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// revisionLabel is defined by the OCI image specification, "Annotations".
const revisionLabel = "org.opencontainers.image.revision"

// referenceType marks the entries that buildx adds beside the images.
const referenceType = "vnd.docker.reference.type"

// firstImage is when Docker began to build images. Earlier build dates are made up.
var firstImage = time.Date(2013, time.March, 1, 0, 0, 0, 0, time.UTC)

func (i *inspection) inspect(img *Image, tag string, commit func() string) error {
	if err := i.open(); err != nil {
		return i.problem("signing in", err)
	}
	top, err := i.find(tag)
	if err != nil {
		return err
	}
	img.Digest, img.mediaType = top.digest, string(top.kind)

	platform := ""
	if top.kind.IsIndex() {
		child, at, err := i.choose(img, top)
		if err != nil {
			return err
		}
		platform = at
		top, err = i.manifest(i.repo.Digest(child))
		if errors.Is(err, errBudget) {
			img.ProvenanceText = i.notAsked("what the image is made of")
			return nil
		}
		if err != nil {
			return i.problem("reading the manifest of "+platform, err)
		}
	}
	config, err := i.config(top)
	if errors.Is(err, errBudget) {
		img.ProvenanceText = i.notAsked("when and from what the image was built")
		return nil
	}
	if err != nil {
		return err
	}
	if platform == "" {
		platform = words(config.Platform())
		img.Platforms = []string{platform}
	}
	if config.Created.After(firstImage) {
		img.Created = config.Created.UTC()
	}
	img.Revision = config.Config.Labels[revisionLabel]
	return i.trace(img, platform, strings.ToLower(commit()))
}

func (i *inspection) notAsked(what string) clean.Text {
	return clean.Linef("not asked: %s, because %d requests went into signing in and finding the tag; verifying again will ask", what, i.wire.count)
}

// manifest is a manifest or an index whose digest was computed.
type manifest struct {
	digest string
	kind   types.MediaType
	body   []byte
}

// manifest reads a manifest by GET, with all four types in Accept: a registry
// answers 404 for a tag whose type isn't among them.
func (i *inspection) manifest(ref name.Reference) (manifest, error) {
	var m manifest
	err := i.do(func(rt http.RoundTripper) error {
		d, err := remote.Get(ref, remote.WithTransport(rt), remote.WithContext(i.ctx))
		if err != nil {
			return err
		}
		m = manifest{digest: d.Digest.String(), kind: d.MediaType, body: d.Manifest}
		return nil
	})
	if err != nil {
		return m, err
	}
	return m, i.verify(&m)
}

// verify checks that an answer is what its header says, and not a proxy's page, a
// manifest of another type or a body that was changed.
func (i *inspection) verify(m *manifest) error {
	header := i.wire.header
	if isPage(header) {
		return loginPage(i.host(), http.StatusOK)
	}
	kind, _, _ := mime.ParseMediaType(string(m.kind))
	m.kind = types.MediaType(kind)
	if !m.kind.IsImage() && !m.kind.IsIndex() {
		return i.broken("%s answered with %q where a manifest was expected", i.host(), kind)
	}
	var said struct {
		MediaType string `json:"mediaType"`
	}
	if err := json.Unmarshal(m.body, &said); err != nil {
		return i.broken("%s answered with a manifest that is not JSON", i.host())
	}
	if said.MediaType != "" && said.MediaType != kind {
		return i.broken("%s answered with a manifest that is %q by its header and %q by its text", i.host(), kind, said.MediaType)
	}
	if told := header.Get("Docker-Content-Digest"); strings.HasPrefix(told, "sha256:") && strings.HasPrefix(m.digest, "sha256:") && told != m.digest {
		return i.broken("%s answered with a manifest whose digest is not the one in its header", i.host())
	}
	return nil
}

func (i *inspection) broken(format string, args ...any) error {
	return &transport.Problem{Cause: transport.Broken, Status: http.StatusOK, Text: clean.Linef(format, args...).String()}
}

// choose reads an index and returns the entry to inspect, with its platform:
// linux/amd64, else the first.
func (i *inspection) choose(img *Image, top manifest) (digest, platform string, err error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(top.body))
	if err != nil {
		return "", "", i.broken("%s answered with an index that cannot be read", i.host())
	}
	for _, d := range index.Manifests {
		_, refers := d.Annotations[referenceType]
		if refers || (d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown") {
			img.attestations++
			continue
		}
		at := words(d.Platform)
		if !slices.Contains(img.Platforms, at) {
			img.Platforms = append(img.Platforms, at)
		}
		if d.MediaType.IsImage() && (digest == "" || (at == "linux/amd64" && platform != at)) {
			digest, platform = d.Digest.String(), at
		}
	}
	if digest == "" {
		return "", "", i.broken("the index at %s holds no image", img.Reference)
	}
	return digest, platform, nil
}

func words(p *v1.Platform) string {
	if p == nil || (p.OS == "" && p.Architecture == "") {
		return "platform not told"
	}
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// config reads the configuration that a manifest names. The library verifies its
// digest.
func (i *inspection) config(m manifest) (*v1.ConfigFile, error) {
	parsed, err := v1.ParseManifest(bytes.NewReader(m.body))
	if err != nil || parsed.Config.Digest.Hex == "" {
		return nil, i.broken("%s answered with a manifest that cannot be read", i.host())
	}
	if !parsed.Config.MediaType.IsConfig() {
		return nil, i.broken("the tag holds %q, which is no container image", parsed.Config.MediaType)
	}
	i.wire.storage = true
	var file *v1.ConfigFile
	err = i.do(func(rt http.RoundTripper) error {
		layer, err := remote.Layer(i.repo.Digest(parsed.Config.Digest.String()), remote.WithTransport(rt), remote.WithContext(i.ctx))
		if err != nil {
			return err
		}
		blob, err := layer.Compressed()
		if err != nil {
			return err
		}
		defer blob.Close()
		data, err := io.ReadAll(blob)
		if err != nil {
			return err
		}
		file, err = v1.ParseConfigFile(bytes.NewReader(data))
		return err
	})
	i.wire.storage = false
	if err != nil && !errors.Is(err, errBudget) {
		return nil, i.problem("reading the image's configuration", err)
	}
	return file, err
}

// do sends requests with the session. It renews a token that has ended, and tries
// credentials if the anonymous request is refused.
func (i *inspection) do(ask func(http.RoundTripper) error) error {
	for {
		// A Wrapper keeps the library from pinging and retrying.
		rt, err := oci.FromToken(i.repo.Registry, i.session.bearer, i.wire, &oci.Challenge{}, nil)
		if err != nil {
			return err
		}
		err = ask(rt)
		if err == nil {
			i.good = true
			return nil
		}
		was := i.refused(err)
		switch {
		case was == 0:
			// 404 is an answer to someone who may ask.
			i.good = i.good || status(err) == http.StatusNotFound
			return err
		case was == http.StatusUnauthorized && i.good:
			err = i.signIn(i.who())
		default:
			err = i.next(was, i.who())
		}
		if err != nil {
			return err
		}
	}
}

// find reads the manifest or the index of a tag. Registries answer MANIFEST_UNKNOWN
// also for a repository that doesn't exist or is hidden, so the tag is absent only if
// the repository's tags can be listed as the same user.
func (i *inspection) find(tag string) (manifest, error) {
	for {
		top, err := i.manifest(i.repo.Tag(tag))
		if err == nil {
			return top, nil
		}
		if status(err) != http.StatusNotFound {
			return top, i.problem("signing in and finding the tag", err)
		}
		if unaccepted(err) {
			return top, i.broken("%s has the tag in a form that it was not asked for", i.host())
		}
		anonymous := i.who() == authn.Anonymous
		if _, err := i.tags(1, "finding whether the repository is visible"); err != nil {
			return top, err
		}
		if anonymous == (i.who() == authn.Anonymous) {
			return top, fmt.Errorf("looking for the tag %s of %s: %w", tag, i.repo.Name(), ErrAbsent)
		}
		// The tags were listed with credentials; ask for the tag with them too.
	}
}

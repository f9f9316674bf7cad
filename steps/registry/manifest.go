package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

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

// firstImage is when Docker began to build images. Earlier build dates are made up.
var firstImage = time.Date(2013, time.March, 1, 0, 0, 0, 0, time.UTC)

// build is one image that was looked into.
type build struct {
	platform string
	revision string  // of its label, "" if there is none
	attested []claim // by its provenance
}

func (i *inspection) inspect(img *Image, tag string, commit func() string) error {
	if err := i.open(); err != nil {
		return i.problem("signing in", err)
	}
	top, err := i.find(img, tag)
	if err != nil {
		return err
	}
	img.Digest, img.mediaType = top.digest, string(top.kind)
	entries := []entry{{digest: top.digest}}
	if top.kind.IsIndex() {
		if entries, err = i.choose(img, top); err != nil {
			return err
		}
		if img.ProvenanceText = undecided(entries); !img.ProvenanceText.Empty() {
			return nil
		}
		i.wire.most += 2 * (len(entries) - 1)
	}
	var builds []build
	for _, e := range entries {
		config, err := i.look(top, e)
		switch {
		case errors.Is(err, errBudget):
			img.ProvenanceText = i.notAsked("when and from what the image was built")
			return nil
		case err != nil:
			return err
		}
		b := build{platform: e.platform, revision: config.Config.Labels[revisionLabel]}
		switch {
		case !top.kind.IsIndex():
			b.platform = words(config.Platform())
			img.addPlatform(b.platform)
		case !e.fits(config.Platform()):
			img.ProvenanceText = clean.Linef("the index lists it for %s, but its own configuration says %s", e.platform, words(config.Platform()))
			return nil
		}
		b.attested, err = i.attested(e)
		switch {
		case errors.Is(err, errBudget):
			img.ProvenanceText = i.notAsked("the image's provenance")
			return nil
		case err != nil:
			return err
		}
		if builds = append(builds, b); len(builds) == 1 {
			img.Revision, img.Environ = b.revision, config.Config.Env
			if config.Created.After(firstImage) {
				img.Created = config.Created.UTC()
			}
		}
	}
	if err := i.trace(img, builds, strings.ToLower(commit())); err != nil {
		return err
	}
	switch err := i.compareSpellings(img, tag); {
	case errors.Is(err, errBudget):
		img.Provenance = provenanceUnknown
		img.ProvenanceText = i.notAsked("whether the same version in another spelling is another image")
	case err != nil:
		return i.problem("looking for another spelling of the tag", err)
	}
	return nil
}

// look reads the configuration of an entry of top, or of top itself.
func (i *inspection) look(top manifest, e entry) (*v1.ConfigFile, error) {
	m := top
	if top.kind.IsIndex() {
		var err error
		if m, err = i.manifest(i.repo.Digest(e.digest)); err != nil {
			return nil, i.orProblem("reading the manifest of "+e.platform, err)
		}
	}
	parsed, err := v1.ParseManifest(bytes.NewReader(m.body))
	if err != nil {
		return nil, i.broken("%s returned an invalid manifest", i.host())
	}
	if what := artifact(top.digest, parsed); what != nil && parsed.Config.MediaType != "" {
		return nil, what
	}
	if parsed.Config.Digest.Hex == "" {
		return nil, i.broken("%s returned an invalid manifest", i.host())
	}
	file, err := i.config(parsed.Config.Digest.String())
	if err == nil && len(file.RootFS.DiffIDs) != len(parsed.Layers) {
		// containerd refuses it: "mismatched image rootfs and manifest layers".
		return nil, &transport.Problem{Cause: transport.Broken, Status: http.StatusOK,
			Text: clean.Linef("the image at %s can't run: its manifest has %d layers, its configuration %d", i.repo.Name(), len(parsed.Layers), len(file.RootFS.DiffIDs)).String(),
			Hint: "check what was pushed under this tag, and push the image again"}
	}
	return file, err
}

func (i *inspection) notAsked(what string) clean.Text {
	return clean.Linef("not checked: %s, because signing in and finding the tag took %d requests; verify again to check it", what, i.wire.count)
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
	switch {
	case m.kind.IsSchema1():
		return &transport.Problem{Cause: transport.Broken, Status: http.StatusOK,
			Text: i.host() + " has the image only in Docker's old format (schema 1), which isn't supported",
			Hint: "build and push it again with a current version of Docker or BuildKit"}
	case !m.kind.IsImage() && !m.kind.IsIndex():
		return i.broken("%s returned %q instead of a manifest", i.host(), kind)
	}
	var said struct {
		MediaType string          `json:"mediaType"`
		Config    json.RawMessage `json:"config"`
		Manifests json.RawMessage `json:"manifests"`
	}
	if err := json.Unmarshal(m.body, &said); err != nil {
		return i.broken("%s returned a manifest that is not JSON", i.host())
	}
	if said.MediaType != "" && said.MediaType != kind {
		return i.broken("%s returned a manifest of type %q by its header and %q by its content", i.host(), kind, said.MediaType)
	}
	if said.Config != nil && said.Manifests != nil {
		return i.broken("%s returned a manifest that could be an image or an index", i.host())
	}
	if told := header.Get("Docker-Content-Digest"); strings.HasPrefix(told, "sha256:") && strings.HasPrefix(m.digest, "sha256:") && told != m.digest {
		return i.broken("%s returned a manifest whose digest differs from its header", i.host())
	}
	return nil
}

func (i *inspection) broken(format string, args ...any) error {
	return &transport.Problem{Cause: transport.Broken, Status: http.StatusOK, Text: clean.Linef(format, args...).String()}
}

// config reads the configuration that a manifest names.
func (i *inspection) config(digest string) (file *v1.ConfigFile, err error) {
	err = i.blob(digest, func(data []byte) (err error) {
		file, err = v1.ParseConfigFile(bytes.NewReader(data))
		return err
	})
	if err != nil && !errors.Is(err, errBudget) {
		return nil, i.problem("reading the image's configuration", err)
	}
	return file, err
}

// blob reads a blob whole and gives it to parse. The library verifies its digest. The
// error is that of the exchange or of parse.
func (i *inspection) blob(digest string, parse func([]byte) error) error {
	i.wire.storage = true
	defer func() { i.wire.storage = false }()
	return i.do(func(rt http.RoundTripper) error {
		layer, err := remote.Layer(i.repo.Digest(digest), remote.WithTransport(rt), remote.WithContext(i.ctx))
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
		return parse(data)
	})
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

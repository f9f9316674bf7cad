package steps_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

const (
	registryRoot = "https://" + registryAt + "/v2/"
	imageRoot    = registryRoot + "o/catalog/"
)

// built is an image as a registry keeps it.
type built struct {
	manifest, config     []byte
	digest, configDigest string
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// image makes one whose label names a revision, or that has no label.
func image(revision string) built {
	labels := object{}
	if revision != "" {
		labels["org.opencontainers.image.revision"] = revision
	}
	config, err := json.Marshal(object{"os": "linux", "architecture": "amd64", "created": "2024-03-02T11:05:00Z",
		"config": object{"Labels": labels}, "rootfs": object{"type": "layers", "diff_ids": []string{}}})
	if err != nil {
		panic(err)
	}
	manifest, err := json.Marshal(object{"schemaVersion": 2, "mediaType": manifestType,
		"config": object{"mediaType": "application/vnd.oci.image.config.v1+json", "size": len(config), "digest": digest(config)}, "layers": []object{}})
	if err != nil {
		panic(err)
	}
	return built{manifest, config, digest(manifest), digest(config)}
}

const manifestType = "application/vnd.oci.image.manifest.v1+json"

func (b built) manifestAnswer() exchange {
	return exchange{kind: manifestType, header: map[string]string{"Docker-Content-Digest": b.digest}, body: b.manifest}
}

// looked are the requests for a tag, and those that follow.
func looked(b built, then ...exchange) []exchange {
	found := b.manifestAnswer()
	found.url = imageRoot + "manifests/" + tag
	return append([]exchange{{url: registryRoot, body: "{}"}, found, {url: imageRoot + "blobs/" + b.configDigest, body: b.config}}, then...)
}

var (
	labelled  = image(commit)
	bare      = image("")
	noTag     = exchange{url: imageRoot + "manifests/" + tag, status: 404, body: object{"errors": []object{{"code": "MANIFEST_UNKNOWN"}}}}
	tagsList  = exchange{url: imageRoot + "tags/list?n=1", body: object{"name": "o/catalog", "tags": []string{"latest"}}}
	tagsGone  = exchange{url: imageRoot + "tags/list?n=1", status: 404, body: object{"errors": []object{{"code": "NAME_UNKNOWN"}}}}
	openDoor  = exchange{url: registryRoot, body: "{}"}
	byCommit  = exchange{method: "HEAD", url: imageRoot + "manifests/" + commit, kind: manifestType, header: map[string]string{"Docker-Content-Digest": bare.digest}, body: bare.manifest}
	noCommit  = exchange{method: "HEAD", url: imageRoot + "manifests/" + commit, status: 404}
	imageFact = runbook.Facts{"image.digest": labelled.digest}
)

var imageTagFixture = fixture{
	params: steps.Params{"image": imageRef},
	facts:  runbook.Facts{runbook.ReleaseTag: tag, "release.commit": commit},
	hang:   hangingService,
	cases: []kindCase{
		{
			name: "there, with the commit in its label", asks: looked(labelled),
			verdict: runbook.Passed, says: []string{imageRef + ":" + tag, "built from the release's commit: the revision label of linux/amd64 names the commit."},
			sees:   []string{"digest: " + labelled.digest, "created: 2024-03-02 11:05:00 UTC", "platforms: linux/amd64"},
			leaves: imageFact,
		},
		{
			name: "there, with the digest of the commit's tag", asks: looked(bare, byCommit),
			verdict: runbook.Passed, sees: []string{"same digest"},
		},
		{
			name: "absent", asks: []exchange{openDoor, noTag, tagsList},
			verdict: runbook.Failed, says: []string{"has no tag " + tag + " yet"}, leaves: runbook.Facts{"image.digest": ""}, again: true,
		},
		{
			name: "not visible", asks: []exchange{openDoor, noTag, tagsGone},
			verdict: runbook.Unknown, says: []string{"Looking for " + imageRef + ":" + tag},
		},
		{
			name: "built from another commit", asks: looked(image(other)),
			verdict: runbook.Failed, says: []string{"not built from the release's commit", other},
		},
		{
			name: "nothing ties it to the commit", asks: looked(bare, noCommit),
			verdict: runbook.Unknown, says: []string{"nothing ties it", "no tag is named by the commit"},
		},
		{
			name: "no commit is known", asks: looked(labelled), facts: runbook.Facts{runbook.ReleaseTag: tag},
			verdict: runbook.Unknown, says: []string{"Verify the release first"}, leaves: imageFact,
		},
		{
			name: "a login page", asks: []exchange{{url: registryRoot, kind: "text/html", body: "<title>Sign in</title>"}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name: "the registry fails", asks: []exchange{openDoor, {url: imageRoot + "manifests/" + tag, status: 500, body: "{}"}},
			verdict: runbook.Unknown, says: []string{"Looking for " + imageRef + ":" + tag},
		},
		{
			name: "no release is chosen", facts: runbook.Facts{},
			verdict: runbook.Unknown, says: []string{"No release has been chosen"},
		},
		{
			name: "no image", params: steps.Params{},
			verdict: runbook.Unknown, says: []string{"[image] reference"},
		},
		{
			name: "no image that can be one", params: steps.Params{"image": "catalog"},
			verdict: runbook.Unknown, says: []string{"want registry/owner/name"},
		},
	},
}

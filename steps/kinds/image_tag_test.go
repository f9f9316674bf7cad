package kinds_test

import (
	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

const (
	registryRoot = "https://" + fake.RegistryAt + "/v2/"
	imageRoot    = registryRoot + "o/catalog/"
)

// looked are the requests for a tag, and those that follow.
func looked(b fake.Built, then ...fake.Exchange) []fake.Exchange {
	found := b.ManifestAnswer()
	found.URL = imageRoot + "manifests/" + fake.Tag
	return append([]fake.Exchange{{URL: registryRoot, Body: "{}"}, found, {URL: imageRoot + "blobs/" + b.ConfigDigest, Body: b.Config}}, then...)
}

var (
	labelled  = fake.Image(fake.Commit)
	noTag     = fake.Exchange{URL: imageRoot + "manifests/" + fake.Tag, Status: 404, Body: fake.Object{"errors": []fake.Object{{"code": "MANIFEST_UNKNOWN"}}}}
	tagsList  = fake.Exchange{URL: imageRoot + "tags/list?n=1", Body: fake.Object{"name": "o/catalog", "tags": []string{"latest"}}}
	tagsGone  = fake.Exchange{URL: imageRoot + "tags/list?n=1", Status: 404, Body: fake.Object{"errors": []fake.Object{{"code": "NAME_UNKNOWN"}}}}
	openDoor  = fake.Exchange{URL: registryRoot, Body: "{}"}
	byCommit  = fake.Exchange{Method: "HEAD", URL: imageRoot + "manifests/" + fake.Commit, Kind: fake.ManifestType, Header: map[string]string{"Docker-Content-Digest": fake.Bare.Digest}, Body: fake.Bare.Manifest}
	noCommit  = fake.Exchange{Method: "HEAD", URL: imageRoot + "manifests/" + fake.Commit, Status: 404}
	noShort   = fake.Exchange{Method: "HEAD", URL: imageRoot + "manifests/sha-" + fake.Commit[:7], Status: 404}
	theirs    = fake.Image(fake.Other) // built from another commit, by its label
	otherAt   = repo + "/commits/" + fake.Other
	imageFact = runbook.Facts{"image.digest": labelled.Digest}
)

// tagOf is the tag of the commit on an image.
func tagOf(b fake.Built) fake.Exchange {
	tagged := byCommit
	tagged.Header, tagged.Body = map[string]string{"Docker-Content-Digest": b.Digest}, b.Manifest
	return tagged
}

// holds is a tag with an artifact of a type.
func holds(config string) fake.Exchange {
	return fake.Exchange{URL: imageRoot + "manifests/" + fake.Tag, Kind: fake.ManifestType, Body: fake.Object{"schemaVersion": 2, "mediaType": fake.ManifestType,
		"config": fake.Object{"mediaType": config, "size": 2, "digest": fake.Digest([]byte("{}"))}, "layers": []fake.Object{}}}
}

var imageTagFixture = fixture{
	params: steps.Params{"image": fake.ImageRef},
	facts:  runbook.Facts{runbook.ReleaseTag: fake.Tag, "release.commit": fake.Commit, "release.repository": "o/r"},
	hang:   hangingService,
	cases: []kindCase{
		{
			name: "there, with the commit in its label", asks: looked(labelled),
			verdict: runbook.Passed, says: []string{fake.ImageRef + ":" + fake.Tag, "built from the release's commit: the revision label of linux/amd64 names the commit."},
			sees:   []string{"digest: " + labelled.Digest, "created: 2024-03-02 11:05:00 UTC", "platforms: linux/amd64"},
			leaves: imageFact,
		},
		{
			name: "there, with the digest of the commit's tag", asks: looked(fake.Bare, byCommit),
			verdict: runbook.Passed, sees: []string{"same digest"},
		},
		{
			name: "absent", asks: []fake.Exchange{openDoor, noTag, tagsList},
			verdict: runbook.Failed, says: []string{"has no tag " + fake.Tag + " yet"}, leaves: runbook.Facts{"image.digest": ""}, again: true,
		},
		{
			name: "not visible", asks: []fake.Exchange{openDoor, noTag, tagsGone},
			verdict: runbook.Unknown, says: []string{"Looking for " + fake.ImageRef + ":" + fake.Tag},
		},
		{
			name:    "built from another commit of the repository",
			asks:    looked(theirs, noCommit, noShort, fake.Exchange{URL: otherAt, Kind: "application/vnd.github.sha", Body: fake.Other}),
			verdict: runbook.Failed, says: []string{"not built from the release's commit", fake.Other},
		},
		{
			name:    "its label is that of its base image",
			asks:    looked(theirs, noCommit, noShort, fake.Exchange{URL: otherAt, Status: 422, Body: fake.Missing}, visible),
			verdict: runbook.Unknown, says: []string{"nothing ties it to the release's commit", "inherited from a base image"}, sees: []string{"label: the commit " + fake.Other + " isn't one of o/r"},
		},
		{
			name:    "its label is that of its base image, and the commit has a tag",
			asks:    looked(theirs, tagOf(theirs)),
			verdict: runbook.Passed, says: []string{"the tag of the commit has the same digest"},
		},
		{
			name:    "whose commit its label names cannot be asked",
			asks:    looked(theirs, noCommit, noShort, fake.Exchange{URL: otherAt, Status: 502, Body: fake.Missing}),
			verdict: runbook.Unknown, says: []string{"Looking for the commit " + fake.Other},
		},
		{
			name:    "whose commit its label names is not known",
			facts:   runbook.Facts{runbook.ReleaseTag: fake.Tag, "release.commit": fake.Commit},
			asks:    looked(theirs, noCommit, noShort),
			verdict: runbook.Unknown, says: []string{"Verify the release first"},
		},
		{
			name: "a Helm chart", asks: []fake.Exchange{openDoor, holds("application/vnd.cncf.helm.config.v1+json")},
			verdict: runbook.Failed, says: []string{fake.ImageRef + ":" + fake.Tag + " holds a Helm chart, not a container image. Push the image under this tag"}, sees: []string{"digest: sha256:"},
		},
		{
			name: "an unknown artifact", asks: []fake.Exchange{openDoor, holds("application/vnd.example+json")},
			verdict: runbook.Unknown, says: []string{`holds "application/vnd.example+json", which may be no container image. Look at it`},
		},
		{
			name: "nothing ties it to the commit", asks: looked(fake.Bare, noCommit, noShort),
			verdict: runbook.Unknown, says: []string{"nothing ties it", "no tag is named by the commit"},
		},
		{
			name: "no commit is known", asks: looked(labelled), facts: runbook.Facts{runbook.ReleaseTag: fake.Tag},
			verdict: runbook.Unknown, says: []string{"Verify the release first"}, leaves: imageFact,
		},
		{
			name: "a login page", asks: []fake.Exchange{{URL: registryRoot, Kind: "text/html", Body: "<title>Sign in</title>"}},
			verdict: runbook.Unknown, denied: true,
		},
		{
			name: "the registry fails", asks: []fake.Exchange{openDoor, {URL: imageRoot + "manifests/" + fake.Tag, Status: 500, Body: "{}"}},
			verdict: runbook.Unknown, says: []string{"Looking for " + fake.ImageRef + ":" + fake.Tag},
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

package kinds_test

import (
	"maps"
	"strings"
	"time"

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

// underRel are requests for a tag under which the release's image is found.
func underRel(asked []fake.Exchange) []fake.Exchange {
	for i := range asked {
		asked[i].URL = strings.Replace(asked[i].URL, "/manifests/"+fake.Tag, "/manifests/rel-1.5.4", 1)
	}
	return asked
}

// among lists tags, and says that the release's isn't there.
func among(tags ...string) []fake.Exchange {
	list := tagsList
	list.Body = fake.Object{"name": "o/catalog", "tags": tags}
	return []fake.Exchange{openDoor, noTag, list}
}

// bare is the image under the tag without its v.
func bare(b fake.Built) fake.Exchange {
	found := b.ManifestAnswer()
	found.URL = imageRoot + "manifests/" + strings.TrimPrefix(fake.Tag, "v")
	return found
}

// after are the facts about a release whose build ended so long ago.
func after(ago time.Duration) runbook.Facts {
	facts := maps.Clone(chosenRelease)
	facts["release.built"] = fake.Moment.Add(-ago).Format(time.RFC3339)
	return facts
}

// renamedTo are the facts about a release whose repository was renamed.
func renamedTo(name string) runbook.Facts {
	facts := after(time.Hour)
	facts["release.moved"] = name
	return facts
}

var (
	labelled  = fake.Image(fake.Commit)
	noTag     = fake.Exchange{URL: imageRoot + "manifests/" + fake.Tag, Status: 404, Body: fake.Object{"errors": []fake.Object{{"code": "MANIFEST_UNKNOWN"}}}}
	respelled = fake.Exchange{Method: "HEAD", URL: imageRoot + "manifests/" + strings.TrimPrefix(fake.Tag, "v"), Status: 404}
	tagsList  = fake.Exchange{URL: imageRoot + "tags/list?n=1000", Body: fake.Object{"name": "o/catalog", "tags": []string{"latest"}}}
	tagsGone  = fake.Exchange{URL: imageRoot + "tags/list?n=1000", Status: 404, Body: fake.Object{"errors": []fake.Object{{"code": "NAME_UNKNOWN"}}}}
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

var chosenRelease = runbook.Facts{runbook.ReleaseTag: fake.Tag, "release.commit": fake.Commit, "release.repository": "o/r"}

// ofPart is a release of one part of a repository.
var ofPart = runbook.Facts{runbook.ReleaseTag: "catalog/" + fake.Tag, "release.commit": fake.Commit, "release.repository": "o/r"}

var imageTagFixture = fixture{
	params: steps.Params{"image": fake.ImageRef},
	facts:  chosenRelease,
	hang:   hangingService,
	cases: []kindCase{
		{
			name:   "its tag is formed from the release's",
			params: steps.Params{"image": fake.ImageRef, "tag": "v{x} -> rel-{x}"},
			asks:   underRel(looked(labelled)), verdict: runbook.Passed, says: []string{":rel-1.5.4 is there"}, leaves: runbook.Facts{"image.tag": "rel-1.5.4"},
		},
		{
			name:    "no image can have the release's tag",
			facts:   ofPart,
			verdict: runbook.Unknown, says: []string{`No image can have the tag catalog/` + fake.Tag, `tag = "catalog/{x} -> {x}" under [image]`},
		},
		{
			name:    "no image can have what the mapping makes of the release's tag",
			params:  steps.Params{"image": fake.ImageRef, "tag": "c{x} -> r{x}"},
			facts:   ofPart,
			verdict: runbook.Unknown, says: []string{"[image] tag makes ratalog/" + fake.Tag},
		},
		{
			name:   "its tag is the release's without the part of the repository",
			params: steps.Params{"image": fake.ImageRef, "tag": "catalog/{x} -> {x}"},
			facts:  ofPart,
			asks:   looked(labelled, respelled), verdict: runbook.Passed, says: []string{":" + fake.Tag + " is there"}, leaves: runbook.Facts{"image.tag": fake.Tag},
		},
		{
			name:    "the release's tag isn't of the form that the mapping wants",
			params:  steps.Params{"image": fake.ImageRef, "tag": "catalog-{x} -> rel-{x}"},
			verdict: runbook.Unknown, says: []string{"The tag " + fake.Tag + " isn't of the form catalog-{x}"},
		},
		{
			name: "there, with the commit in its label", asks: looked(labelled, respelled),
			verdict: runbook.Passed, says: []string{fake.ImageRef + ":" + fake.Tag, "built from the release's commit: the revision label of linux/amd64 names the commit."},
			sees:   []string{"digest: " + labelled.Digest, "created: 2024-03-02 11:05:00 UTC", "platforms: linux/amd64"},
			leaves: imageFact,
		},
		{
			name: "there, with the digest of the commit's tag", asks: looked(fake.Bare, byCommit, respelled),
			verdict: runbook.Passed, sees: []string{"same digest"},
		},
		{
			name: "absent", asks: []fake.Exchange{openDoor, noTag, tagsList},
			verdict: runbook.Failed, says: []string{"has no tag " + fake.Tag + " yet"}, leaves: runbook.Facts{"image.digest": ""}, again: true, waits: true,
		},
		{
			name: "absent, and the release isn't published", asks: []fake.Exchange{openDoor, noTag, tagsList}, facts: runbook.Facts{runbook.ReleaseTag: fake.Tag},
			verdict: runbook.Failed, says: []string{"has no tag " + fake.Tag + " yet"}, again: true,
		},
		{
			name: "absent, and its build has just ended", asks: among("v1.5.3"), facts: after(time.Minute),
			verdict: runbook.Failed, says: []string{"has no tag " + fake.Tag + " yet"}, sees: []string{"tags like it: v1.5.3"}, again: true, waits: true,
		},
		{
			name: "deleted", asks: among("latest", "v1.5.3", "v1.6.0"), facts: after(time.Hour),
			verdict: runbook.Failed, says: []string{"has no tag v1.5.4, although its build has ended: it pushed another tag, or this version was deleted."},
			sees: []string{"tags like it: v1.5.3, v1.6.0", "build ended: "},
		},
		{
			name: "deleted at ghcr.io", params: steps.Params{"image": "ghcr.io/o/catalog"}, facts: after(time.Hour),
			asks: []fake.Exchange{{URL: "https://ghcr.io/token?scope=repository%3Ao%2Fcatalog%3Apull&service=ghcr.io", Body: fake.Object{"token": fake.RegistryIssued}},
				{URL: "https://ghcr.io/v2/o/catalog/manifests/" + fake.Tag, Status: 404, Body: noTag.Body}, {URL: "https://ghcr.io/v2/o/catalog/tags/list?n=1000", Body: fake.Object{"name": "o/catalog", "tags": []string{}}}},
			verdict: runbook.Failed, says: []string{"nor any other, although its build has ended: all of its versions were deleted, which GitHub can undo for 30 days, or none was ever pushed"},
		},
		{
			name: "under a tag that moves on", asks: among("1.5", "latest"), facts: after(time.Hour),
			verdict: runbook.Failed, says: []string{"It has 1.5, which names another image after each release: have the workflow push v1.5.4 too."}, sees: []string{"tags like it: 1.5"},
		},
		{
			name: "absent, and the repository was renamed", asks: among("v1.5.3"), facts: renamedTo("o/renamed"),
			verdict: runbook.Failed, says: []string{"has no tag v1.5.4. The release's repository is called o/renamed now", "correct [image] reference"},
		},
		{
			name: "without its v", asks: append(among("1.5.3", "1.5.4", "1.5"), bare(labelled), fake.Exchange{URL: imageRoot + "blobs/" + labelled.ConfigDigest, Body: labelled.Config},
				fake.Exchange{Method: "HEAD", URL: noTag.URL, Status: 404}),
			verdict: runbook.Passed, says: []string{fake.ImageRef + ":1.5.4 is there, built from the release's commit"}, sees: []string{"tag: 1.5.4, which is v1.5.4 as the registry spells it"},
			leaves: runbook.Facts{"image.tag": "1.5.4", "image.digest": labelled.Digest},
		},
		{
			name: "two images of one version", asks: looked(labelled, fake.Exchange{Method: "HEAD", URL: respelled.URL, Kind: fake.ManifestType, Header: map[string]string{"Docker-Content-Digest": theirs.Digest}, Body: theirs.Manifest}),
			verdict: runbook.Unknown, says: []string{"has two images of this version: v1.5.4, which was built from the release's commit, and 1.5.4, which is another one"}, leaves: runbook.Facts{"image.tag": "v1.5.4"},
		},
		{
			name: "private", params: steps.Params{"image": "ghcr.io/o/catalog"}, facts: after(time.Hour),
			asks:    []fake.Exchange{{URL: "https://ghcr.io/token?scope=repository%3Ao%2Fcatalog%3Apull&service=ghcr.io", Status: 401, Body: fake.Object{"errors": []fake.Object{{"code": "UNAUTHORIZED"}}}}},
			verdict: runbook.Unknown, says: []string{"ghcr.io has no public image o/catalog: it doesn't exist, or it is private", "docker login ghcr.io", "The release's build has ended, so the package is most likely private: each new one is"}, denied: true,
		},
		{
			name: "hidden, and the repository was renamed", params: steps.Params{"image": "ghcr.io/o/catalog"}, facts: renamedTo("o/renamed"),
			asks:    []fake.Exchange{{URL: "https://ghcr.io/token?scope=repository%3Ao%2Fcatalog%3Apull&service=ghcr.io", Status: 403, Body: fake.Object{"errors": []fake.Object{{"code": "DENIED"}}}}},
			verdict: runbook.Unknown, says: []string{"The release's repository is called o/renamed now, and a registry doesn't follow renames"}, denied: true,
		},
		{
			name: "not visible, although it was built", asks: []fake.Exchange{openDoor, noTag, tagsGone}, facts: after(time.Hour),
			verdict: runbook.Unknown, says: []string{"it pushed somewhere else, or the repository was deleted or renamed"},
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
			asks:    looked(theirs, tagOf(theirs), respelled),
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
			verdict: runbook.Unknown, says: []string{`holds "application/vnd.example+json", which may not be a container image. Look at it`},
		},
		{
			name: "nothing ties it to the commit", asks: looked(fake.Bare, noCommit, noShort),
			verdict: runbook.Unknown, says: []string{"nothing ties it", "no tag is named after the commit"},
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
			verdict: runbook.Unknown, says: []string{"Choose a release first."},
		},
		{
			name: "no image", params: steps.Params{},
			verdict: runbook.Unknown, says: []string{"set reference under [image] in catalog-runbook.toml"},
		},
		{
			name: "no image that can be one", params: steps.Params{"image": "catalog"},
			verdict: runbook.Unknown, says: []string{"want registry/owner/name"},
		},
	},
}

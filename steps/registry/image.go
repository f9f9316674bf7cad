package registry

import (
	"slices"
	"time"

	"catalog-runbook/runbook/clean"
)

// Image is what was seen of one tag. Strings are as the registry sent them, for
// comparing; clean them before showing them.
type Image struct {
	Reference string
	Tag       string // as the repository writes it
	// Other is another spelling of the tag that leads to another image; "" if there is none,
	// or if Provenance isn't FromCommit.
	Other string
	// Digest is computed from the manifest, or the index, that the tag names.
	Digest    string
	mediaType string
	// Created is zero if it isn't known. Reproducible builds write a date of long
	// ago, which says nothing either.
	Created time.Time
	// Platforms are those that the image runs on, as "os/architecture".
	Platforms []string
	// Manifests are the platforms of an index by the digests of their manifests; empty if
	// the tag names a manifest.
	Manifests map[string]string
	// Revision is the label org.opencontainers.image.revision of the first image that
	// was looked into: for linux/amd64 if there is one. "" if there is no label.
	Revision string
	// Environ are the variables that its containers start with, "NAME=value", of the same
	// image.
	Environ []string
	// OtherRevision is the commit that a revision label names where it isn't the commit
	// that was asked about, and no tag of that commit ties the image to it. An image
	// inherits the labels of its base, so it may be a commit of another repository, and
	// then says nothing, although Provenance is OtherCommit if nothing but the label says
	// what was built.
	OtherRevision  string
	Provenance     Provenance
	ProvenanceText clean.Text // why, in a sentence
	Advice         clean.Text // what a person can do where a request failed, in a sentence without its full stop; mostly empty
	// Attestations counts the entries of the index that aren't images.
	attestations int
	// Requests is how many were sent to the registry and its token service.
	Requests int
}

func (img *Image) addPlatform(p string) {
	if !slices.Contains(img.Platforms, p) {
		img.Platforms = append(img.Platforms, p)
	}
}

// Provenance says whether an image was built from a commit.
type Provenance int

// The provenances. Unknown is neither yes nor no.
const (
	provenanceUnknown Provenance = iota
	FromCommit
	OtherCommit
)

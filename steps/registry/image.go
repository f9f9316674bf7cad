package registry

import (
	"time"

	"catalog-runbook/runbook/clean"
)

// Image is what was seen of one tag. Strings are as the registry sent them, for
// comparing; make a clean.Text of them before they are shown.
type Image struct {
	Reference string
	// Digest is computed from the manifest, or the index, that the tag names.
	Digest    string
	mediaType string
	// Created is zero where it is not known. Builds that can be reproduced
	// write a date of long ago, which is not known either.
	Created time.Time
	// Platforms are the platforms that the image can run on, as "os/architecture".
	Platforms []string
	// Revision is the label org.opencontainers.image.revision of the platform
	// that was looked at: linux/amd64, else the first. Empty is not known.
	Revision       string
	Provenance     Provenance
	ProvenanceText clean.Text // why, in a sentence
	// Attestations counts the entries of the index that are no images.
	attestations int
	// Requests counts what was sent to the registry and its token service.
	Requests int
}

// Provenance says whether an image was built from a commit.
type Provenance int

// The provenances. Unknown is neither yes nor no.
const (
	provenanceUnknown Provenance = iota
	FromCommit
	OtherCommit
)

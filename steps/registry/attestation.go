package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// Marks of the attestations that BuildKit puts beside an image ("Image attestation
// storage" in its documentation).
const (
	attestationManifest = "attestation-manifest"
	referenceDigest     = "vnd.docker.reference.digest"
	predicateType       = "in-toto.io/predicate-type"
	slsaProvenance      = "https://slsa.dev/provenance/"
)

// mostStatements is how many statements an attestation may have. BuildKit writes one for
// the provenance and one for each SBOM.
const mostStatements = 16

// attestationsOf returns the digests of the attestations of an image in its index.
func attestationsOf(index *v1.IndexManifest, image string) []string {
	var all []string
	for _, d := range index.Manifests {
		if d.Annotations[referenceType] == attestationManifest && d.Annotations[referenceDigest] == image {
			all = append(all, d.Digest.String())
		}
	}
	return all
}

// statement is a provenance of SLSA as BuildKit writes it, 0.2 or 1 ("SLSA definitions"
// in Docker's documentation). The metadata is that of the folder that was built, and the
// source is set where a Git repository was built instead of a folder.
type statement struct {
	Subject []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	Predicate struct {
		Metadata struct {
			BuildKit buildkit `json:"https://mobyproject.org/buildkit@v1#metadata"`
		} `json:"metadata"`
		Invocation struct {
			Source source `json:"configSource"`
		} `json:"invocation"`
		RunDetails struct {
			Metadata struct {
				BuildKit buildkit `json:"buildkit_metadata"`
			} `json:"metadata"`
		} `json:"runDetails"`
		BuildDefinition struct {
			Parameters struct {
				Source source `json:"configSource"`
			} `json:"externalParameters"`
		} `json:"buildDefinition"`
	} `json:"predicate"`
}

type buildkit struct {
	VCS struct {
		Revision string `json:"revision"`
	} `json:"vcs"`
}

type source struct {
	Digest map[string]string `json:"digest"`
}

// claim is a commit that a provenance names.
type claim struct {
	revision string // with "-dirty" if there were changes that were not committed
	// source: a Git repository was built. Its digest may be that of an annotated tag.
	source bool
}

// claims returns the commits that a statement names as built.
func (s statement) claims() []claim {
	p := s.Predicate
	all := []claim{{p.Metadata.BuildKit.VCS.Revision, false}, {p.RunDetails.Metadata.BuildKit.VCS.Revision, false}}
	for _, from := range []source{p.Invocation.Source, p.BuildDefinition.Parameters.Source} {
		all = append(all, claim{from.Digest["sha1"], true}, claim{from.Digest["gitCommit"], true})
	}
	for n := range all {
		all[n].revision = strings.ToLower(all[n].revision)
	}
	return slices.DeleteFunc(all, func(c claim) bool { return !fullID().MatchString(strings.TrimSuffix(c.revision, dirty)) })
}

// dirty is what buildx adds to a revision if there were changes that were not committed.
const dirty = "-dirty"

// about reports whether a statement is about an image.
func (s statement) about(image string) bool {
	for _, subject := range s.Subject {
		if "sha256:"+subject.Digest["sha256"] == image {
			return true
		}
	}
	return false
}

// attested returns the commits that an image's provenances name. It returns none if there
// is no provenance, or if it names none, and a *transport.Problem if one can't be read.
func (i *inspection) attested(e entry) ([]claim, error) {
	var all []claim
	for _, digest := range e.attestations {
		i.wire.most++
		m, err := i.manifest(i.repo.Digest(digest))
		if err != nil {
			return nil, i.orProblem("reading the attestations of "+e.platform, err)
		}
		parsed, err := v1.ParseManifest(bytes.NewReader(m.body))
		if err != nil {
			return nil, i.broken("%s returned invalid attestations", i.host())
		}
		if len(parsed.Layers) > mostStatements {
			return nil, i.broken("the index at %s has %d attestations for %s, too many to read", i.repo.Name(), len(parsed.Layers), e.platform)
		}
		for _, layer := range parsed.Layers {
			if !strings.HasPrefix(layer.Annotations[predicateType], slsaProvenance) {
				continue
			}
			i.wire.most++
			var s statement
			err := i.blob(layer.Digest.String(), func(data []byte) error { return json.Unmarshal(data, &s) })
			switch {
			case errors.Is(err, errBudget):
				return nil, err
			case err != nil:
				return nil, i.problem("reading the provenance of "+e.platform, err)
			case !s.about(e.digest):
				return nil, &transport.Problem{Cause: transport.Broken, Status: http.StatusOK,
					Text: clean.Linef("the provenance that the index at %s has for %s is for a different image", i.repo.Name(), e.platform).String(),
					Hint: "build and push the image again"}
			}
			all = append(all, s.claims()...)
		}
	}
	return all, nil
}

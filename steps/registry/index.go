package registry

import (
	"bytes"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"catalog-runbook/runbook/clean"
)

// referenceType marks the entries that buildx adds beside the images.
const referenceType = "vnd.docker.reference.type"

// mostEntries is how many entries of an index are looked into. More than one counts
// only where several are for the same platform.
const mostEntries = 4

// entry is one image of an index.
type entry struct {
	digest   string
	platform string // as it is shown
	nested   bool   // an index itself
	v1.Platform
	attestations []string // digests of those about it
}

// choose reads an index and returns the entries that a machine may take: all for
// linux/amd64, of whatever variant, since that is up to the machine; else those that
// name no platform, which fit any; else those for the platform of the first. It returns
// each digest once, and a *NotImage if there is none.
func (i *inspection) choose(img *Image, top manifest) ([]entry, error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(top.body))
	if err != nil {
		return nil, i.broken("%s returned an invalid index", i.host())
	}
	var all []entry
	var others []string
	img.Manifests = map[string]string{}
	for _, d := range index.Manifests {
		_, refers := d.Annotations[referenceType]
		switch {
		case refers || (d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown"):
			img.attestations++
		case !d.MediaType.IsImage() && !d.MediaType.IsIndex(), d.ArtifactType != "" && !strings.Contains(d.ArtifactType, ".image."):
			others = append(others, d.ArtifactType, string(d.MediaType))
		default:
			e := entry{digest: d.Digest.String(), platform: words(d.Platform), nested: d.MediaType.IsIndex(), attestations: attestationsOf(index, d.Digest.String())}
			if d.Platform != nil {
				e.Platform = *d.Platform
			}
			all = append(all, e)
			img.addPlatform(e.platform)
			img.Manifests[e.digest] = e.platform
		}
	}
	switch {
	case len(all) > 0:
		return chosen(all), nil
	case len(others) > 0:
		return nil, notImage(top.digest, others...)
	case img.attestations > 0:
		return nil, &NotImage{Digest: top.digest, What: clean.Line("attestations alone"), Known: true}
	}
	return nil, i.broken("the index at %s has no entries", img.Reference)
}

func chosen(all []entry) []entry {
	var fit []entry
	for _, like := range []string{"linux/amd64", "/", all[0].machine()} {
		seen := map[string]bool{}
		for _, e := range all {
			if e.machine() == like && !seen[e.digest] {
				seen[e.digest] = true
				fit = append(fit, e)
			}
		}
		if len(fit) > 0 {
			break
		}
	}
	return fit
}

// machine returns the system and the architecture without a variant, in the spelling
// that containerd gives them (its package platforms, normalizeOS and normalizeArch).
func (e entry) machine() string {
	system, arch := strings.ToLower(e.OS), strings.ToLower(e.Architecture)
	switch arch {
	case "x86_64", "x86-64":
		arch = "amd64"
	case "aarch64":
		arch = "arm64"
	}
	if system == "" && arch != "" {
		system = "linux"
	}
	return system + "/" + arch
}

// fits reports whether an image's configuration is for the machine that its index says
// it is for. What either doesn't tell can't differ.
func (e entry) fits(config *v1.Platform) bool {
	if e.OS == "" || e.Architecture == "" || config == nil || config.OS == "" || config.Architecture == "" {
		return true
	}
	return e.machine() == entry{Platform: *config}.machine()
}

// undecided returns why an index's entries can't be judged by looking into them, empty
// if they can.
func undecided(entries []entry) clean.Text {
	for _, e := range entries {
		if e.nested {
			return clean.Linef("the index has another index for %s, which is not read", e.platform)
		}
	}
	if n := len(entries[0].attestations); n > mostEntries {
		return clean.Linef("the index has %d attestations for %s, too many to read", n, entries[0].platform)
	}
	if len(entries) > mostEntries {
		return clean.Linef("the index has %d entries for %s, and a machine may pull any of them", len(entries), entries[0].platform)
	}
	return clean.Text{}
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

// names lists the platforms of the builds that were looked into, each once.
func names(builds []build) string {
	var platforms []string
	counts := map[string]int{}
	for _, b := range builds {
		if counts[b.platform]++; counts[b.platform] == 1 {
			platforms = append(platforms, b.platform)
		}
	}
	for n, p := range platforms {
		if counts[p] > 1 {
			platforms[n] = fmt.Sprintf("%s (%d entries)", p, counts[p])
		}
	}
	return strings.Join(platforms, " and ")
}

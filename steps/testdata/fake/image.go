package fake

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Built is an image as a registry keeps it.
type Built struct {
	Manifest, Config     []byte
	Digest, ConfigDigest string
}

func Digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// Image makes one whose label names a revision, or that has no label.
func Image(revision string) Built {
	labels := Object{}
	if revision != "" {
		labels["org.opencontainers.image.revision"] = revision
	}
	config, err := json.Marshal(Object{"os": "linux", "architecture": "amd64", "created": "2024-03-02T11:05:00Z",
		"config": Object{"Labels": labels}, "rootfs": Object{"type": "layers", "diff_ids": []string{}}})
	if err != nil {
		panic(err)
	}
	manifest, err := json.Marshal(Object{"schemaVersion": 2, "mediaType": ManifestType,
		"config": Object{"mediaType": "application/vnd.oci.image.config.v1+json", "size": len(config), "digest": Digest(config)}, "layers": []Object{}})
	if err != nil {
		panic(err)
	}
	return Built{manifest, config, Digest(manifest), Digest(config)}
}

const ManifestType = "application/vnd.oci.image.manifest.v1+json"

func (b Built) ManifestAnswer() Exchange {
	return Exchange{Kind: ManifestType, Header: map[string]string{"Docker-Content-Digest": b.Digest}, Body: b.Manifest}
}

// Bare is an image without a label.
var Bare = Image("")

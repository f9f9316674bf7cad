package runbook

import (
	_ "embed" // for the default runbook
	"slices"
)

// DefaultName is the name of the embedded runbook in messages, and of the file that
// is used instead of it if it exists.
const DefaultName = "DEPLOYMENT.md"

//go:embed DEPLOYMENT.md
var defaultSource []byte

// Default returns the embedded runbook: how the Openverse Catalog is deployed.
// The caller owns the bytes.
func Default() []byte { return slices.Clone(defaultSource) }

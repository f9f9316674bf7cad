// Package testdata embeds what real Terraforms have printed, for tests of packages
// that are not beside it. The test binaries that are also the practice `just` run in
// other folders, where no relative path leads to the files.
package testdata

import "embed"

//go:embed *.txt
var Texts embed.FS

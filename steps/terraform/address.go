package terraform

import (
	"regexp"
	"strings"
)

// An address is made of module calls and a resource, each with an optional
// index: module.NAME[KEY].data.TYPE.NAME[KEY]. A key is a number or a quoted
// string, in which a quotation mark is escaped. (Terraform's documentation,
// "Resource Addressing".)
const (
	identifier = `[\pL_][\pL\pN_-]*`
	index      = `(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?`
)

var (
	resourceAddress = regexp.MustCompile(`^(?:module\.` + identifier + index + `\.)*(?:data\.|ephemeral\.)?(` + identifier + `)\.` + identifier + index + `$`)
	indexes         = regexp.MustCompile(`\[(?:\d+|"(?:[^"\\]|\\.)*")\]`)
	deposedSuffix   = regexp.MustCompile(`^(.*) \(deposed object ([0-9a-f]+)\)$`)
)

// resourceType returns the resource type of an address, and whether it is an
// address of a resource at all.
func resourceType(address string) (string, bool) {
	m := resourceAddress.FindStringSubmatch(address)
	if m == nil || m[1] == "module" {
		return "", false
	}
	return m[1], true
}

// resourceName returns the name of an address that resourceType accepts.
func resourceName(address string) string {
	bare := indexes.ReplaceAllString(address, "")
	return bare[strings.LastIndexByte(bare, '.')+1:]
}

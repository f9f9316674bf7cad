package terraform

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAddress(t *testing.T) {
	for address, want := range map[string]string{
		"aws_instance.a":                               "aws_instance",
		`aws_instance.a["k.\"1] x"]`:                   "aws_instance",
		"data.aws_ami.a[0]":                            "aws_ami",
		`module.a["x"].module.b[1].aws_db_instance.c`:  "aws_db_instance",
		`module.a["aws_db_instance.x"].aws_instance.b`: "aws_instance",
		"module.a":           "",
		"module.a.b":         "",
		"aws_instance":       "",
		"aws_instance.a b":   "",
		`aws_instance.a["x]`: "",
		"":                   "",
	} {
		a, ok := ParseAddress(address)
		if got := a.Type; got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", address, got, ok, want)
		}
	}
}

// addressPattern matches an address of a resource, and finds its type.
var addressPattern = func() *regexp.Regexp {
	const name, key = `[\pL_][\pL\pN_-]*`, `(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?`
	return regexp.MustCompile(`^(?:module\.` + name + key + `\.)*(?:data\.|ephemeral\.)?(` + name + `)\.` + name + key + `$`)
}()

func matchAddress(address string) (kind string, ok bool) {
	m := addressPattern.FindStringSubmatch(address)
	if m == nil || m[1] == "module" {
		return "", false
	}
	return m[1], true
}

func TestParseAddressAgreesWithThePattern(t *testing.T) {
	part := rapid.SampledFrom([]string{"module", ".", "data", "ephemeral", "aws_instance", "a", "é", "_", "-", "1", "٣", "[0]", `["a.b"]`, `["\""]`, `["\\"]`, "[", "]", `"`, "[x]", "\n", "\\", "\ufffd"})
	rapid.Check(t, func(t *rapid.T) {
		address := strings.Join(rapid.SliceOfN(part, 0, 12).Draw(t, "parts"), "")
		want, ok := matchAddress(address)
		a, found := ParseAddress(address)
		if ok != found || a.Type != want {
			t.Fatalf("%q: %q %v, want %q %v", address, a.Type, found, want, ok)
		}
		if !found && a.Mode != "" {
			t.Fatalf("%q has the mode %q", address, a.Mode)
		}
	})
	for address, want := range map[string]string{
		"aws_instance.a": "managed aws_instance", "data.aws_ami.a": "data aws_ami", "module.a.data.aws_ami.a[0]": "data aws_ami",
		`module.a["x.data.y"].aws_ami.a`: "managed aws_ami", "module.data.aws_ami.a": "managed aws_ami", "module.a[1].module.b.ephemeral.x.y": "ephemeral x",
		"data.a": "managed data",
	} {
		if a, _ := ParseAddress(address); a.Mode+" "+a.Type != want {
			t.Errorf("%s is %s %s", address, a.Mode, a.Type)
		}
	}
}

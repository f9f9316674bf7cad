package just

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestArgumentsOfTheEnvironment(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            nil,
		"  ":                          nil,
		"-no-color":                   {"-no-color"},
		" 'a b'\t\"c 'd'\" e\\ f ":    {"a b", "c 'd'", "e f"},
		"'-out=/with space/it\\'":     {`-out=/with space/it\`},
		`'' ""`:                       {"", ""},
		"-input=false '-out=/x/'plan": {"-input=false", "-out=/x/plan"},
	} {
		if got, err := shellWords(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"'a", `"a`, `a\`, `'a" b`} {
		if got, err := shellWords(text); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestArgumentsOfTerraform(t *testing.T) {
	for _, c := range []struct {
		command, words string
		want           terraformCall
		refused        string
	}{
		{"plan", "-no-color -out=/a -lock-timeout 5s -no-color", terraformCall{out: "/a"}, ""},
		{"plan", "-out a -out b", terraformCall{out: "b"}, ""},
		{"plan", "a", terraformCall{}, "Too many command line arguments"},
		{"plan", "-auto-approve", terraformCall{}, "flag provided but not defined: -auto-approve"},
		{"apply", "a -no-color", terraformCall{saved: "a"}, ""},
		{"apply", "-input=false a", terraformCall{saved: "a"}, ""},
		{"apply", "a -input=false", terraformCall{}, "Too many command line arguments"},
		{"apply", "-auto-approve", terraformCall{autoApprove: true}, ""},
		{"apply", "-out=a", terraformCall{}, "flag provided but not defined: -out"},
	} {
		c.want.dir = "/here"
		got, err := parseTerraform(c.command, "/here", strings.Fields(c.words))
		switch {
		case c.refused == "" && (err != nil || got != c.want):
			t.Errorf("%s %s: %+v, %v", c.command, c.words, got, err)
		case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
			t.Errorf("%s %s: %v, want %q", c.command, c.words, err, c.refused)
		}
	}
	c := terraformCall{dir: "/here"}
	if c.path("a") != "/here/a" || c.path("/a") != "/a" {
		t.Errorf("%q and %q", c.path("a"), c.path("/a"))
	}
}

// The practice terraform says what it is, and does nothing but show.
func TestTerraformOfTheWorld(t *testing.T) {
	t.Setenv(ControlVariable, t.TempDir())
	for args, want := range map[string]int{
		"version": 0, "version -json": 0, "": 127,
		"plan": 1, "apply -auto-approve": 1, "destroy": 1, "show": 1, "show a": 1, "show -json": 1, "show -json /nothing": 1,
	} {
		var out, said bytes.Buffer
		code, ran := Main(append([]string{"/bin/terraform"}, strings.Fields(args)...), strings.NewReader("yes\n"), &out, &said)
		if !ran || code != want || (code == 0) != (said.Len() == 0) || (code == 0) != (out.Len() > 0) {
			t.Errorf("terraform %s: ran %v, code %d\n%s%s", args, ran, code, out.String(), said.String())
		}
	}
	t.Setenv(ControlVariable, "")
	if _, ran := Main([]string{"terraform", "version"}, strings.NewReader(""), io.Discard, io.Discard); ran {
		t.Error("was terraform without a world")
	}
}

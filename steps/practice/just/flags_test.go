package just

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestFlags(t *testing.T) {
	plan := recipe{name: "plan", body: []string{"test -f plan", "terraform -chdir=here plan -no-color"}}
	apply := recipe{name: "apply", body: []string{"terraform apply -lock-timeout=60s"}}
	for _, c := range []struct {
		recipe  recipe
		environ string
		want    flags
		refused string
	}{
		{plan, "", flags{}, ""},
		{plan, "-no-color -out=/a -lock-timeout 5s -no-color", flags{out: "/a"}, ""},
		{plan, "-out a -out b", flags{out: "b"}, ""},
		{plan, " '-no-color'\t\"-out=/with space/it\" ", flags{out: "/with space/it"}, ""},
		{plan, `'-out=/with \ and $HOME'`, flags{out: `/with \ and $HOME`}, ""},
		{plan, "-input=false '-out=/x/'plan", flags{out: "/x/plan"}, ""},
		{plan, "a", flags{}, "Too many command line arguments"},
		{plan, "-auto-approve", flags{}, "flag provided but not defined: -auto-approve"},
		{plan, "'a", flags{}, "Error parsing extra CLI args from TF_CLI_ARGS_plan: invalid command line string"},
		{apply, "", flags{}, ""},
		{apply, "a", flags{}, "Too many command line arguments"},
		{recipe{name: "apply", body: []string{"terraform apply -no-color"}}, "'a'", flags{saved: "a"}, ""},
		{apply, "-input=false", flags{}, ""},
		{apply, "-out=a", flags{}, "flag provided but not defined: -out"},
		{apply, "-auto-approve", flags{}, "flag provided but not defined: -auto-approve"},
	} {
		t.Setenv("TF_CLI_ARGS_"+c.recipe.name, c.environ)
		got, err := readFlags(c.recipe)
		switch {
		case c.refused == "" && (err != nil || got != c.want):
			t.Errorf("%s %s: %+v, %v", c.recipe.name, c.environ, got, err)
		case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
			t.Errorf("%s %s: %v, want %q", c.recipe.name, c.environ, err, c.refused)
		}
	}
}

// The practice terraform says what it is, and does nothing but show.
func TestTerraformOfTheWorld(t *testing.T) {
	t.Setenv(ControlVariable, t.TempDir())
	for args, want := range map[string]int{
		"version -json": 0, "version": 1, "": 1,
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

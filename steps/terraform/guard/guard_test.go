package guard

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return name
	}
	reviewed, other := write("run/2/plan.saved", "reviewed"), write("other", "another")
	write("infra/prod/own", "reviewed")
	real := write("bin/terraform", "#!/bin/sh\necho \"ran $*\"\nexit 3\n")
	write("bin/tofu", "#!/bin/sh\necho \"ran $*\"\nexit 3\n")
	path := filepath.Dir(real) + ":/usr/bin:/bin"

	handed := "TF_CLI_ARGS_apply=-lock=false '" + reviewed + "'"
	for name, test := range map[string]struct {
		plan, environ, command string
		refused                bool
	}{
		"the reviewed plan":                   {reviewed, handed, "terraform -chdir=prod apply -no-color", false},
		"the same with tofu":                  {reviewed, handed, "tofu apply", false},
		"one of its own":                      {reviewed, "", "terraform apply -auto-approve", true},
		"one of its own with tofu":            {reviewed, "A=b", "tofu -chdir=prod apply", true},
		"other arguments":                     {reviewed, "TF_CLI_ARGS_apply=-auto-approve", "terraform -chdir=prod apply", true},
		"another file":                        {reviewed, "", "terraform apply " + other, true},
		"the same plan as a file":             {reviewed, "", "terraform -chdir=prod apply -no-color own", false},
		"the same plan elsewhere":             {reviewed, "", "terraform apply " + root + "/infra/prod/own", false},
		"a file that is not there":            {reviewed, "", "terraform apply own", true},
		"destroy":                             {reviewed, handed, "terraform destroy -auto-approve", true},
		"what changes nothing":                {reviewed, "", "terraform -chdir=prod state list apply", false},
		"nothing":                             {reviewed, "", "terraform", false},
		"a plan":                              {"", "TF_CLI_ARGS_plan=-out='x'", "terraform plan", false},
		"an apply where nothing is to change": {"", handed, "terraform apply", true},
		"and none at all":                     {"", "", "terraform apply ''", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := Folder(filepath.Join(root, "run", "guard"))
			guarded, err := f.Install(test.plan, path)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("/bin/sh", "-c", test.command)
			cmd.Dir, cmd.Env = filepath.Join(root, "infra"), []string{"PATH=" + guarded, test.environ}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			err = cmd.Run()
			ran, code := strings.HasPrefix(out.String(), "ran "), cmd.ProcessState.ExitCode()
			if ran == test.refused || test.refused != f.Refused() || test.refused && code != 1 || !test.refused && code != 3 {
				t.Errorf("refused %v, exit code %d, %v:\n%s", f.Refused(), code, err, out.String())
			}
			if test.refused && !strings.Contains(out.String(), "was not run, because") {
				t.Errorf("it does not say why:\n%s", out.String())
			}
		})
	}
	f := Folder(filepath.Join(root, "run", "guard"))
	guarded, err := f.Install("", "/nowhere")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(string(f), "terraform"), "version")
	cmd.Env = []string{"PATH=" + guarded}
	if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 127 || !strings.Contains(string(out), "not found") {
		t.Errorf("without the real program: %s", out)
	}
	if _, err := Folder(filepath.Join(root, "it's")).Install("", path); err == nil {
		t.Error("installed where the shell cannot read it")
	}
	f.Remove()
	if _, err := os.Stat(string(f)); err == nil {
		t.Error("it is still there")
	}
}

package guard

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	real := write("bin/terraform", "#!/bin/sh\necho \"$* with $TF_CLI_ARGS_apply\"\n")
	write("bin/tofu", "#!/bin/sh\necho \"$* with $TF_CLI_ARGS_apply\"\n")
	path := filepath.Dir(real) + ":/usr/bin:/bin"

	quoted := "'" + reviewed + "'"
	for name, test := range map[string]struct {
		plan, environ, command string
		want                   string // the arguments of the program, "" if it is not run
	}{
		"the reviewed plan":                   {reviewed, "-lock=false " + quoted, "terraform -chdir=prod apply -no-color", "-chdir=prod apply -no-color " + reviewed + " with -lock=false"},
		"the same with tofu":                  {reviewed, quoted, "tofu apply", "apply " + reviewed + " with"},
		"without the variable":                {reviewed, "", "terraform apply", "apply " + reviewed + " with"},
		"arguments":                           {reviewed, quoted, "terraform apply -auto-approve -lock-timeout 60s -parallelism=5", "apply -auto-approve -lock-timeout 60s -parallelism=5 " + reviewed + " with"},
		"other arguments":                     {reviewed, "-auto-approve", "terraform -chdir=prod apply", "-chdir=prod apply " + reviewed + " with -auto-approve"},
		"another file":                        {reviewed, "", "terraform apply " + other, ""},
		"the same plan as a file":             {reviewed, quoted, "terraform -chdir=prod apply -no-color own", "-chdir=prod apply -no-color own with"},
		"the same plan elsewhere":             {reviewed, "", "terraform apply " + root + "/infra/prod/own", "apply " + root + "/infra/prod/own with"},
		"a file that is not there":            {reviewed, "", "terraform apply own", ""},
		"two files":                           {reviewed, "", "terraform apply prod/own " + other, ""},
		"destroy":                             {reviewed, quoted, "terraform destroy -auto-approve", ""},
		"what changes nothing":                {reviewed, "", "terraform -chdir=prod state list apply", "-chdir=prod state list apply with"},
		"nothing":                             {reviewed, "", "terraform", " with"},
		"a plan":                              {"", "", "terraform plan -out=x", "plan -out=x with"},
		"an apply where nothing is to change": {"", quoted, "terraform apply", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := Folder(filepath.Join(root, "run", "guard"))
			guarded, err := f.Install(test.plan, path)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("/bin/sh", "-c", test.command)
			cmd.Dir, cmd.Env = filepath.Join(root, "infra"), []string{"PATH=" + guarded, "TF_CLI_ARGS_apply=" + test.environ}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			err = cmd.Run()
			got, refused := strings.Join(strings.Fields(out.String()), " "), test.want == ""
			if want := strings.Join(strings.Fields(test.want), " "); !refused && got != want || refused != f.Refused() || refused && cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("refused %v, %v: %q, want %q", f.Refused(), err, got, want)
			}
			if refused && !strings.Contains(out.String(), "was not run, because") {
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

func TestOut(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bin", "terraform"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"terraform plan":        "",
		"terraform apply":       "",
		"terraform show -out=a": "",
		"terraform plan -out=a": root + "/./a",
		"terraform -chdir=prod plan -lock=false --out a -no-color": root + "/prod/a",
		"terraform -chdir=/prod plan -out=a -out b":                "/prod/b",
		"terraform -chdir=prod plan '-out=/a b'":                   "/a b",
		"terraform plan -out=a; terraform plan -out=b":             "",
	} {
		f := Folder(filepath.Join(root, "guard"))
		guarded, err := f.Install("", filepath.Join(root, "bin")+":/usr/bin:/bin")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/bin/sh", "-c", command)
		cmd.Dir, cmd.Env = root, []string{"PATH=" + guarded}
		out, _ := cmd.CombinedOutput()
		if in := f.In(); slices.Contains(in, "/prod") != strings.Contains(command, "-chdir=/prod plan") || slices.Contains(in, root+"/.") != strings.HasPrefix(command, "terraform plan") {
			t.Errorf("%s: made in %q", command, in)
		}
		if got, since := f.Out(); got != want || since.IsZero() != (want == "") {
			t.Errorf("%s: %q since %s, want %q\n%s", command, got, since, want, out)
		}
	}
}

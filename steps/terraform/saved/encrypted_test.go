package saved

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEncrypted(t *testing.T) {
	plan := archive(t, map[string]string{"tfplan": "p"})
	if encrypted(plan) || encrypted(plan+"x") {
		t.Error("an archive, or nothing, is taken for encrypted")
	}
	for text, want := range map[string]bool{
		`{"meta":{"key_provider.pbkdf2.k":"eyJ"},"encrypted_data":"` + strings.Repeat("a", 1<<20) + `","encryption_version":"v0"}`: true,
		`{"meta":{"encrypted_data":"a"}}`: false,
		`{"format_version":"1.2"}`:        false,
		`{"meta":`:                        false,
		``:                                false,
	} {
		file := filepath.Join(t.TempDir(), "plan")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := encrypted(file); got != want {
			t.Errorf("%.60s: %v", text, got)
		}
	}
}

// A fake tofu shows a plan in any folder that has a key.
func TestShowEncrypted(t *testing.T) {
	const tofu = `#!/bin/sh
case $1 in
  version) echo '{"terraform_version":"1.12.6"}' ;;
  -chdir=*) test -f "${1#-chdir=}/key.tf" && echo '{}' ;;
esac
`
	tree := map[string]string{"a/key.tf": "", "b/b.tf": "", "c/c.tf": "", "d/readme": ""}
	root, err := filepath.EvalSymlinks(files(t, tree))
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "tofu"), []byte(tofu), 0o700); err != nil {
		t.Fatal(err)
	}
	f := Folder(t.TempDir())
	if err := os.WriteFile(f.Plan(), []byte(`{"encrypted_data":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	how := Made{Checkout: root, Environ: []string{"PATH=" + bin + ":/usr/bin:/bin"}}
	show := func(dir, says string, folders ...string) {
		t.Helper()
		how.Folders = folders
		shown, err := f.Show(t.Context(), how)
		if says == "" && (err != nil || shown.Dir != dir || shown.Program != "tofu" || shown.Version != "1.12.6" || shown.Configuration == "") {
			t.Errorf("%q: %+v, %v", folders, shown, err)
		}
		if says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v, want %q", folders, err, says)
		}
		if _, err := os.Stat(f.json()); (err == nil) != (says == "") {
			t.Errorf("%q: its JSON: %v", folders, err)
		}
	}
	show("a", "")
	show("a", "", root+"/b/../a", root+"/a")
	show("", "it is encrypted: asking tofu", root+"/b")
	show("", "no folder of the checkout has a configuration", t.TempDir())
	if err := os.WriteFile(filepath.Join(root, "c", "key.tf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	show("c", "", root+"/c")
	show("", "could belong to")
	before, err := HashConfiguration(filepath.Join(root, "c"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "c", "more.tf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if after, err := HashConfiguration(filepath.Join(root, "c")); err != nil || after == before {
		t.Errorf("a new file has not changed the hash: %v", err)
	}
}

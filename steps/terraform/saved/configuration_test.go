package saved

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// archive writes a zip with the given members.
func archive(t *testing.T, members map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for name, text := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// files makes a tree of files and returns its root.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range texts {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFindConfiguration(t *testing.T) {
	c, err := ReadConfiguration(archive(t, map[string]string{
		"tfplan": "p", "tfstate": "s", "tfconfig/modules.json": "[]",
		"tfconfig/m-/a.tf": "a", "tfconfig/m-/b.tf.json": "{}", "tfconfig/m-m/a.tf": "of a module",
	}))
	if err != nil || len(c) != 2 {
		t.Fatalf("%q, %v", c, err)
	}
	same := map[string]string{"a.tf": "a", "b.tf.json": "{}", "README.md": "x", "c.tf~": "backup", ".d.tf": "hidden"}
	tree := map[string]string{}
	in := func(dir string, change map[string]string) {
		for name, text := range same {
			tree[dir+"/"+name] = text
		}
		for name, text := range change {
			tree[dir+"/"+name] = text
		}
	}
	in("environments/staging", nil)
	in("environments/prod", map[string]string{".terraform/lock": ""})
	in("another", map[string]string{"a.tf": "b"})
	in("more", map[string]string{"e.tf": ""})
	in("more-tofu", map[string]string{"e.tofu": ""})
	in(".hidden", nil)
	in("node_modules/x", nil)
	tree["less/a.tf"] = "a"
	root := files(t, tree)
	got, err := c.Find(root)
	want := []string{filepath.Join(root, "environments/prod"), filepath.Join(root, "environments/staging")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("found %q, %v; want %q", got, err, want)
	}
	if _, err := c.Find(filepath.Join(root, "absent")); err == nil {
		t.Error("a folder that is not there was looked into")
	}
}

func TestNoConfiguration(t *testing.T) {
	text := filepath.Join(files(t, map[string]string{"plan": `{"format_version":"1.2"}`}), "plan")
	for name, path := range map[string]string{
		"no archive":    text,
		"not there":     text + "x",
		"no root":       archive(t, map[string]string{"tfplan": "p", "tfconfig/m-m/a.tf": "a"}),
		"a way outside": archive(t, map[string]string{"tfconfig/m-/../../a.tf": "a"}),
		"too large":     archive(t, map[string]string{"tfconfig/m-/a.tf": strings.Repeat("a", maxConfiguration+1)}),
	} {
		if c, err := ReadConfiguration(path); err == nil {
			t.Errorf("%s: %d files", name, len(c))
		}
	}
}

package fake

import (
	"os"
	"path/filepath"
	"testing"
)

// Just returns an environment whose PATH has a `just` that prints a justfile, and
// nothing else. Its recipes do no more than call Terraform.
func Just(t *testing.T) []string {
	t.Helper()
	const dump = `{"recipes":{"bump":{"name":"bump","body":[]},"plan":{"name":"plan","body":[["terraform plan"]]},"apply":{"name":"apply","body":[["terraform apply"]]}}}`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "just"), []byte("#!/bin/sh\n[ \"$*\" = \"--dump --dump-format json\" ] && echo '"+dump+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + dir}
}

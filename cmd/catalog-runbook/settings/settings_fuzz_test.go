package settings

import (
	"strings"
	"testing"
)

// FuzzSettings parses arbitrary files. Each is accepted or rejected with an error that
// names the file.
func FuzzSettings(f *testing.F) {
	f.Add("[github]\nrepository = \"a/b\"\n")
	f.Add("[airflow]\nheaders = { A = \"env:B\" }\nexpected_dags = 3\n")
	f.Add("[infrastructure]\ndirectry = \"x\"\n")
	f.Add("[[plan.allow]]\naddress = \"aws_*.a\"\n[plan]\nforbid = [{}]\n")
	f.Add("a.b.c = [1, {x = 2}]\n[[github]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse("settings.toml", []byte(text)); err != nil && !strings.HasPrefix(err.Error(), "settings.toml") {
			t.Fatalf("the error does not name the file: %v", err)
		}
	})
}

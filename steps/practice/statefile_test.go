package practice

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
)

// A change that fails leaves everything as it was, and the lock free.
func TestAChangeThatFailsChangesNothing(t *testing.T) {
	w, _ := keep(t, "calm")
	before, err := os.ReadFile(w.folder.StateFile())
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("no")
	for range 2 {
		err := w.state.Change(func(k *state.Facts, _ time.Time) error {
			k.Deployed, k.Releases[0].Tag = "v9", "v9"
			return failure
		})
		if !errors.Is(err, failure) {
			t.Errorf("error %v", err)
		}
	}
	if after, err := os.ReadFile(w.folder.StateFile()); err != nil || string(after) != string(before) {
		t.Errorf("changed: %v", err)
	}
	if k := w.state.Facts(); k.Deployed != release1 || k.Releases[0].Tag != draftTag {
		t.Errorf("changed in memory: %+v", k)
	}
}

func TestADamagedStateIsRefused(t *testing.T) {
	w, _ := keep(t, "calm")
	file := w.folder.StateFile()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	for damaged, why := range map[string]string{
		"":              "EOF",
		text[:100]:      "unexpected EOF",
		text + "{}":     "text after its end",
		"{}":            "version 0",
		"[]":            "cannot unmarshal",
		`{"version":1}`: "no published release",
		strings.Replace(text, `"version": 1`, `"version": 2`, 1):           "it is of version 2, and this program knows 1",
		strings.Replace(text, `"published"`, `"pablished"`, 1):             "unknown field",
		strings.Replace(text, `"deployed": "v1.5.3"`, `"deployed": ""`, 1): "what is deployed",
		strings.Replace(text, `"airflow": 2`, `"airflow": 9`, 1):           "no Airflow 9",
	} {
		if damaged == text {
			t.Fatalf("%s: nothing is damaged", why)
		}
		if err := os.WriteFile(file, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Start("calm", Options{Folder: string(w.folder)})
		if err == nil || !strings.Contains(err.Error(), file+" is damaged: ") || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("%s: error %v", why, err)
		}
		if left, err := os.ReadFile(file); err != nil || string(left) != damaged {
			t.Errorf("%s: the damaged file was touched: %v", why, err)
		}
	}
	// What a process that was killed has left beside the file is nothing.
	for path, content := range map[string]string{file: text, file + ".new": text[:100]} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w = start(t, "calm", Options{Folder: string(w.folder)})
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	if exists(file + ".new") {
		t.Error("the rest is still there")
	}
}

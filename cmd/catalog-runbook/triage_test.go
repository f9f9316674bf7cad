package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// compared answers for GitHub with a comparison, and fails the test for any other request.
func compared(t *testing.T, status int, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if want := "/repos/WordPress/openverse-catalog/compare/v1.5.3...v1.5.4"; r.URL.Path != want && r.URL.Path != "/repos/WordPress/openverse-catalog" {
			t.Errorf("asked for %s, want %s", r.URL.Path, want)
		}
		if r.URL.Path == "/repos/WordPress/openverse-catalog" {
			status, body = http.StatusOK, `{"full_name":"WordPress/openverse-catalog"}`
		}
		return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func comparison(status string, files ...string) string {
	var rows []string
	for _, name := range files {
		rows = append(rows, fmt.Sprintf(`{"filename":%q,"status":"modified"}`, name))
	}
	return fmt.Sprintf(`{"status":%q,"ahead_by":2,"behind_by":1,"html_url":"https://github.com/c","merge_base_commit":{"sha":"%040d"},"files":[%s]}`, status, 1, strings.Join(rows, ","))
}

// TestTriage: which deployment is needed is said only if all that changed is known.
func TestTriage(t *testing.T) {
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprintf("catalog/dags/a%d.py", i)
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		code   int
		says   []string
	}{
		{"an image and DAGs", 200, comparison("ahead", "catalog/dags/a.py", "catalog/Dockerfile", "README.md"), 0,
			[]string{"From v1.5.3 to v1.5.4, 3 files changed", "Service deployment   yes", "DAG deployment       yes", "  catalog/Dockerfile (modified; rule catalog/{Dockerfile", "Neither\n  README.md"}},
		{"DAGs only", 200, comparison("ahead", "catalog/dags/a.py"), 0, []string{"Service deployment   no\n", "DAG deployment       yes"}},
		{"nothing", 200, comparison("identical"), 0, []string{"Service deployment   no\n", "DAG deployment       no\n"}},
		{"what no rule knows", 200, comparison("ahead", "new.cfg"), exitUnknown, []string{"Service deployment   not known", "no rule says what 1 file among them means", "No rule says what these are\n  new.cfg"}},
		{"too many files", 200, comparison("ahead", many...), exitUnknown, []string{"Service deployment   not known", "DAG deployment       yes", "GitHub names 300 files at most"}},
		{"diverged", 200, comparison("diverged", "catalog/dags/a.py"), exitUnknown, []string{"the two have diverged, by 2 commits and 1 commit"}},
		{"the wrong way round", 200, comparison("behind"), exitUnknown, []string{"the second is older than the first", "the other way round"}},
		{"no such version", 404, `{"message":"Not Found"}`, exitFailed, []string{"v1.5.3 or v1.5.4"}},
		{"no answer", 500, `{}`, exitUnknown, nil},
		{"a wrong token", 401, `{"message":"Bad credentials"}`, exitCredentials, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", t.TempDir())
			var out bytes.Buffer
			s := streams{out: &out, err: &out, environ: func() []string { return nil }, getenv: func(name string) string {
				return map[string]string{"GH_TOKEN": "a-token-for-github"}[name]
			}}
			err := triageCommand{Base: "v1.5.3", Head: "v1.5.4", base: compared(t, c.status, c.body)}.Run(t.Context(), s)
			var code exitError
			if errors.As(err, &code); code.code != c.code || err != nil && code.code == 0 {
				t.Errorf("the error is %v, want exit code %d", err, c.code)
			}
			text := out.String()
			if err != nil {
				text += err.Error()
			}
			for _, part := range c.says {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in\n%s", part, text)
				}
			}
		})
	}
}

func TestTriageJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	rules := writeFile(t, "rules.toml", "[[triage]]\nas = \"image\"\nfiles = \"api/**\"\n")
	var out bytes.Buffer
	s := streams{out: &out, err: io.Discard, environ: func() []string { return nil }, getenv: func(string) string { return "x" }}
	command := triageCommand{Base: "v1.5.3", Head: "v1.5.4", Settings: rules, JSON: true, base: compared(t, 200, comparison("ahead", "api/a.py"))}
	if err := command.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got triageOutput
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Service || got.DAGs || !got.Certain || len(got.Files) != 1 || got.Files[0].As != "image" || got.Files[0].Rule != "api/**" {
		t.Errorf("%s", out.String())
	}
}

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/steps/github"
)

const everySetting = `[github]
api_url = "https://github.example.org/api/v3"
repository = "owner/catalog"
workflow = "build.yml"
infrastructure_repository = "owner/infrastructure"
[image]
reference = "registry.example.org/owner/catalog"
[airflow]
url = "https://airflow.example.org"
username = "viewer"
token_command = ["pass", "airflow"]
headers = { CF-Access-Client-Id = "id", CF-Access-Client-Secret = "env:PROXY_SECRET" }
expected_dags = 20
[infrastructure]
directory = "../infrastructure"
environment = "staging"
service = "airflow"
`

func TestParseSettings(t *testing.T) {
	s, err := parseSettings("/home/me/work/catalog-runbook.toml", []byte(everySetting))
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]string{
		"api_url":                   {s.GitHub.APIURL, "https://github.example.org/api/v3"},
		"repository":                {s.GitHub.Repository, "owner/catalog"},
		"workflow":                  {s.GitHub.Workflow, "build.yml"},
		"infrastructure_repository": {s.GitHub.InfrastructureRepository, "owner/infrastructure"},
		"reference":                 {s.Image.Reference, "registry.example.org/owner/catalog"},
		"url":                       {s.Airflow.URL, "https://airflow.example.org"},
		"username":                  {s.Airflow.Username, "viewer"},
		"token_command":             {strings.Join(s.Airflow.TokenCommand, " "), "pass airflow"},
		"headers":                   {s.Airflow.Headers["CF-Access-Client-Secret"], "env:PROXY_SECRET"},
		"directory":                 {s.Infrastructure.Directory, "/home/me/infrastructure"},
		"environment":               {s.Infrastructure.Environment, "staging"},
		"service":                   {s.Infrastructure.Service, "airflow"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
	if s.Airflow.ExpectedDAGs != 20 {
		t.Errorf("expected_dags is %d", s.Airflow.ExpectedDAGs)
	}
}

func TestNoSettingsAtAll(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	s, _, err := loadSettings("")
	if err != nil {
		t.Fatal(err)
	}
	if s.GitHub.APIURL != github.APIURL {
		t.Errorf("api_url is %q, want %q", s.GitHub.APIURL, github.APIURL)
	}
}

func TestNearestSetting(t *testing.T) {
	for key, want := range map[string]string{
		"airflow.ulr":     "airflow.url",
		"githb":           "github",
		"aiflow.username": "airflow.username",
		"image.refernece": "image.reference",
	} {
		if got := nearestSetting(key); got != want {
			t.Errorf("nearestSetting(%q) is %q, want %q", key, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for dir, want := range map[string]string{
		"~/infra":  filepath.Join(home, "infra"),
		"/srv/x":   "/srv/x",
		"infra":    "/etc/infra",
		"../infra": "/infra",
	} {
		if got := resolve("/etc/catalog-runbook.toml", dir); got != want {
			t.Errorf("resolve(%q) is %q, want %q", dir, got, want)
		}
	}
}

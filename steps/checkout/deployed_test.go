package checkout

import (
	"os/exec"
	"testing"
)

func TestDeployed(t *testing.T) {
	for name, c := range map[string]struct {
		files    map[string]string
		like     string
		version  string
		previous string
	}{
		"the service's version":   {map[string]string{"prod/airflow.tf": "locals {\n  tag = \"v1.5.3\"\n}\n"}, "v1.5.4", "v1.5.3", "v1.5.2"},
		"without a v":             {map[string]string{"prod/airflow.tf": "locals {\n  tag = \"1.5.3\"\n}\n"}, "v1.5.4", "1.5.3", "v1.5.2"},
		"numbers of others":       {map[string]string{"prod/airflow.tf": "# airflow\ntag = \"v1.5.3\"\nterraform_version = \"1.9.8\"\n"}, "v1.5.4", "v1.5.3", "v1.5.2"},
		"a date":                  {map[string]string{"prod/airflow.tf": "tag = \"rel-2024.03.01.10.00.00\"\n"}, "rel-2024.09.09.12.00.00", "rel-2024.03.01.10.00.00", ""},
		"a pre-release is chosen": {map[string]string{"prod/airflow.tf": "tag = \"v1.5.3\"\n"}, "v1.6.0-rc.1", "v1.5.3", "v1.5.2"},
		"another environment":     {map[string]string{"dev/airflow.tf": "tag = \"v1.5.3\"\n", "prod/airflow.tf": "\n"}, "v1.5.4", "", ""},
		"another service":         {map[string]string{"prod/ingestion.tf": "tag = \"v1.5.3\"\n", "prod/airflow.tf": "\n"}, "v1.5.4", "", ""},
		"for people":              {map[string]string{"prod/CHANGELOG.md": "airflow v1.5.3\n", "prod/airflow.tf": "# v1.5.3 was fine\n"}, "v1.5.4", "", ""},
		"two versions":            {map[string]string{"prod/airflow.tf": "scheduler_tag = \"v1.5.3\"\nwebserver_tag = \"v1.5.2\"\n"}, "v1.5.4", "", ""},
		"no version":              {map[string]string{"prod/airflow.tf": "tag = \"v1.5.3\"\n"}, "main", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			repo := repository(t)
			for file, text := range c.files {
				write(t, repo, file, text)
			}
			git(t, repo, "add", ".")
			commit(t, repo)
			write(t, repo, "prod/airflow.tf", "tag = \"v9.9.9\"\n") // what isn't committed isn't deployed
			got, err := repo.Deployed(t.Context(), "main", c.like, "prod", "airflow")
			if err != nil || got.Version != c.version {
				t.Fatalf("deployed is %q, %v; want %q", got.Version, err, c.version)
			}
			if previous, err := got.Previous(t.Context()); err != nil || previous != c.previous {
				t.Errorf("before that, it was %q, %v; want %q", previous, err, c.previous)
			}
		})
	}
}

// What counts is the branch that others see, not a commit that was never pushed.
func TestDeployedUpstream(t *testing.T) {
	origin := repository(t)
	c := Checkout{Dir: t.TempDir()}
	if out, err := exec.Command("git", "clone", "--quiet", origin.Dir, c.Dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	git(t, c, "config", "user.name", "a")
	git(t, c, "config", "user.email", "a@example.org")
	write(t, c, "prod/airflow.tf", "tag = \"v1.5.3\"\n")
	git(t, c, "add", ".")
	commit(t, c)
	got, err := c.Deployed(t.Context(), "main", "v1.5.4", "prod", "airflow")
	if err != nil || got.Version != "v1.5.2" || got.Branch != "origin/main" || got.File != "prod/airflow.tf" {
		t.Errorf("deployed is %+v, %v", got, err)
	}
}

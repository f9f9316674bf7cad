package kinds

import "testing"

func TestLinks(t *testing.T) {
	const none = ""
	for target, want := range map[string]struct{ releases, image, running, airflow string }{
		"https://github.com/WordPress/openverse-catalog/releases":  {releases: "WordPress/openverse-catalog"},
		"https://GitHub.com/WordPress/openverse-catalog/releases/": {releases: "WordPress/openverse-catalog"},
		"http://www.github.com/a/b/releases/tag/v1.0.0":            {releases: "a/b"},
		"https://github.com/a/b/releases/new?tag=v1":               {releases: "a/b"},
		"https://github.com/a/b/blob/main/releases":                {},
		"https://github.com/releases":                              {},
		"https://github.com/":                                      {},
		"https://github.com.example.org/a/b/releases":              {},
		"https://example.org/https://github.com/a/b/releases":      {},
		"github.com/a/b/releases":                                  {},
		"./releases":                                               {},
		none:                                                       {},
		"http://":                                                  {},
		"https://github.com/%zz/b/releases":                        {},
		"https://github.com/wordpress/openverse-catalog/pkgs/container/openverse-catalog":                    {image: "ghcr.io/wordpress/openverse-catalog"},
		"https://github.com/WordPress/openverse-catalog/pkgs/container/openverse-catalog/1234567?tag=v1.5.4": {image: "ghcr.io/wordpress/openverse-catalog"},
		"https://github.com/WordPress/openverse/pkgs/container/openverse%2FCatalog":                          {image: "ghcr.io/wordpress/openverse/catalog"},
		"https://github.com/orgs/WordPress/packages/container/package/openverse-catalog":                     {image: "ghcr.io/wordpress/openverse-catalog"},
		"https://github.com/orgs/WordPress/packages/container/openverse-catalog/versions":                    {image: "ghcr.io/wordpress/openverse-catalog"},
		"https://github.com/users/someone/packages/container/catalog/versions?filters=tagged":                {image: "ghcr.io/someone/catalog"},
		"https://ghcr.io/WordPress/openverse-catalog":                                                        {image: "ghcr.io/wordpress/openverse-catalog"},
		"https://ghcr.io/wordpress":                                                    {},
		"https://ghcr.io/a/b:v1":                                                       {},
		"https://github.com/a/b/pkgs/npm/catalog":                                      {},
		"https://github.com/a/b/pkgs/container":                                        {},
		"https://airflow.openverse.engineering/dagrun/list/?_flt_3_state=running":      {running: "https://airflow.openverse.engineering", airflow: "https://airflow.openverse.engineering"},
		"https://example.org/airflow/dag_runs?state=running":                           {running: "https://example.org/airflow", airflow: "https://example.org/airflow"},
		"http://localhost:8080/home?status=running":                                    {running: "http://localhost:8080", airflow: "http://localhost:8080"},
		"http://localhost:8080/home?page=2":                                            {},
		"https://example.org/login?next=/dagrun/list/":                                 {},
		"https://github.com/apache/airflow/blob/main/dag_runs.py":                      {},
		"https://airflow.openverse.engineering":                                        {airflow: "https://airflow.openverse.engineering"},
		"https://airflow.openverse.engineering/dags/x/grid":                            {airflow: "https://airflow.openverse.engineering"},
		"https://airflow.apache.org/docs/apache-airflow/stable/dag-serialization.html": {},
		"https://example.org/airflow":                                                  {},
		"mailto:dags@airflow.example":                                                  {},
	} {
		for what, answer := range map[string]struct {
			read func(string) (string, bool)
			want string
		}{
			"releases": {releasesLink, want.releases}, "package": {packageLink, want.image},
			"running DAGs": {runningDAGsLink, want.running}, "Airflow": {airflowRoot, want.airflow},
		} {
			if got, ok := answer.read(target); got != answer.want || ok != (answer.want != "") {
				t.Errorf("%s of %q: got %q, %t; want %q", what, target, got, ok, answer.want)
			}
		}
	}
}

func TestReleasesFilter(t *testing.T) {
	for target, want := range map[string]string{
		"https://github.com/a/b/releases?q=catalog-":               "catalog-",
		"https://github.com/a/b/releases?q=catalog&expanded=true":  "catalog",
		"https://github.com/a/b/releases/?expanded=true&q=catalog": "catalog",
		"https://github.com/a/b/releases?q=%40scope%2Fpkg":         "",
		"https://github.com/a/b/releases?q=pkg%2F":                 "pkg/",
		"https://github.com/a/b/releases?q=v1.2":                   "", // a version
		"https://github.com/a/b/releases?q=draft%3Atrue":           "",
		"https://github.com/a/b/releases?q=security+fix":           "",
		"https://github.com/a/b/releases?q=":                       "",
		"https://github.com/a/b/releases":                          "",
		"https://github.com/a/b/issues?q=catalog-":                 "",
	} {
		if got := releasesFilter(target)["tag-prefix"]; got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

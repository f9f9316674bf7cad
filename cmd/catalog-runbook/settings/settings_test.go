package settings

import (
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/github"
	"catalog-runbook/steps/terraform"
)

const everySetting = `[github]
api_url = "https://github.example.org/api/v3"
repository = "owner/catalog"
workflow = "build.yml"
infrastructure_repository = "owner/infrastructure"
[image]
reference = "registry.example.org/owner/catalog"
tag = "catalog-{x} -> rel-{x}"
[airflow]
url = "https://airflow.example.org"
username = "viewer"
token_command = ["pass", "airflow"]
headers = { CF-Access-Client-Id = "id", CF-Access-Client-Secret = "env:PROXY_SECRET" }
expected_dags = 20
settling = "2m"
may_wait = ["image_data_refresh"]
[infrastructure]
directory = "../infrastructure"
environment = "staging"
service = "airflow"
[postgres]
host = "catalog.example.org"
port = 5433
database = "catalog"
user = "reader"
tunnel = "127.0.0.1:5434"
root_certificate = "rds.pem"
system_identifier = "7300000000000000001"
[plan]
apply = "asks"
instance = ["aws_instance.airflow"]
forbid = [{ address = "aws_iam_*", actions = ["*"] }]
[[plan.allow]]
address = "aws_route53_record.*"
actions = ["replace", "delete"]
[[plan.allow]]
address = 'aws_db_instance.a["x"]'
actions = ["update"]
`

func TestParseSettings(t *testing.T) {
	s, err := Parse("/home/me/work/catalog-runbook.toml", []byte(everySetting))
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
		"host":                      {s.Postgres.Host, "catalog.example.org"},
		"port":                      {strconv.Itoa(s.Postgres.Port), "5433"},
		"database":                  {s.Postgres.Database, "catalog"},
		"user":                      {s.Postgres.User, "reader"},
		"tunnel":                    {s.Postgres.Tunnel, "127.0.0.1:5434"},
		"root_certificate":          {s.Postgres.RootCertificate, "/home/me/work/rds.pem"},
		"system_identifier":         {s.Postgres.SystemIdentifier, "7300000000000000001"},
		"apply":                     {string(s.Plan.Apply), "asks"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
	want := terraform.Policy{
		Service: "airflow", Release: "v1", Instance: []string{"aws_instance.airflow"},
		Allow: []terraform.Rule{
			{Address: "aws_route53_record.*", Actions: []string{"replace", "delete"}},
			{Address: `aws_db_instance.a["x"]`, Actions: []string{"update"}},
		},
		Forbid: []terraform.Rule{{Address: "aws_iam_*", Actions: []string{"*"}}},
	}
	if got := s.Policy("airflow", "v1"); !reflect.DeepEqual(got, want) {
		t.Errorf("the policy is %+v, want %+v", got, want)
	}
	if s.Airflow.Settling.Duration() != 2*time.Minute {
		t.Errorf("settling is %s", s.Airflow.Settling)
	}
	if !slices.Equal(s.Airflow.MayWait, []string{"image_data_refresh"}) {
		t.Errorf("may_wait is %q", s.Airflow.MayWait)
	}
	if s.Airflow.ExpectedDAGs != 20 {
		t.Errorf("expected_dags is %d", s.Airflow.ExpectedDAGs)
	}
}

func TestParseSettingsOfPlans(t *testing.T) {
	for text, want := range map[string]string{
		"[plan]\nallow = [{ address = \"aws_eip.*\", actions = [\"replace\"] }]\n\n[plan]\n": "s.toml:4: ",

		"[[plan.allow]]\naddress = \"aws_eip\"\nactions = [\"replace\"]":            `s.toml:2: "aws_eip" isn't the address of a resource; hint: did you mean "aws_eip.*"?`,
		"[[plan.allow]]\naddress = \"aws_{eip}.*\"\nactions = [\"replace\"]":        `s.toml:2: "aws_{eip}.*" can't match an address`,
		"[[plan.allow]]\naddress = \"a.*\"\nactions = [\n\"update\",\n\"destroy\"]": `s.toml:5: there is no action "destroy"; hint: write create, update, delete,`,
		"[[plan.allow]]\naddress = \"a.*\"\nactions = \"update\"":                   `s.toml:3: `,
		"[[plan.allow]]\naddress = 3\nactions = [\"update\"]":                       `s.toml:2: `,
		"[[plan.forbid]]\naddress = \"a.*\"\naction = [\"update\"]":                 `s.toml:3: unknown setting "plan.forbid.action"; hint: did you mean "plan.forbid.actions"?`,
		"[airflow]\nurl = 3":                       `s.toml:2: airflow.url must be of type string, not integer`,
		"[plan]\napply = 3":                        `s.toml:2: plan.apply must be of type string, not integer`,
		"[image]\ntag = \"rel-\"":                  `s.toml:2: "rel-" doesn't say how an image's tag is formed; hint: write tag = "catalog-{x} -> rel-{x}" under [image]`,
		"[airflow]\nsettling = 90":                 `s.toml:2: airflow.settling must be of type string, not integer`,
		"[airflow]\nsettling = \"soon\"":           `s.toml:2: "soon" is not a duration of at least 1s; hint: write one like "90s" or "2m"`,
		"[airflow]\nsettling = \"0s\"":             `s.toml:2: "0s" is not a duration of at least 1s; hint: write one like "90s" or "2m"`,
		"[airflow]\nexpected_dags = \"20\"":        `s.toml:2: airflow.expected_dags must be of type int, not string`,
		"[airflow]\nheaders = { a = 1 }":           `s.toml:2: airflow.headers must be of type string, not integer`,
		"[airflow.headers]\na = 1979-05-27":        `s.toml:2: airflow.headers.a must be of type string, not date or time`,
		"[airflow]\ntoken_command = \"gh\"":        `s.toml:2: airflow.token_command must be of type array, not string`,
		"airflow = 3":                              `s.toml:1: airflow must be of type table, not integer`,
		"[airflow":                                 `s.toml:1: `,
		"[postgres]\ntunnel = \"5433\"":            `s.toml:2: "5433" is not the address of a tunnel on this machine; hint: write it like tunnel = "127.0.0.1:5433"`,
		"[postgres]\ntunnel = \"rds.test:5432\"":   `s.toml:2: "rds.test:5432" is not the address of a tunnel`,
		"[postgres]\nport = 70000":                 `s.toml: postgres.port is 70000`,
		"[postgres]\nport = \"5432\"":              `s.toml:2: postgres.port must be of type int, not string`,
		"[postgres]\nuser_name = \"a\"":            `s.toml:2: unknown setting "postgres.user_name"`,
		"[plan]\napply = \"maybe\"":                `s.toml:2: plan.apply is "maybe"; hint: write "saved" or "asks"`,
		"[airflow]\npassword = \"x\"":              `s.toml:2: unknown setting "airflow.password"; hint: credentials aren't settings: set AIRFLOW_TOKEN, or username under [airflow] and AIRFLOW_PASSWORD`,
		"[github]\ntoken = \"x\"":                  `s.toml:2: unknown setting "github.token"; hint: credentials aren't settings: set GH_TOKEN`,
		"[postgres]\npassword = \"x\"":             `s.toml:2: unknown setting "postgres.password"; hint: credentials aren't settings: set PGPASSWORD`,
		"[colours]\ntheme = \"x\"":                 `s.toml:1: unknown setting "colours"; hint: the tables are [github], [image], `,
		"[airfow]\nurl = \"x\"":                    `s.toml:1: unknown setting "airfow"; hint: did you mean [airflow]?`,
		"url = \"x\"":                              `s.toml:1: unknown setting "url"; hint: did you mean "airflow.url"?`,
		"[image]\nsomething = 1":                   `s.toml:2: unknown setting "image.something"; hint: [image] has reference, tag, plain_http`,
		"[github]\napi_url = \"ghe.example.org\"":  `s.toml:2: github.api_url is "ghe.example.org", which isn't a web address; hint: write api_url = "https://ghe.example.org"`,
		"[github]\npull_request = \"abc\"":         `s.toml:2: "abc" is neither the number nor the address of a pull request; hint: write it like 123`,
		"[airflow]\nurl = \"airflow.example.org\"": `s.toml:2: airflow.url is "airflow.example.org", which isn't a web address; hint: write url = "https://airflow.example.org"`,
		"[airflow]\nurl = \"a:b-0123456789@c.d\"":  `s.toml:2: airflow.url isn't a web address; hint: write it like url = "https://airflow.example.org"`,
		"[plan]\nallowed = []":                     `s.toml:2: unknown setting "plan.allowed"; hint: did you mean "plan.allow"?`,
		"[plan]\ninstance = [\"aws_instance\"]":    `s.toml:2: "aws_instance" isn't the address`,

		"[[plan.forbid]]\naddress = \"a.b\"\nactions = [\"*\"]\n[airflow]\n\n[[plan.forbid]]\naddress = \"a.c\"": `s.toml:6: a rule of plan.forbid needs`,
		"[[plan.allow]]\nactions = [\"*\"]":                             `s.toml:1: a rule of plan.allow needs`,
		"\n[plan]\nallow = [\n{ actions = [\"*\"] }]":                   `s.toml:3: a rule of plan.allow needs`,
		"\nplan.allow = [{ address = \"a.b\", actions = [] }]":          `s.toml:2: a rule of plan.allow needs`,
		"\nplan = { forbid = [{ address = \"\", actions = [\"*\"] }] }": `s.toml:2: `,
	} {
		if _, err := Parse("s.toml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s", text, err, want)
		}
	}
}

func TestNoSettingsAtAll(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	s, _, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if s.GitHub.APIURL != github.APIURL {
		t.Errorf("api_url is %q, want %q", s.GitHub.APIURL, github.APIURL)
	}
}

func TestNearestSetting(t *testing.T) {
	for key, want := range map[string]string{
		"airflow.ulr":     `"airflow.url"`,
		"githb":           "[github]",
		"airflow.user":    `"airflow.username"`,
		"aiflow.username": `"airflow.username"`,
		"image.refernece": `"image.reference"`,
	} {
		if got := hintFor(strings.Split(key, ".")); got != "did you mean "+want+"?" {
			t.Errorf("the hint for %q is %q, want %q", key, got, want)
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

func TestPlainHTTP(t *testing.T) {
	for text, want := range map[string]string{
		"[image]\nreference = \"127.0.0.1:5000/o/n\"\nplain_http = true\n":  "",
		"[image]\nreference = \"localhost:5000/o/n\"\nplain_http = true\n":  "",
		"[image]\nreference = \"[::1]:5000/o/n\"\nplain_http = true\n":      "",
		"[image]\nreference = \"ghcr.io/o/n\"\nplain_http = false\n":        "",
		"[image]\nreference = \"ghcr.io/o/n\"\nplain_http = true\n":         "f:3: plain_http is only for a registry on this machine",
		"[image]\nreference = \"10.0.0.1:5000/o/n\"\nplain_http = true\n":   "f:3: plain_http is only",
		"[image]\nreference = \"localhost.example/o/n\"\nplain_http = true": "f:3: plain_http is only",
		"\nimage = { plain_http = true }\n":                                 "f:2: plain_http is only",
		"image.plain_http = true\n":                                         "f:1: plain_http is only",
		"[image]\nplain_http = \"yes\"\n":                                   "f:2: image.plain_http must be of type",
	} {
		_, err := Parse("f", []byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

package clean

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// said are secrets as they stand in texts; CANARY is the part that nobody may see.
var said = map[string]string{
	"bearer":               "Authorization: Bearer CANARY0123456789",
	"basic":                "authorization: basic Q0FOQVJZCANARY",
	"own scheme":           "Authorization: ApiKey CANARY12",
	"scheme with a dash":   "Authorization: AWS4-HMAC-SHA256 Credential=CANARY/20260101/us-east-1, SignedHeaders=host, Signature=CANARY",
	"no scheme":            "Authorization: CANARY99",
	"proxy":                "Proxy-Authorization: Basic CANARY==",
	"API key":              "X-Api-Key: CANARY9",
	"GitLab's header":      "PRIVATE-TOKEN: CANARY9",
	"cookie":               "Cookie: session=CANARY1; csrf=CANARY2",
	"cookie that is set":   "Set-Cookie: session=CANARY1; Path=/",
	"URL password":         "postgres://user:CANARY@db.example:5432/a",
	"@ in a password":      "postgres://user:pa@CANARY@db.example/a",
	"/ in a password":      "postgres://user:pa/CANARY@db.example/a",
	"@ and / in it":        "postgres://user:CANARY@x/CANARY@db.example/a?x=1",
	"? and # in it":        "amqp://user:a?CANARY#CANARY@mq.example/",
	"no user":              "redis://:CANARY@cache.example:6379/0",
	"escaped slashes":      `"url":"https:\/\/user:CANARY@h.example\/x"`,
	"signed by AWS":        "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Credential=CANARY%2F2026&X-Amz-Signature=CANARY",
	"signed by AWS before": "https://b.s3.amazonaws.com/k?AWSAccessKeyId=CANARY&Expires=1&Signature=CANARY%3D",
	"signed by Google":     "https://storage.googleapis.com/b/o?X-Goog-Credential=CANARY&X-Goog-Signature=CANARY",
	"signed for Azure":     "https://a.blob.core.windows.net/c/b?sv=2024-01-01&sr=b&sig=CANARY%2Fx%3D&se=2026",
	"signed by CloudFront": "https://d.cloudfront.net/o?Policy=abc&Signature=CANARY~x&Key-Pair-Id=K1",
	"signed, in HTML":      "https://d.cloudfront.net/o?Policy=abc&amp;Signature=CANARY",
	"signed, in a URL":     "https://login.example/?next=https%3A%2F%2Fb.s3%2Fk%3FX-Amz-Signature%3DCANARY",
	"AWS's key":            "aws_secret_access_key = CANARYCANARYCANARYCANARYCANARYCANARY1919",
	"Azure's":              "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=CANARY/abc+==;EndpointSuffix=core.windows.net",
	"of AWS":               "AKIACANARYCANARY1234",
	"of Vault":             "hvs.CANARYCANARYCANARYCANARY",
	"of an old Vault":      "s.CANARYCANARYCANARYCANARY",
	"of GitLab":            "glpat-CANARYCANARYCANARY-01",
	"of Docker":            "dckr_pat_CANARYCANARYCANARYCANARY",
	"of npm":               "npm_CANARYCANARYCANARYCANARYCANARYCANARY",
	"of Slack":             "xoxb-123456789012-CANARYCANARY",
	"of Slack's webhooks":  "https://hooks.slack.com/services/T0/B0/CANARYCANARY",
	"of GitHub":            "ghp_CANARYCANARYCANARYCANARY",
	"of GitHub, narrow":    "github_pat_CANARYCANARYCANARYCANARY",
}

// wrapped are the texts in which they may stand.
var wrapped = map[string]func(string) string{
	"alone":    func(s string) string { return s },
	"in words": func(s string) string { return "error: GET failed: " + s + " (exit 1)" },
	"quoted":   func(s string) string { return fmt.Sprintf("sent %q", s) },
	"in JSON":  func(s string) string { return `{"line": ` + inQuotes(s) + `, "next": 1}` },
	"in JSON in JSON": func(s string) string {
		return `{"body": ` + inQuotes(`{"line":`+inQuotes(s)+`}`) + `}`
	},
	"as a member": func(s string) string { return `{` + member(s, ":") + `, "next": 1}` },
	"as a member in JSON": func(s string) string {
		return `{"body": ` + inQuotes(`{`+member(s, ":")+`}`) + `}`
	},
	"in YAML":   func(s string) string { return "headers:\n  " + s + "\n" },
	"in quotes": func(s string) string { return "curl -H '" + s + "' https://example.org" },
	"by jq": func(s string) string {
		return "\x1b[1;39m{\x1b[0m" + member(s, "\x1b[0m\x1b[1;39m:\x1b[0m \x1b[0;32m") + "\x1b[0m"
	},
	"in colors": func(s string) string {
		return "\x1b[31m" + strings.Replace(s, ": ", ":\x1b[0m \x1b[33;1m", 1) + "\x1b[0m"
	},
	"with added sign":  func(s string) string { return "  + " + s },
	"in Terraform's":   func(s string) string { return `      + value = "` + s + `" -> (known after apply)` },
	"in HCL's heredoc": func(s string) string { return "value = <<-EOT\n    " + s + "\nEOT\n" },
}

func inQuotes(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// member makes a member of an object of a header, and a string of what is none.
func member(s, colon string) string {
	name, value, ok := strings.Cut(s, ": ")
	if !ok {
		return `"x"` + colon + inQuotes(s)
	}
	return inQuotes(name) + colon + inQuotes(value)
}

// TestAttacks shows each secret in each way, whole and in writes that are split anywhere
// with pauses in between.
func TestAttacks(t *testing.T) {
	forget(t)
	for name, secret := range said {
		for way, wrap := range wrapped {
			text := wrap(secret)
			for what, got := range map[string]string{"Line": Line(text).String(), "Block": Block(text).String(), "Masked": Masked(text)} {
				if strings.Contains(got, "CANARY") || !strings.Contains(got, Mask) {
					t.Errorf("%s, %s: %s of %q is %q", name, way, what, text, got)
				}
			}
			for at := 0; at <= len(text); at += 1 + len(text)/40 {
				var out strings.Builder
				m := NewMasker(&out)
				for _, part := range []string{text[:at], text[at:]} {
					if _, err := m.Write([]byte(part)); err != nil {
						t.Fatal(err)
					}
					if err := m.Pause(); err != nil {
						t.Fatal(err)
					}
				}
				if err := m.Close(); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(out.String(), "CANARY") {
					t.Errorf("%s, %s, split at %d of %q: %q", name, way, at, text, out.String())
					break
				}
			}
		}
	}
}

// TestNothingToHide: ordinary words stay as they are.
func TestNothingToHide(t *testing.T) {
	forget(t)
	for _, text := range []string{
		"PATH=/usr/bin:/bin", "PATTERN=abc", "CONNECTION_COUNT=5", "compass: north", "bypass = true",
		"aws_instance.this: Creation complete", "modules.example.org/a@v1", "git@github.com:owner/name.git", "ssh://git@github.com/o/n",
		"https://example.org:8443/@scope/package", "npm_config_registry", "glacier-2024", "english.words.and.more", "hv.example.org",
		"https://example.org/search?q=signature&page=2", "the signature = valid", "s.short", "tags.allTheThingsThatAreThere", "a cookie a day",
		`"authorization_type": "NONE"`, "private_token_count", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"arn:aws:iam::123456789012:role/deploy", "http://[::1]:5000/a@b", "v1.5.3 -> v1.5.4 (2 min ago)",
	} {
		if got := Line(text).String(); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	for name, want := range map[string]bool{
		"PASS": true, "PASSPHRASE": true, "DB_PWD": true, "PAT": true, "AZURE_PAT": true, "APIKEY": true, "X_APIKEY": true, "AIRFLOW_CONN_CATALOG": true, "SQL_ALCHEMY_CONN": true,
		"COOKIE": true, "DSN": true, "TF_VAR_pat": true, "TF_VAR_db_dsn": true, "TF_VAR_conn": true, "TF_VAR_session_cookie": true, "TF_VAR_apikey": true, "TF_VAR_ssh_passphrase": true, "TF_VAR_pwd": true,
		"AZURE_STORAGE_CONNECTION_STRING": true, "DOCKER_AUTH_CONFIG": true, "HTTP_AUTHORIZATION": true, "TF_VAR_masterkey": true,
		"PATH": false, "PATTERN": false, "PATCH": false, "CONNECTION_COUNT": false, "CONNECT": false, "PWD": false, "OLDPWD": false, "SSH_AUTH_SOCK": false, "SSH_ASKPASS": false, "GIT_ASKPASS": false,
		"PASSTHROUGH": false, "TF_VAR_key_name": false, "COMPASS": false, "PROXY_BYPASS": false, "AUTHOR": false, "TF_VAR_instance_type": false, "DSNAP": false, "COOK": false, "SPATIAL": false,
	} {
		if SecretName(name) != want {
			t.Errorf("SecretName(%s) is not %v", name, want)
		}
	}
}

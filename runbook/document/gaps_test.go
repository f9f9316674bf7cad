package document

import "testing"

func TestPlaceholder(t *testing.T) {
	for word, want := range map[string]string{
		"ENVIRONMENT": "ENVIRONMENT", "ENV": "ENV", "YOUR_ENV": "YOUR_ENV", "TARGET-ENV": "TARGET-ENV",
		"<env>": "<env>", "<the environment>": "<the environment>", "--env=<env>": "<env>", "ns/<pod>": "<pod>",
		"{{ env }}": "{{ env }}", "{{env}}": "{{env}}", "{env}": "{env}", "[env]": "[env]", "$TARGET": "$TARGET", "${TARGET}": "${TARGET}", "$target": "$target",
		"vX.Y.Z": "vX.Y.Z", "X.Y.Z": "X.Y.Z", "x.y.z": "x.y.z", "v1.2.x": "v1.2.x", "YYYY.MM.DD": "YYYY.MM.DD", "your-env": "your-env", "my_service": "my_service",
		"%ENV%": "%ENV%", "__ENV__": "__ENV__", "«env»": "«env»", "__init__": "", "env": "", "service": "", "ENV=TARGET": "TARGET", "...": "...", "…": "…",
		"prod": "", "catalog-airflow": "", "v1.2.3": "", "HEAD": "", "POST": "", "-m": "", "--yes": "", "X": "", "Prod": "", "README.md": "", "key=value": "", "": "",
		"https://example.org": "", "my": "", "yes": "", "system-x": "", "linux": "", "deploy": "", "s3-proxy": "", "a.b.c": "",
	} {
		if got := Placeholder(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestPlaceholderValue(t *testing.T) {
	for value, want := range map[string]string{"env": "env", "Environment": "Environment", "xxx": "xxx", "<env>": "<env>", "dev": "", "prod": "", "foo-bar": "", "services": "", "": ""} {
		if got := PlaceholderValue(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

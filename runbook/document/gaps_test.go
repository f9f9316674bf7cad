package document

import (
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
	"pgregory.net/rapid"
)

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
	for value, want := range map[string]string{"env": "env", "Environment": "Environment", "xxx": "xxx", "<env>": "<env>", "dev": "", "prod": "", "foo-bar": "", "services": "", "": "",
		"env-name": "env-name", "the-env": "the-env", "insert-env": "insert-env", "nameofenv": "nameofenv", "env_here": "env_here", "example": "example", "each": "each", "changeme": "changeme", "replace-me": "replace-me",
		"environments": "", "service-mesh": "", "targets": "", "any-cache": "", "app": "", "stage": "", "change": ""} {
		if got := PlaceholderValue(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestPlaceholderSaid(t *testing.T) {
	for value, want := range map[string]string{"PROD": "", "EU-1": "", "prod": "", "ENV": "ENV", "ENVIRONMENT": "ENVIRONMENT", "YOUR_ENV": "YOUR_ENV", "TODO": "TODO", "$PROD": "$PROD", "<PROD>": "<PROD>", "v1.X": "v1.X", "X.Y.Z": "X.Y.Z", "__ENV__": "__ENV__"} {
		if got := PlaceholderSaid(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

// TestCheckFill: what takes the place of a placeholder is one word to a shell, which means
// itself.
func TestCheckFill(t *testing.T) {
	for value, ok := range map[string]bool{
		"prod": true, "PROD": true, "staging-2": true, "eu.west_1": true, "a/b:c@d+e": true, "9": true,
		"": false, " ": false, "ENVIRONMENT": false, "<env>": false, "env": false, "a b": false, "a\n": false, "-y": false, "a;b": false, "$(a)": false, "`a`": false,
		"a|b": false, "a&b": false, "a>b": false, "a*": false, "~": false, "a'b": false, `a"b`: false, `a\b`: false, "a=b": false, "{a,b}": false, "#a": false, "é": false,
	} {
		if err := CheckFill(value); (err == nil) != ok {
			t.Errorf("%q: %v", value, err)
		}
	}
	letters := rapid.SampledFrom([]rune("aZ09._/:@+-=,;|&<>(){}[]$`'\"\\!#%^~*? \t\n\x00é"))
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.StringOfN(letters, 0, 12, -1).Draw(r, "value")
		if CheckFill(value) != nil {
			return
		}
		file, err := syntax.NewParser().Parse(strings.NewReader("just plan "+value+" web"), "")
		if err != nil || len(file.Stmts) != 1 {
			r.Fatalf("%q: %v", value, err)
		}
		call, ok := file.Stmts[0].Cmd.(*syntax.CallExpr)
		if !ok || len(call.Args) != 4 || len(call.Assigns) > 0 || call.Args[2].Lit() != value || strings.ContainsAny(value, "*?[~\\") || value[0] == '-' {
			r.Errorf("a shell doesn't take %q for one word", value)
		}
	})
}

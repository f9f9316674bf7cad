package settings

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// credentialSources say where the credentials come from that people look for in a table
// of the settings. A file that lies beside a document is no place for them.
var credentialSources = map[string]string{
	"github":   "set GH_TOKEN or GITHUB_TOKEN, or, if gh is installed, run `gh auth login`",
	"image":    "run `docker login`; for ghcr.io, the GitHub token (GH_TOKEN) is enough",
	"airflow":  "set AIRFLOW_TOKEN, or username under [airflow] and AIRFLOW_PASSWORD; token_command under [airflow] can get a token",
	"postgres": "set PGPASSWORD, or write the password into ~/.pgpass",
}

// hintFor says what to write instead of a key that is no setting.
func hintFor(key []string) string {
	table, name := key[0], key[len(key)-1]
	if source := credentialSources[table]; source != "" && len(key) > 1 && clean.SecretName(name) {
		return "credentials aren't settings: " + source
	}
	var tables []string
	siblings := map[string][]string{} // what is below each name but the last
	for _, known := range Names() {
		parts := strings.Split(known, ".")
		if len(parts) == 1 {
			tables = append(tables, known)
		}
		above := strings.Join(parts[:len(parts)-1], ".")
		siblings[above] = append(siblings[above], parts[len(parts)-1])
	}
	above := strings.Join(key[:len(key)-1], ".")
	switch near := say.Near(name, siblings[above]); {
	case near != "" && above != "":
		return fmt.Sprintf("did you mean %q?", above+"."+near)
	case near != "":
		return fmt.Sprintf("did you mean [%s]?", near)
	case above != "" && len(siblings[above]) > 0:
		return fmt.Sprintf("[%s] has %s", above, strings.Join(siblings[above], ", "))
	}
	if i := slices.IndexFunc(Names(), func(known string) bool { return strings.HasSuffix(known, "."+name) }); i >= 0 {
		return fmt.Sprintf("did you mean %q?", Names()[i])
	}
	return "the tables are [" + strings.Join(tables, "], [") + "]"
}

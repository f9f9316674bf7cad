package practice

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A service knows neither the world that it is a part of nor the other services.
func TestServicesStandAlone(t *testing.T) {
	const here = "catalog-runbook/steps/practice"
	for _, service := range []string{"github", "airflow", "registry", "just", "postgres"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+service).Output()
		if err != nil {
			t.Fatal(err)
		}
		needs := slices.DeleteFunc(strings.Fields(string(out)), func(path string) bool {
			return !strings.HasPrefix(path, "catalog-runbook/") || path == "catalog-runbook/runbook/pattern" || path == here+"/"+service || path == here+"/state" || path == here+"/server"
		})
		if len(needs) > 0 {
			t.Errorf("%s needs %q", service, needs)
		}
	}
}

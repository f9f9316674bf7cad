package github_test

import (
	"testing"

	"catalog-runbook/steps/github"
)

func TestPart(t *testing.T) {
	for tag, want := range map[string]string{
		"v1.5.4": "", "1.5.4": "", "V1.5.4-rc1": "", "2024.01.05.10.20.30": "", "v2rc1": "", "latest": "latest",
		"web-v1.5.4": "web-", "web-2024.01.05.10.20.30": "web-", "web1.5.4": "web", "web@1.5.4": "web@", "web/v1.5.4": "web/", "web.js-v1.5.4": "web.js-", "release1.2-3": "release",
		"k8s-v1.2.0": "k8s-", "s3-sync-1.2.0": "s3-sync-", "oauth2-proxy-v7": "oauth2-proxy-", "web-v2-1": "web-",
	} {
		if got := github.Part(tag); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

func TestVersionAfter(t *testing.T) {
	for _, c := range []struct {
		later, earlier string
		want           bool
	}{
		{"v1.10.0", "v1.9.0", true}, {"v1.5.4", "1.5.3", true}, {"v1.5.4", "v1.5.4-rc1", true}, {"k8s-v1.2.0", "k8s-v1.1.0", true}, {"s3-sync-1.10", "s3-sync-1.9", true},
		{"v1.9.0", "v1.10.0", false}, {"2024.01.06", "2024.01.05", false}, {"v1.2.3.4", "v1.2.3.3", false},
	} {
		if got := github.VersionAfter(c.later, c.earlier); got != c.want {
			t.Errorf("%s after %s: got %t", c.later, c.earlier, got)
		}
	}
}

package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionLine(t *testing.T) {
	built := ", " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	for want, info := range map[string]*debug.BuildInfo{
		"catalog-runbook unknown version": nil,
		"catalog-runbook (devel)":         {Main: debug.Module{Version: "(devel)"}},
		"catalog-runbook v1.2.3":          {Main: debug.Module{Version: "v1.2.3"}},
		"catalog-runbook v1.2.3, commit " + commit.Value + " of 2026-11-28T20:00:00Z": {Main: debug.Module{Version: "v1.2.3"},
			Settings: []debug.BuildSetting{commit, {Key: "vcs.time", Value: "2026-11-28T20:00:00Z"}, {Key: "vcs.modified", Value: "false"}}},
		"catalog-runbook (devel), commit " + commit.Value + " with changes": {Main: debug.Module{Version: "(devel)"},
			Settings: []debug.BuildSetting{commit, {Key: "vcs.modified", Value: "true"}}},
	} {
		if got := versionLine(info); got != want+built {
			t.Errorf("got %q, want %q", got, want+built)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"--version"}, {"version"}, {"lint", "--version"}} {
		var out, talk strings.Builder
		code := run(append([]string{"catalog-runbook"}, args...), streams{out: &out, err: &talk, getenv: func(string) string { return "" }})
		if code != 0 || !strings.HasPrefix(out.String(), "catalog-runbook ") || strings.Count(out.String(), "\n") != 1 || talk.Len() > 0 {
			t.Errorf("%q: exit code %d, %q, %q", args, code, out.String(), talk.String())
		}
	}
}

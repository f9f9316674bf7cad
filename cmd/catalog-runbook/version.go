package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints the version in one line, as the build knows it.
func (versionCommand) Run(s streams) error {
	info, _ := debug.ReadBuildInfo() // nil without one
	_, err := fmt.Fprintln(s.out, versionLine(info))
	return err
}

// versionLine returns the version, the commit that was built, and with what. A version
// of "(devel)" or none at all is a build of a checkout that has no tag.
func versionLine(info *debug.BuildInfo) string {
	version, built := "unknown version", ""
	if info != nil {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		settings := map[string]string{}
		for _, setting := range info.Settings {
			settings[setting.Key] = setting.Value
		}
		if commit := settings["vcs.revision"]; commit != "" {
			built = ", commit " + commit
			if at := settings["vcs.time"]; at != "" {
				built += " of " + at
			}
			if settings["vcs.modified"] == "true" {
				built += " with changes"
			}
		}
	}
	return fmt.Sprintf("catalog-runbook %s%s, %s %s/%s", version, built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

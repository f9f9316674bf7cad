package doctor

import "strings"

// set says where to write a setting: a line of TOML, below the heading of its section.
func (s Setup) set(section, line string) string {
	return "write `" + line + "` under [" + section + "] in " + s.file()
}

// file names the settings file, or the one to create.
func (s Setup) file() string {
	if s.SettingsFile == "" {
		return "catalog-runbook.toml, a new file here"
	}
	return s.SettingsFile
}

// source says where an address comes from: from a setting, if it is that setting's
// value, and else from the document.
func (s Setup) source(section, key, setting, address string) string {
	if setting == "" || strings.TrimRight(setting, "/") != strings.TrimRight(address, "/") {
		return "the link in the document"
	}
	return key + " under [" + section + "] in " + s.file()
}

// quotedTOML writes a string in TOML; an address has nothing to escape.
func quotedTOML(s string) string { return `"` + s + `"` }

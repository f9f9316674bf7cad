// Package settings reads catalog-runbook.toml and gathers the credentials that the
// services are asked with.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
)

// FileName is the name of the settings file in every folder that may hold one.
const FileName = "catalog-runbook.toml"

// Load reads the named file, else the one in the working directory, else the one in
// the user's configuration folder, else none. It also returns the name of the file
// that it read.
func Load(name string) (s steps.Settings, from string, err error) {
	s = Default()
	candidates := []string{name}
	if name == "" {
		candidates = []string{FileName}
		if dir, err := os.UserConfigDir(); err == nil {
			candidates = append(candidates, filepath.Join(dir, "catalog-runbook", FileName))
		}
	}
	for _, path := range candidates {
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && name == "" {
			continue
		}
		if err != nil {
			return s, "", fmt.Errorf("reading the settings: %w", err)
		}
		if s, err = Parse(path, data); err != nil {
			return s, "", err
		}
		from = path
		break
	}
	return s, from, nil
}

// Default returns the settings of a person who has no file.
func Default() steps.Settings {
	var s steps.Settings
	s.GitHub.APIURL = github.APIURL
	s.Notify.Bell = true
	s.UI.Mouse, s.UI.Title, s.UI.Progress = true, true, true
	return s
}

// Parse decodes the data of a settings file. An unknown key is an error that names the
// line and what to write instead; a misspelt key would otherwise be a silent default.
// A relative infrastructure directory becomes absolute, relative to path's folder.
func Parse(path string, data []byte) (steps.Settings, error) {
	s := Default()
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(&s)
	var strict *toml.StrictMissingError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &strict):
		first := strict.Errors[0]
		line, _ := first.Position()
		return s, say.Hint(fmt.Errorf("%s:%d: unknown setting %q", path, line, strings.Join(first.Key(), ".")), "%s", hintFor(first.Key()))
	case errors.As(err, &decode):
		line, _ := decode.Position()
		if want, got := wrongType(data, decode.Key()); want != "" {
			return s, fmt.Errorf("%s:%d: %s must be of type %s, not %s", path, line, strings.Join(decode.Key(), "."), want, got)
		}
		return s, fmt.Errorf("%s:%d: %s", path, line, strings.TrimPrefix(decode.Error(), "toml: "))
	case err != nil:
		return s, fmt.Errorf("%s: %w", path, err)
	}
	if err := checkPlan(path, data, s); err != nil {
		return s, err
	}
	if dir := s.Infrastructure.Directory; dir != "" {
		s.Infrastructure.Directory = resolve(path, dir)
	}
	if file := s.Postgres.RootCertificate; file != "" && file != "system" {
		s.Postgres.RootCertificate = resolve(path, file)
	}
	return s, nil
}

// resolve makes dir absolute: relative to the settings file, with "~/" as the home.
func resolve(settings, dir string) string {
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(dir) {
		return dir
	}
	abs, err := filepath.Abs(filepath.Join(filepath.Dir(settings), dir))
	if err != nil {
		return dir
	}
	return abs
}

// Names returns the keys of all settings, with dots between the tables.
func Names() []string { return namesBelow(reflect.TypeFor[steps.Settings](), "") }

func namesBelow(t reflect.Type, prefix string) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := prefix + f.Tag.Get("toml")
		names = append(names, name)
		below := f.Type
		if below.Kind() == reflect.Slice {
			below = below.Elem()
		}
		if below.Kind() == reflect.Struct {
			names = append(names, namesBelow(below, name+".")...)
		}
	}
	return names
}

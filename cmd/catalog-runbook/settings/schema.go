package settings

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/triage"
)

// A schema is the part of JSON Schema that the settings need.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false, or a schema
	Items       *schema            `json:"items,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Maximum     *int               `json:"maximum,omitempty"`
}

// Schema returns a JSON Schema (https://json-schema.org/draft/2020-12) of the settings
// file, which editors check TOML with. describe returns what a setting means, by its name
// with dots. The schema accepts what Parse accepts, and some more: not everything that
// Parse demands can be said in it.
func Schema(describe func(name string) string) ([]byte, error) {
	s := schemaOf(reflect.TypeFor[steps.Settings](), "", describe)
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", "Settings of catalog-runbook ("+FileName+")"
	data, err := json.MarshalIndent(s, "", "  ")
	return append(data, '\n'), err
}

func schemaOf(t reflect.Type, name string, describe func(string) string) *schema {
	s := &schema{}
	switch t.Kind() {
	case reflect.Struct:
		s.Type, s.Additional, s.Properties = "object", false, map[string]*schema{}
		for i := range t.NumField() {
			key := t.Field(i).Tag.Get("toml")
			s.Properties[key] = schemaOf(t.Field(i).Type, strings.TrimPrefix(name+"."+key, "."), describe)
		}
	case reflect.Slice:
		s.Type, s.Items = "array", schemaOf(t.Elem(), name, describe)
		s.Items.Description = "" // it is the list's
	case reflect.Map:
		s.Type, s.Additional = "object", schemaOf(t.Elem(), "", describe)
	case reflect.Bool:
		s.Type = "boolean"
	case reflect.Int:
		least := 0
		s.Type, s.Minimum = "integer", &least
	default:
		s.Type = "string"
	}
	if t.Kind() != reflect.Slice {
		s.narrow(t, name)
	}
	if name != "" {
		s.Description = describe(name)
	}
	return s
}

// narrow adds what Parse demands of a value besides its type.
func (s *schema) narrow(t reflect.Type, name string) {
	switch t {
	case reflect.TypeFor[steps.ApplyBy]():
		s.Enum = []string{string(steps.AppliesSaved), string(steps.AppliesAsked)}
	case reflect.TypeFor[steps.Wait]():
		s.Pattern = `^([0-9.]+(h|m|s|ms))+$`
	case reflect.TypeFor[steps.PlanRule]():
		s.Required = []string{"address", "actions"}
	case reflect.TypeFor[steps.TriageRule]():
		s.Required = []string{"as", "files"}
	}
	s.Enum = append(s.Enum, words[name]...)
	switch name {
	case "airflow.url", "github.api_url":
		s.Pattern = "^https?://"
	case "postgres.port":
		most := 65535
		s.Maximum = &most
	case "plan.allow.actions", "plan.forbid.actions":
		s.Enum = append(slices.Clone(terraform.Actions), "*")
	case "triage.as":
		for class := range triage.Words {
			if class != triage.Unclaimed {
				s.Enum = append(s.Enum, string(class))
			}
		}
		slices.Sort(s.Enum)
	}
}

package openapi

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// LoadPartial reads a description as Load does, for answers that leave out what
// nobody reads: nothing is required of an object, and what it has must be as
// GitHub describes it. But for errors, it has nothing that GitHub does not describe.
func LoadPartial(path string) (*API, error) {
	a, err := Load(path)
	if err != nil {
		return nil, err
	}
	seen := map[*openapi3.Schema]bool{}
	for _, item := range a.document.Paths.Map() {
		for status, response := range item.Get.Responses.Map() {
			for _, media := range response.Value.Content {
				loosen(media.Schema, seen, strings.HasPrefix(status, "2"))
			}
		}
	}
	return a, nil
}

// loosen changes a schema in place. alone says that no other schema has to match
// the same object.
func loosen(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool, alone bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	s := ref.Value
	seen[s] = true
	s.Required = nil
	// Without what is required, more than one may match.
	s.AnyOf, s.OneOf, s.Discriminator = append(s.AnyOf, s.OneOf...), nil, nil
	if closed := false; alone && len(s.Properties) > 0 && len(s.AllOf)+len(s.AnyOf) == 0 && s.AdditionalProperties.Schema == nil {
		s.AdditionalProperties.Has = &closed
	}
	for _, property := range s.Properties {
		loosen(property, seen, true)
	}
	for _, part := range s.AllOf {
		loosen(part, seen, false)
	}
	for _, choice := range s.AnyOf {
		loosen(choice, seen, alone)
	}
	loosen(s.Items, seen, true)
	loosen(s.AdditionalProperties.Schema, seen, true)
}

package openapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// route finds the requests of one path of the description.
type route struct {
	template string
	shape    *regexp.Regexp // of an escaped path
	names    []string
}

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// numbered is how GitHub's own links name a repository.
var numbered = regexp.MustCompile(`^/repositories/[0-9]+(/|$)`)

// byName gives a path of a repository that is named by number the form that is
// described. The description has the other form only.
func byName(path string) string {
	return numbered.ReplaceAllString(path, "/repos/by/number$1")
}

// findRoutes makes the routes of all paths. The value of a parameter is one part
// of a path, but where GitHub says that it may hold slashes.
func (a *API) findRoutes() error {
	for template, item := range a.document.Paths.Map() {
		if item.Get == nil {
			return fmt.Errorf("%s has no GET", template)
		}
		r := route{template: template}
		shape := parameter.ReplaceAllStringFunc(template, func(p string) string {
			name := strings.Trim(p, "{}")
			r.names = append(r.names, name)
			described := item.Get.Parameters.GetByInAndName("path", name)
			if described != nil && described.Extensions["x-multi-segment"] == true {
				return "(.+)"
			}
			return "([^/]+)"
		})
		r.shape = regexp.MustCompile("^" + shape + "$")
		a.routes = append(a.routes, r)
	}
	slices.SortFunc(a.routes, func(x, y route) int {
		return cmp.Or(cmp.Compare(len(x.names), len(y.names)), strings.Compare(x.template, y.template))
	})
	return nil
}

func (r route) match(path string) (map[string]string, bool) {
	found := r.shape.FindStringSubmatch(path)
	if found == nil {
		return nil, false
	}
	values := map[string]string{}
	for i, name := range r.names {
		value, err := url.PathUnescape(found[i+1])
		if err != nil {
			return nil, false
		}
		values[name] = value
	}
	return values, true
}

func decode(body []byte) (map[string]any, error) {
	var value map[string]any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, fmt.Errorf("the body is no JSON object: %w", err)
	}
	if value == nil {
		return nil, errors.New("the body is null")
	}
	return value, nil
}

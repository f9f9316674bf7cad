package workflow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
)

// A push is what one step pushes.
type push struct {
	targets []string // references; empty if they aren't known
	never   bool     // for this run it pushes nothing, although it succeeds
}

// stepUse is what a step has to do with registries.
type stepUse struct {
	logins []string // hosts; "" is Docker's own
	pushes []push
	opaque bool // by its name it may push, but how can't be read
}

// use returns what a step has to do with registries.
func (s *scope) use(step *actionlint.Step) stepUse {
	within := *s
	if step.Env != nil {
		within.env = append([]map[string]*actionlint.EnvVar{step.Env.Vars}, s.env...)
	}
	switch e := step.Exec.(type) {
	case *actionlint.ExecAction:
		return within.action(e)
	case *actionlint.ExecRun:
		return within.script(e)
	}
	return stepUse{}
}

// pushActions are the inputs of actions that push an image, by the action without its
// version: those that name the registry, the image and its references. Where there is an
// input that turns pushing on, the action only builds without it.
var pushActions = map[string]struct{ registry, image, tags, on string }{
	"docker/build-push-action":                {tags: "tags", on: "push"},
	"depot/build-push-action":                 {tags: "tags", on: "push"},
	"useblacksmith/build-push-action":         {tags: "tags", on: "push"},
	"docker/bake-action":                      {on: "push"},
	"depot/bake-action":                       {on: "push"},
	"redhat-actions/push-to-registry":         {registry: "registry", image: "image"},
	"elgohr/publish-docker-github-action":     {registry: "registry", image: "name"},
	"whoan/docker-build-with-cache-action":    {registry: "registry", image: "image_name"},
	"mr-smithers-excellent/docker-build-push": {registry: "registry", image: "image"},
	"int128/docker-manifest-create-action":    {tags: "tags"},
	"noelware/docker-manifest-action":         {tags: "inputs"},
	"akhilerm/tag-push-action":                {tags: "dst"},
}

func (s *scope) action(e *actionlint.ExecAction) stepUse {
	uses, _, _ := strings.Cut(e.Uses.Value, "@")
	name := strings.ToLower(uses)
	input := func(key string) *actionlint.String {
		if in, ok := e.Inputs[key]; ok && key != "" {
			return in.Value
		}
		return nil
	}
	switch name {
	case "docker/login-action", "redhat-actions/podman-login", "azure/docker-login":
		return stepUse{logins: []string{s.text(cmp.Or(input("registry"), input("login-server")))}}
	case "aws-actions/amazon-ecr-login":
		return stepUse{logins: []string{gap}}
	}
	how, ok := pushActions[name]
	if !ok {
		return stepUse{opaque: strings.HasPrefix(uses, "./") && maybePushes(uses)}
	}
	p := push{}
	if how.on != "" {
		outputs := s.text(input("outputs")) + s.text(input("set"))
		on, known := s.flag(input(how.on))
		exported := strings.Contains(outputs, "type=registry") || strings.Contains(outputs, "push=true")
		p.never = known && !on && !exported && !strings.Contains(outputs, gap)
		for _, field := range strings.FieldsFunc(outputs, func(r rune) bool { return r == ',' || r == '\n' || r == '"' }) {
			if at, ok := strings.CutPrefix(strings.TrimSpace(field), "name="); ok {
				p.targets = append(p.targets, at)
			}
		}
		if input(how.on) == nil && !exported {
			return stepUse{} // a build, as for a test
		}
	}
	if how.tags != "" {
		p.targets = append(p.targets, strings.FieldsFunc(s.text(input(how.tags)), func(r rune) bool { return r == ',' || r == '\n' })...)
	}
	if how.image != "" {
		target := s.text(input(how.image))
		if host := s.text(input(how.registry)); host != "" {
			target = strings.TrimSuffix(host, "/") + "/" + target
		}
		p.targets = append(p.targets, target)
	}
	p.targets = slices.DeleteFunc(p.targets, func(t string) bool { return strings.TrimSpace(t) == "" })
	return stepUse{pushes: []push{p}}
}

// metadata returns what the output "tags" of docker/metadata-action names, for the steps
// of a job that have an id: its images with tags that aren't known.
func (s *scope) metadata(steps []*actionlint.Step) map[string]string {
	names := map[string]string{}
	for _, step := range steps {
		e, ok := step.Exec.(*actionlint.ExecAction)
		if !ok || step.ID == nil || e.Uses == nil || !strings.HasPrefix(strings.ToLower(e.Uses.Value), "docker/metadata-action@") {
			continue
		}
		var tags []string
		if in, ok := e.Inputs["images"]; ok {
			for _, name := range strings.FieldsFunc(s.text(in.Value), func(r rune) bool { return r == ',' || r == '\n' }) {
				name = strings.TrimPrefix(strings.TrimSpace(name), "name=")
				if name != "" && !strings.HasPrefix(name, "enable=") {
					tags = append(tags, name+":"+gap)
				}
			}
		}
		names[strings.ToLower(step.ID.Value)] = strings.Join(tags, "\n")
	}
	return names
}

package github

import (
	"regexp"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// These match words in the name of a job or a step.
var (
	publishing = word(`publish(?:es|ed|ing)?|push(?:es|ed|ing)?`)
	releasing  = word(`releas(?:es?|ed|ing)|promot(?:es?|ed|ing)`)
	ofImage    = word(`images?|docker|oci|containers?`)
	ofRegistry = word(`registry|ghcr|dockerhub|ecr`)
	// ofOther are things that are published besides an image, also to its registry.
	ofOther = word(`notes|changelog|docs?|documentation|coverage|reports?|results?|pages|site|website|storybook|pypi|npm|helm|charts?|sbom|signatures?|attestations?|cache`)
	// relays matches the name of what only starts, awaits or looks at a publication.
	relays = pattern.Lazy(`(?i)^(?:.* / )?(?:re-?)?(?:trigger|dispatch|notif|announce|request|check|verif|test|smoke|scan|sign|attest|wait|plan|prepare|clean|delete|remove|skip|should)|dry.?run`)
	joined = word(`and`) // "Test and push the image"
	// plain are words that say nothing about what is published.
	plain = word(`publish(?:es|ed|ing)?|push(?:es|ed|ing)?|build(?:s|ing)?|deploy|and|to|the|for|job|stage|step|ci|cd|all|new|final|prod|production|main|latest|versions?|tags?|(?:linux|amd|arm|x|v)\d*|linux|multi|arch|platform|matrix`)
)

func word(of string) func() *regexp.Regexp {
	return pattern.Lazy(`(?i)(?:^|[^a-z])(?:` + of + `)(?:$|[^a-z])`)
}

// PublishesImage reports whether a job's name says that the job publishes the image. A
// release isn't an image, and neither are its notes or a chart; and what triggers a
// publication doesn't publish. A name that says "publish", and not what, is taken to
// mean the image.
func PublishesImage(name string) bool {
	if relays().MatchString(name) && !joined().MatchString(name) {
		return false
	}
	if ofImage().MatchString(name) {
		return publishing().MatchString(name) || releasing().MatchString(name)
	}
	if ofOther().MatchString(name) {
		return false
	}
	if ofRegistry().MatchString(name) {
		return publishing().MatchString(name) || releasing().MatchString(name)
	}
	return publishing().MatchString(name) && nothingElse(name)
}

// nothingElse reports whether all words of a name are plain ones.
func nothingElse(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	for _, w := range words {
		if !plain().MatchString(w) && strings.Trim(w, "0123456789") != "" {
			return false
		}
	}
	return true
}

// ConcernsImage reports whether a job's name is about the image or its registry.
func ConcernsImage(name string) bool {
	return ofImage().MatchString(name) || ofRegistry().MatchString(name)
}

// SkippedPush returns the name of a step of the job that pushes the image, or logs in for
// that, if all such steps were skipped; "" otherwise, and if no name of a step says so.
// A job succeeds although all of its steps were skipped by a condition.
func (j Job) SkippedPush() string {
	for _, about := range []func(string) bool{pushes, ConcernsImage} {
		all, skipped, name := 0, 0, ""
		for _, s := range j.Steps {
			if !about(s.Name.String()) || strings.HasPrefix(s.Name.String(), "Post ") {
				continue // GitHub adds "Post ..." for what a step has to tidy up
			}
			all++
			if s.Conclusion == "skipped" {
				skipped, name = skipped+1, s.Name.String()
			}
		}
		if all > 0 {
			if all == skipped {
				return name
			}
			return ""
		}
	}
	return ""
}

// pushes reports whether the name of a step says that it pushes something.
func pushes(name string) bool { return publishing().MatchString(name) && !ofOther().MatchString(name) }

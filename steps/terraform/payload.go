package terraform

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// payloads are, for each type that runs containers or describes what does, the
// attributes that say what it runs.
var payloads = map[string][]string{
	"aws_instance":                  {"user_data", "user_data_base64"},
	"aws_spot_instance_request":     {"user_data", "user_data_base64"},
	"aws_launch_template":           {"user_data"},
	"aws_launch_configuration":      {"user_data", "user_data_base64"},
	"aws_ecs_task_definition":       {"container_definitions"},
	"azurerm_linux_virtual_machine": {"custom_data", "user_data"},
	"null_resource":                 {"triggers"},
	"terraform_data":                {"triggers_replace"},
}

// PayloadAttributes returns the attributes of a resource type that say what it runs.
func PayloadAttributes(kind string) []string { return payloads[kind] }

// Payload is the value of an attribute that says what a resource runs, before and after
// a change. It may be sensitive, and is only compared.
type Payload struct {
	Attribute string
	Changed   bool
	// Unknown says that the value is known only after the apply.
	Unknown bool
	// Hidden says that a text doesn't show the value, or not all of it.
	Hidden bool
	// Shown are the differences that a text shows of a hidden value, such as the
	// elements of a list that change.
	Shown []Edit
	// Sensitive says that nothing but a version may be shown of it.
	Sensitive bool

	hash  bool
	edit  Edit
	lines []string // after
}

// NewPayload returns the payload of an attribute whose value was before, and is after.
// It decodes base64, and gzip in it.
func NewPayload(attribute, before, after string) Payload {
	p := Payload{Attribute: attribute, Changed: before != after, hash: hashes().MatchString(after)}
	before, after = decoded(before), decoded(after)
	p.lines = strings.Split(after, "\n")
	p.edit = EditOf(before, after)
	p.edit.Named = true
	return p
}

// hashes matches MD5, SHA-1, SHA-256 and SHA-512 in hex. The AWS provider keeps the
// SHA-1 of user_data in the state before its version 6.
var hashes = pattern.Lazy(`^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$`)

// maxDecoded is the most bytes that are decoded of a payload. User data has at most 16 KiB.
const maxDecoded = 1 << 20

// decoded returns what a value in base64 stands for, gunzipped if it is a gzip file, or
// the value itself if that isn't text.
func decoded(value string) string {
	const shortest = 8 // bytes; shorter values look like ordinary words
	trimmed := strings.TrimSpace(value)
	if len(trimmed) < shortest || len(trimmed) > maxDecoded {
		return value
	}
	raw, err := base64.StdEncoding.DecodeString(trimmed)
	if err != nil {
		return value
	}
	if zipped, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
		if text, err := io.ReadAll(io.LimitReader(zipped, maxDecoded)); err == nil {
			raw = text
		}
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 {
		return value
	}
	return string(raw)
}

// EditOf returns the lines that differ between two values.
func EditOf(was, is string) Edit {
	var e Edit
	count := map[string]int{}
	for line := range strings.SplitSeq(is, "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(was, "\n") {
		if count[line]--; count[line] < 0 {
			e.Removed = append(e.Removed, line)
		}
	}
	for line := range strings.SplitSeq(is, "\n") {
		if count[line] > 0 {
			count[line]--
			e.Added = append(e.Added, line)
		}
	}
	return e
}

// versionOf returns a finding about the version that a change sets. A payload decides
// over other attributes, such as tags: it says what runs. The finding's rule is "" if
// nothing shows the version, and ruleUncertain if a text hides what the JSON would show.
func versionOf(c Change, release string) Finding {
	s := shapeOf(release)
	f := Finding{Rule: ruleVersion, Address: clean.Line(c.Address), Actions: c.Actions()}
	say := func(blocks bool, format string, args ...any) Finding {
		f.Blocks, f.Text = blocks, clean.Linef(format, args...)
		return f
	}
	var stays, hash *Payload
	hidden := len(c.Payloads) == 0 && c.Hidden && c.Action != Create && len(payloads[c.Type]) > 0
	carried := false
	for i := range c.Payloads {
		p := &c.Payloads[i]
		hidden = hidden || p.Hidden
		found, instead := versions(append([]Edit{p.edit}, p.Shown...), release)
		switch {
		case found:
			return say(false, "%s sets %s", c.Address, release)
		case len(instead) > 0:
			return say(true, "%s sets %s, not %s", c.Address, p.shown(instead, s), release)
		case p.Unknown, p.Hidden:
			continue
		}
		named, others := s.named(p.lines)
		switch {
		case named:
			carried = true
		case len(others) > 0:
			return say(true, "%s of %s still names %s, not %s", p.Attribute, c.Address, p.shown(others, s), release)
		case p.hash && p.Changed:
			hash = p
		case !p.Changed:
			stays = p
		}
	}
	found, instead := versions(c.Edits, release)
	switch {
	case c.Action == Update && rollouts[c.Type] == rests: // it deploys nothing, whatever it names
	case carried:
		return say(false, "%s names %s already", c.Address, release)
	case stays != nil && stays.hash:
		return say(true, "%s of %s is a hash, and stays the same, so that the version stays too", stays.Attribute, c.Address)
	case stays != nil && !found:
		return say(true, "%s of %s stays the same, and does not name %s", stays.Attribute, c.Address, release)
	}
	switch {
	case hidden && (found || len(instead) == 0):
		f.Rule = ruleUncertain
		return say(true, "the text does not show which version %s sets; hint: give the JSON of the plan", c.Address)
	case found:
		return say(false, "%s sets %s", c.Address, release)
	case len(instead) > 0:
		return say(true, "%s sets %s, not %s", c.Address, list(instead), release)
	case hash != nil:
		return say(false, "%s of %s changes, and is a hash, which does not show the version", hash.Attribute, c.Address)
	}
	f.Rule = ""
	return f
}

// shown lists versions for the screen: of a sensitive payload only what has the shape of
// the release, and of that only the numbers.
func (p *Payload) shown(versions []string, s shape) string {
	if !p.Sensitive {
		return list(versions)
	}
	var all []string
	for _, v := range versions {
		if s.is(v) && s.like != nil {
			core, _, _ := strings.Cut(v, "-")
			core, _, _ = strings.Cut(core, "_")
			if s.is(core) {
				all = append(all, core)
			}
		}
	}
	if len(all) == 0 {
		return "another version"
	}
	return list(all)
}

// named reports whether lines name the release, and else which other versions.
func (s shape) named(lines []string) (found bool, others []string) {
	listed := map[string]bool{}
	for _, line := range lines {
		for _, span := range tagWord().FindAllStringIndex(line, -1) {
			switch v, _ := s.in(line[span[0]:span[1]]); {
			case v == "":
			case v == s.release:
				return true, nil
			case !listed[v] && len(others) < maxInstead:
				others, listed[v] = append(others, v), true
			}
		}
	}
	return false, others
}

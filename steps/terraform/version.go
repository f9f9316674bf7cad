package terraform

import (
	"fmt"
	"regexp"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// version adds a finding about the version that the service's instance would get, as
// far as the plan shows it; often it shows only a hash. It considers the words that are
// added and either have the shape of the release or replace such a word. If there are
// any, the release must be among them. What a payload names without changing counts too.
func (t *judging) version() {
	if t.Release == "" {
		return
	}
	var silent []Change
	shown := false
	for _, c := range t.plan.Changes {
		if !t.instance(c) || c.Action != Update && c.Action != Replace && c.Action != Create {
			continue
		}
		switch f := versionOf(c, t.Release); {
		case f.Rule == "":
			silent = append(silent, c)
		case f.Rule == ruleUncertain:
			t.doubts = append(t.doubts, f)
		case f.Blocks:
			t.forbidden = append(t.forbidden, f)
		default:
			t.notes, shown = append(t.notes, f), true
		}
	}
	if !shown && len(silent) > 0 {
		t.note(ruleVersion, "the plan does not show which version %s sets", silent[0].Address)
	}
}

func list(all []string) string {
	const most = 3
	if n := len(all) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), n)
	}
	return strings.Join(all, ", ")
}

// tagWord matches the tag of an image, which a version must be (OCI distribution
// specification, "Pulling manifests").
var tagWord = pattern.Lazy(`[A-Za-z0-9_][A-Za-z0-9._-]*`)

// maxInstead is the most other versions that are listed for one change.
const maxInstead = 100

// versions reports whether edits add the release. If they don't, it returns the other
// versions that they add, at most maxInstead.
func versions(edits []Edit, release string) (found bool, instead []string) {
	s := shapeOf(release)
	was, listed := map[string]bool{}, map[string]bool{}
	for _, e := range edits {
		for _, line := range e.Removed {
			for _, span := range tagWord().FindAllStringIndex(line, -1) {
				v, _ := s.in(line[span[0]:span[1]])
				was[v] = true
			}
		}
	}
	for _, e := range edits {
		gaps := e.gaps(s)
		for _, line := range e.Added {
			for _, span := range tagWord().FindAllStringIndex(line, -1) {
				w := line[span[0]:span[1]]
				v, at := s.in(w)
				if v == release {
					return true, nil
				}
				if v == "" {
					v = strings.TrimRight(w, "._-") // it may still replace a version
				}
				if len(instead) == maxInstead || was[v] || listed[v] {
					continue
				}
				if s.is(v) || len(gaps) > 0 && gaps[gap(line, span[0]+at, len(v))] {
					instead, listed[v] = append(instead, v), true
				}
			}
		}
	}
	return false, instead
}

// gaps returns the removed lines that have a version, with a hole in its place. A line
// that is nothing but a version counts only if it is the whole value.
func (e Edit) gaps(s shape) map[string]bool {
	all := map[string]bool{}
	alone := e.Named && len(e.Removed) == 1 && len(e.Added) == 1
	for _, line := range e.Removed {
		for _, span := range tagWord().FindAllStringIndex(line, -1) {
			v, at := s.in(line[span[0]:span[1]])
			if g := gap(line, span[0]+at, len(v)); v != "" && g != "" && (alone || strings.Trim(g, hole+"\" ") != "") {
				all[g] = true
			}
		}
	}
	return all
}

// hole replaces a word that was cut out. A value that contains it could at worst make
// two lines look alike, which blocks the plan.
const hole = "\x00"

// gap returns a line with a hole in place of a word, "" for a line that is too long to
// compare.
func gap(line string, at, length int) string {
	const most = 4 << 10
	if len(line) > most {
		return ""
	}
	return line[:at] + hole + line[at+length:]
}

// shape recognizes words that look like a release.
type shape struct {
	release string
	like    *regexp.Regexp // nil if only the release itself does
}

var numbered = pattern.Lazy(`^([A-Za-z][A-Za-z_-]*)?\d+((?:\.\d+)+)(?:[-_].*)?$`)

// shapeOf returns the shape of a release. That of "v1.5.4" is "v" and three numbers,
// optionally followed by a hyphen and a suffix. A commit hash has no shape, because
// there are hashes of many other things.
func shapeOf(release string) shape {
	s := shape{release: release}
	if m := numbered().FindStringSubmatch(release); m != nil {
		s.like = regexp.MustCompile(fmt.Sprintf(`^%s\d+(?:\.\d+){%d}(?:[-_][0-9A-Za-z._-]*)?$`, regexp.QuoteMeta(m[1]), strings.Count(m[2], ".")))
	}
	return s
}

func (s shape) is(v string) bool {
	const shortest = 7 // bytes; shorter releases look like ordinary words
	if s.like == nil {
		return v == s.release && len(v) >= shortest
	}
	return s.like.MatchString(v)
}

// in returns the version in a word and its offset: the whole word, or the part after a
// hyphen or underscore, as in "catalog-v1.5.4".
func (s shape) in(w string) (v string, at int) {
	w = strings.TrimRight(w, "._-")
	for {
		if s.is(w[at:]) {
			return w[at:], at
		}
		next := strings.IndexAny(w[at:], "-_")
		if next < 0 {
			return "", 0
		}
		at += next + 1
	}
}

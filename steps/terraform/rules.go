package terraform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Rule is something that a person allows a plan to do, or forbids. It applies to the
// changes whose whole address matches the pattern, and to the actions that it names.
//
// In a pattern, "*" matches any characters, including dots, brackets and quotes; every
// other character matches itself. So "aws_instance.a" is one resource,
// "aws_instance.a[*]" are its instances, and "module.a.*" is everything in a module.
// The actions are those in Actions, or "*" for any of them. To allow an action of a
// provider takes the word "invoke" and the address of the action. No rule applies to a
// change that isn't understood.
type Rule struct {
	Address string
	Actions []string
	// Attributes limit the rule to changes of attributes of a resource: it allows an
	// update that changes no others, and forbids an update or a replacement that changes
	// any of them. None limit nothing.
	Attributes []string
}

// Actions are the words that a Rule can name.
var Actions = []string{
	string(Create), string(Update), string(Delete), string(Replace), string(Forget), string(Import), string(Move), string(Read), Invoke,
}

const anything = "*"

// CheckAction returns an error for a word that isn't an action of a Rule.
func CheckAction(word string) error {
	if word == anything || slices.Contains(Actions, word) {
		return nil
	}
	return fmt.Errorf("there is no action %q; hint: write %s or \"*\"", word, strings.Join(Actions, ", "))
}

// CheckAttributes returns an error for a rule that its attributes keep from ever
// applying. allow says that it is to allow something.
func CheckAttributes(r Rule, allow bool) error {
	if len(r.Attributes) == 0 {
		return nil
	}
	for _, name := range r.Attributes {
		if !IsIdentifier(name) {
			return fmt.Errorf("%q isn't an attribute of a resource; hint: name it without what is below it, such as \"tags\"", name)
		}
	}
	switch {
	case r.names(string(Update)), !allow && r.names(string(Replace)):
		return nil
	case allow:
		return errors.New("attributes limit what an update may change; hint: write actions = [\"update\"]")
	}
	return errors.New("attributes limit updates and replacements; hint: write actions = [\"update\", \"replace\"]")
}

// CheckAddress returns an error for a pattern that can't match any address, since such
// a rule would never apply.
func CheckAddress(pattern string) error {
	if pattern == "" {
		return errors.New("the address is empty; hint: write one as a plan shows it, with \"*\" for any characters")
	}
	if !strings.Contains(pattern, anything) {
		if _, ok := ParseAddress(pattern); ok || IsAction(pattern) {
			return nil
		}
		if _, ok := ParseAddress(pattern + ".a"); ok {
			return fmt.Errorf("%q isn't the address of a resource; hint: did you mean \"%s.*\"?", pattern, pattern)
		}
		return fmt.Errorf("%q isn't the address of a resource; hint: write one as a plan shows it, with \"*\" for any characters", pattern)
	}
	quoted := false
	for i, r := range pattern {
		switch {
		case r == '"' && (i == 0 || pattern[i-1] != '\\'):
			quoted = !quoted
		case !quoted && strings.ContainsRune("?{}()|+^$\\,;:'` \t\r\n", r):
			return fmt.Errorf("%q can't match an address, which never has %q outside of a key; hint: only \"*\" stands for other characters", pattern, r)
		}
	}
	return nil
}

// covers reports whether the rule applies to an action on an address.
func (r Rule) covers(word, address string) bool {
	return r.names(word) && glob(r.Address, address)
}

func (r Rule) names(word string) bool {
	return word != string(Unclear) && (slices.Contains(r.Actions, anything) || slices.Contains(r.Actions, word))
}

// within reports whether the rule's attributes are all that an action of a change
// changes. It isn't if that isn't known.
func (r Rule) within(c Change, word string) bool {
	if len(r.Attributes) == 0 {
		return true
	}
	return word == string(Update) && len(c.Attributes) > 0 &&
		!slices.ContainsFunc(c.Attributes, func(name string) bool { return !slices.Contains(r.Attributes, name) })
}

// concerns reports whether a change may change any of the rule's attributes.
func (r Rule) concerns(c Change) bool {
	return len(r.Attributes) == 0 || (c.Action == Update || c.Action == Replace) && (len(c.Attributes) == 0 || changesAny(c, r.Attributes...))
}

// spells reports whether the pattern matches the address and contains its full type, so
// that the person who wrote it knew what it allows.
func (r Rule) spells(address, kind string) bool {
	a, ok := ParseAddress(address)
	if !ok || a.Type != kind {
		return false
	}
	before, after := address[:a.typeAt], address[a.typeAt+len(kind):]
	for from := 0; ; {
		at := strings.Index(r.Address[from:], kind+".")
		if at < 0 {
			return false
		}
		at += from
		head, tail := r.Address[:at], r.Address[at+len(kind):]
		if (head == "" || head[len(head)-1] == '.') && glob(head, before) && glob(tail, after) {
			return true
		}
		from = at + 1
	}
}

// glob reports whether a pattern, in which "*" matches any characters, matches the
// whole of s. Its time is at most proportional to the product of the two lengths.
func glob(pattern, s string) bool {
	star, mark := -1, 0 // the last "*", and the end of what it matches
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], anything) == ""
}

// ruleWords returns the actions of a change as a Rule names them. A change may have
// several: a resource that is moved or imported can be changed too.
func ruleWords(c Change) []string {
	all := []string{string(c.Action)}
	if c.Creates {
		all = append(all, string(Create))
	}
	if c.Imported && c.Action != Import {
		all = append(all, string(Import))
	}
	if c.Previous != "" && c.Action != Move {
		all = append(all, string(Move))
	}
	return all
}

// forbids returns the pattern that forbids a change. A replacement destroys and
// creates, so a rule against either forbids it. A resource that moves is matched by
// its old address too.
func (p Policy) forbids(c Change) (pattern string, ok bool) {
	all := ruleWords(c)
	if c.Action == Replace {
		all = append(all, string(Delete), string(Create))
	}
	for _, rule := range p.Forbid {
		for _, word := range all {
			if rule.concerns(c) && slices.ContainsFunc(c.addresses(), func(address string) bool { return rule.covers(word, address) }) {
				return rule.Address, true
			}
		}
	}
	return "", false
}

// allows returns the pattern that allows an action of a change. A "*" that happens to
// match the type doesn't allow changes of a database or of what holds data. A resource
// that moves has to be allowed at its old address too.
func (p Policy) allows(c Change, word string) (pattern string, ok bool) {
	guarded := p.database(c) || p.storage(c)
	for _, address := range c.addresses() {
		kind := c.Type
		if address == c.Previous {
			kind = typeOf(address)
		}
		i := slices.IndexFunc(p.Allow, func(rule Rule) bool {
			return rule.covers(word, address) && rule.within(c, word) && (!guarded || rule.spells(address, kind))
		})
		if i < 0 {
			return "", false
		}
		if pattern == "" {
			pattern = p.Allow[i].Address
		}
	}
	return pattern, true
}

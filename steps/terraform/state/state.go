// Package state compares what Terraform's state holds after an apply with what the plan
// said that it would hold.
package state

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
)

// Comparison is what Compare found. The apply did what the plan said if there are no
// Differences.
type Comparison struct {
	Resources   int          // how many resources of the state were compared
	Changed     int          // how many of them the plan changes, and those that it removes
	Differences []clean.Text // at most 100, each a sentence without its full stop
	More        int          // those that aren't in Differences
}

const mostDifferences = 100

// errNoState is returned by Compare if the JSON isn't a state.
var errNoState = errors.New("reading the state: it isn't the output of `show -json`")

// Compare reads the JSON of a complete plan and that of a state, both as `show -json`
// prints them (Terraform documentation, "JSON Output Format"), and returns where the
// state isn't what applying that plan leaves:
//
//   - a resource that the plan doesn't have, or one that it has and the state doesn't;
//   - a resource that the plan leaves as it is, and that isn't as it was. A saved plan is
//     applied without a refresh, so even what changed by itself in the meantime is
//     written as it was when the plan was made;
//   - an attribute that the plan changes, and that doesn't have its new value, as far as
//     that was known;
//   - a resource that the plan replaces, and that is still the same;
//   - an output with another value.
//
// Other attributes of a resource that the plan changes aren't compared: a provider with
// the older SDK may set them otherwise than planned. Values are compared in memory and
// are in no Difference. Compare returns an error if it can't read the JSON.
func Compare(plan, state io.Reader) (Comparison, error) {
	c := comparer{expected: map[key]*expectation{}, outputs: map[string]output{}}
	if err := c.plan(plan); err != nil {
		return Comparison{}, fmt.Errorf("reading the plan: %w", err)
	}
	if err := c.state(state); err != nil {
		return Comparison{}, fmt.Errorf("reading the state: %w", err)
	}
	c.missing()
	return c.found, nil
}

// key identifies an object in a state: deposed is the key of a deposed one.
type key struct{ address, deposed string }

func (k key) String() string {
	if k.deposed != "" {
		return k.address + " (deposed object " + k.deposed + ")"
	}
	return k.address
}

// expectation is what a plan says of an object.
type expectation struct {
	gone     bool     // it is not to be there
	same     bool     // it is to stay as it is
	replaced bool     // it is to be another one
	before   hash     // of its values before
	want     []wanted // what is to change
	seen     bool     // the state has it
}

// wanted is the new value of an attribute. unknown marks what isn't known of it.
type wanted struct {
	name           string
	value, unknown jsontext.Value
}

type output struct {
	value, unknown jsontext.Value
	gone, seen     bool
}

type hash [sha256.Size]byte

// hashOf returns the hash of a value's canonical form.
func hashOf(v jsontext.Value) hash { return sha256.Sum256(canonical(v)) }

// canonical returns a copy of a value in the canonical form of RFC 8785, or the value
// itself if it has none.
func canonical(v jsontext.Value) jsontext.Value {
	c := slices.Clone(v)
	if c.Canonicalize() != nil {
		return v
	}
	return c
}

type comparer struct {
	expected map[key]*expectation
	outputs  map[string]output
	found    Comparison
}

func (c *comparer) differ(format string, args ...any) {
	if len(c.found.Differences) == mostDifferences {
		c.found.More++
		return
	}
	c.found.Differences = append(c.found.Differences, clean.Linef(format, args...))
}

// missing adds what is in the plan only.
func (c *comparer) missing() {
	var lost []string
	for k, e := range c.expected {
		switch {
		case e.gone && !e.seen:
			c.found.Changed++
		case !e.seen:
			lost = append(lost, k.String())
		}
	}
	slices.Sort(lost)
	for _, name := range lost {
		c.differ("%s is not in the state", name)
	}
	lost = lost[:0]
	for name, o := range c.outputs {
		if !o.seen && !o.gone && o.value.Kind() != 'n' && !bytes.Contains(o.unknown, []byte("true")) { // a state has no null
			lost = append(lost, name)
		}
	}
	slices.Sort(lost)
	for _, name := range lost {
		c.differ("the output %s is not in the state", name)
	}
}

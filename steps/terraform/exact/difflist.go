package exact

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// pair is a place in each of two lists; -1 where one has none.
type pair struct {
	before, after int
	same          bool
}

// align finds what stays in a list, and pairs what else stands between, first with
// first. Fits tells whether two that differ may be a pair.
func align(before, after []string, fits func(i, j int) bool) []pair {
	var pairs []pair
	i, j := 0, 0
	for _, diff := range append(lcs.DiffLines(before, after), lcs.Diff{Start: len(before), ReplStart: len(after)}) {
		for ; i < diff.Start; i, j = i+1, j+1 {
			pairs = append(pairs, pair{i, j, true})
		}
		for i < diff.End || j < diff.ReplEnd {
			switch {
			case i < diff.End && j < diff.ReplEnd && fits(i, j):
				pairs = append(pairs, pair{i, j, false})
				i, j = i+1, j+1
			case i < diff.End:
				pairs = append(pairs, pair{i, -1, false})
				i++
			default:
				pairs = append(pairs, pair{-1, j, false})
				j++
			}
		}
	}
	return pairs
}

// elements compares two lists, either of which may be absent. A set is a list in
// JSON: nothing tells them apart.
func (d *differ) elements(depth int, before, after sided, forcing []*trigger) {
	olds, news := before.elements(), after.elements()
	was, is := make([]string, len(olds)), make([]string, len(news))
	for i, s := range olds {
		was[i] = s.key()
	}
	for i, s := range news {
		if is[i] = s.key(); marks(s.unknown) {
			is[i] = fmt.Sprintf("unknown %d", i) // it is equal to none
		}
	}
	fits := func(i, j int) bool {
		return len(olds) == len(news) || kind(olds[i].raw) == kind(news[j].raw) && olds[i].shape() != '0'
	}
	same := 0
	for _, p := range align(was, is, fits) {
		if d.full {
			return
		}
		var was, is sided
		index := p.after
		if p.after >= 0 {
			is = news[p.after]
		} else {
			index = p.before
		}
		if p.before >= 0 {
			was = olds[p.before]
		}
		at := step{index: index}
		if !d.part(depth, at, was, is, inside(forcing, depth, at)) {
			same++
		}
	}
	d.unchanged(depth, same, "element")
}

// elements are the parts of a list. One that is not known yet is null in it, or
// missing.
func (s sided) elements() []sided {
	var all []sided
	for raw := range elements(s.raw) {
		all = append(all, sided{raw: raw})
	}
	i := 0
	for mark := range elements(s.mark) {
		if i < len(all) {
			all[i].mark = mark
		}
		i++
	}
	i = 0
	for unknown := range elements(s.unknown) {
		if i == len(all) {
			all = append(all, sided{})
		}
		all[i].unknown = unknown
		i++
	}
	return all
}

// text compares two texts line by line, either of which may be absent. Of what
// stays the same a line or two are shown around what changes.
func (d *differ) text(depth int, before, after sided) {
	olds, news := textLines(before.raw), textLines(after.raw)
	if ends(olds) && ends(news) {
		olds, news = olds[:max(0, len(olds)-1)], news[:max(0, len(news)-1)]
	}
	pairs := align(olds, news, func(i, j int) bool { return false })
	const around = 2
	for i := 0; i < len(pairs) && !d.full; {
		run := 0
		for i+run < len(pairs) && pairs[i+run].same {
			run++
		}
		for k := range run {
			left, right := run, run // how far it is to what changes
			if i > 0 {
				left = k
			}
			if i+run < len(pairs) {
				right = run - 1 - k
			}
			switch {
			case run <= 2*around || left < around || right < around:
				d.add(terraform.Line{Depth: depth, Mark: terraform.Same, After: excerpt(olds[pairs[i+k].before], 0)})
			case k == 0 || left == around:
				n := run - around
				if i > 0 && i+run < len(pairs) {
					n = run - 2*around
				}
				d.add(terraform.Line{Depth: depth, Mark: terraform.Same, After: clean.Linef("(%d unchanged lines)", n)})
			}
		}
		if i += run; i == len(pairs) {
			break
		}
		if p := pairs[i]; p.before >= 0 {
			d.add(terraform.Line{Depth: depth, Mark: terraform.Removed, Before: excerpt(olds[p.before], 0)})
		} else {
			d.add(terraform.Line{Depth: depth, Mark: terraform.Added, After: excerpt(news[p.after], 0)})
		}
		i++
	}
}

// ends reports whether a text's last line has its end, or there is no text.
func ends(lines []string) bool { return len(lines) == 0 || lines[len(lines)-1] == "" }

// textLines are the lines of a string; none where there is no string. Secrets are
// masked before it is cut into lines.
func textLines(raw []byte) []string {
	text, ok := word(raw)
	if !ok {
		return nil
	}
	return strings.Split(clean.Masked(text), "\n")
}

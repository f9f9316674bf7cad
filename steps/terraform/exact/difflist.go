package exact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// pair is an index into each of two lists, -1 for no element.
type pair struct {
	before, after int
	same          bool
}

// align pairs the equal elements of two lists, and between those the others in order.
// fits reports whether two elements that differ may be a pair.
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

// elements compares two lists, either of which may be absent. A set looks the same in
// JSON.
func (d *differ) elements(depth int, before, after sided, forcing []*trigger) {
	olds, news := before.elements(), after.elements()
	was, is := make([]string, len(olds)), make([]string, len(news))
	for i, s := range olds {
		was[i] = s.key()
	}
	for i, s := range news {
		if is[i] = s.key(); marks(s.unknown) {
			is[i] = fmt.Sprintf("unknown %d", i) // equal to no other element
		}
	}
	fits := func(i, j int) bool {
		return len(olds) == len(news) || kind(olds[i].raw) == kind(news[j].raw) && olds[i].shape() != '0'
	}
	if reordered(was, is) {
		d.add(terraform.Line{Depth: depth, Mark: terraform.Same, After: clean.Linef("(%s)", terraform.Reordered)})
	}
	same := 0
	for _, p := range align(was, is, fits) {
		if d.full {
			return
		}
		index := p.after
		if index < 0 {
			index = p.before
		}
		if !d.part(depth, step{index: index}, at(olds, p.before), at(news, p.after), forcing) {
			same++
		}
	}
	d.unchanged(depth, same, "element")
}

// reordered reports whether two lists have the same elements in another order.
func reordered(was, is []string) bool {
	return len(was) == len(is) && !slices.Equal(was, is) && slices.Equal(slices.Sorted(slices.Values(was)), slices.Sorted(slices.Values(is)))
}

// elements returns the elements of a list, including those that aren't known yet,
// which are null or missing in the list.
func (s sided) elements() []sided {
	raw, mark, unknown := slices.Collect(elements(s.raw)), slices.Collect(elements(s.mark)), slices.Collect(elements(s.unknown))
	all := make([]sided, max(len(raw), len(unknown)))
	for i := range all {
		all[i] = sided{raw: at(raw, i), mark: at(mark, i), unknown: at(unknown, i)}
	}
	return all
}

// at returns an element of a list, the zero value if there is none.
func at[T any](list []T, i int) (element T) {
	if i >= 0 && i < len(list) {
		return list[i]
	}
	return element
}

// around is how many unchanged lines of a text are shown before and after a change.
const around = 2

// text compares two texts line by line, either of which may be absent. Unchanged
// lines are shown only around a change.
func (d *differ) text(depth int, before, after sided) {
	olds, news := textLines(before.raw), textLines(after.raw)
	if ends(olds) && ends(news) {
		olds, news = olds[:max(0, len(olds)-1)], news[:max(0, len(news)-1)]
	}
	pairs := align(olds, news, func(i, j int) bool { return false })
	near := make([]bool, len(pairs)) // to a change
	for i, p := range pairs {
		for k := max(0, i-around); !p.same && k <= min(len(pairs)-1, i+around); k++ {
			near[k] = true
		}
	}
	for i := 0; i < len(pairs) && !d.full; i++ {
		hidden := 0
		for i+hidden < len(pairs) && !near[i+hidden] {
			hidden++
		}
		if hidden > 0 && hidden <= around && (i == 0 || i+hidden == len(pairs)) {
			for ; hidden > 0; hidden-- {
				near[i+hidden-1] = true // a few lines at the beginning or end take no more room
			}
		}
		line := terraform.Line{Depth: depth, Mark: terraform.Same}
		switch p := pairs[i]; {
		case hidden > 0:
			line.After = clean.Linef("(%d unchanged lines)", hidden)
			i += hidden - 1
		case p.same:
			line.After = excerpt(olds[p.before], 0)
		case p.before >= 0:
			line.Mark, line.Before = terraform.Removed, excerpt(olds[p.before], 0)
		default:
			line.Mark, line.After = terraform.Added, excerpt(news[p.after], 0)
		}
		d.add(line)
	}
}

// ends reports whether a text ends with a line end or is empty.
func ends(lines []string) bool { return len(lines) == 0 || lines[len(lines)-1] == "" }

// textLines returns the lines of a string, none for another value. It masks secrets
// before it splits the text, since a secret may have several lines.
func textLines(raw []byte) []string {
	text, ok := word(raw)
	if !ok {
		return nil
	}
	return strings.Split(clean.Masked(text), "\n")
}

package exact

import (
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// maxTable is how many pairs of elements are compared at most to find out what of a
// list stays; where there are more, elements are compared place by place.
const maxTable = 1 << 18

// pair is a place in each of two lists; -1 where one has none.
type pair struct {
	before, after int
	same          bool
}

// align finds what stays in a list of n elements that becomes one of m, and pairs
// what else stands between, first with first. Fits tells whether two that differ
// may be a pair.
func align(n, m int, equal, fits func(i, j int) bool) []pair {
	var pairs []pair
	begin := 0
	for begin < n && begin < m && equal(begin, begin) {
		pairs = append(pairs, pair{begin, begin, true})
		begin++
	}
	end := 0
	for end < n-begin && end < m-begin && equal(n-1-end, m-1-end) {
		end++
	}
	rows, columns := n-begin-end, m-begin-end
	i, j := 0, 0
	flush := func(to, too int) {
		for i < to || j < too {
			switch {
			case i < to && j < too && fits(begin+i, begin+j):
				pairs = append(pairs, pair{begin + i, begin + j, false})
				i, j = i+1, j+1
			case i < to:
				pairs = append(pairs, pair{begin + i, -1, false})
				i++
			default:
				pairs = append(pairs, pair{-1, begin + j, false})
				j++
			}
		}
	}
	if rows > 0 && columns > 0 && rows <= maxTable/columns {
		for _, p := range common(rows, columns, func(i, j int) bool { return equal(begin+i, begin+j) }) {
			flush(p[0], p[1])
			pairs = append(pairs, pair{begin + i, begin + j, true})
			i, j = i+1, j+1
		}
	}
	flush(rows, columns)
	for k := end; k > 0; k-- {
		pairs = append(pairs, pair{n - k, m - k, true})
	}
	return pairs
}

// common returns the longest run of pairs of equal elements that keeps their order.
func common(n, m int, equal func(i, j int) bool) [][2]int {
	length := make([]int32, (n+1)*(m+1)) // of the longest run from i and j on
	at := func(i, j int) int { return i*(m+1) + j }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if equal(i, j) {
				length[at(i, j)] = length[at(i+1, j+1)] + 1
			} else {
				length[at(i, j)] = max(length[at(i+1, j)], length[at(i, j+1)])
			}
		}
	}
	var run [][2]int
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case equal(i, j):
			run = append(run, [2]int{i, j})
			i, j = i+1, j+1
		case length[at(i+1, j)] >= length[at(i, j+1)]:
			i++
		default:
			j++
		}
	}
	return run
}

// elements compares two lists, either of which may be absent. A set is a list in
// JSON: nothing tells them apart.
func (d *differ) elements(depth int, before, after sided, forcing []*trigger) {
	olds, news := before.elements(), after.elements()
	equal := func(i, j int) bool { return olds[i].equal(news[j]) }
	fits := func(i, j int) bool {
		return len(olds) == len(news) || kind(olds[i].raw) == kind(news[j].raw) && olds[i].shape() != '0'
	}
	same := 0
	for _, p := range align(len(olds), len(news), equal, fits) {
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
		name := clean.Line("[" + strconv.Itoa(index) + "]")
		if !d.part(depth, name, was, is, inside(forcing, depth, step{index: index})) {
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
	pairs := align(len(olds), len(news),
		func(i, j int) bool { return olds[i] == news[j] },
		func(i, j int) bool { return false })
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

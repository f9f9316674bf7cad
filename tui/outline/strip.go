package outline

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/steps"
	"catalog-runbook/tui/pager"
)

// nameMost is the most that a name of a step in the strip has, in cells.
const nameMost = 16

// short returns a name for a step in a word or two: what kind it is, or else how its title
// begins.
func short(b *steps.Binding) string {
	if b.Check() != nil || len(b.Kind.Effects) > 0 {
		return b.Kind.Name
	}
	words := strings.Fields(strings.Trim(b.Title().String(), "."))
	name := ""
	for _, w := range words {
		if name != "" && ansi.StringWidth(name+" "+w) > nameMost {
			return name
		}
		name = strings.TrimSpace(name + " " + w)
	}
	return ansi.Truncate(name, nameMost, "…")
}

// entry is a step in the strip.
type entry struct {
	row   int
	text  string
	width int
}

// drawStrip draws the steps of the walked procedure in one row, for a screen without room
// for the list. If not all names fit, only that of the selected step is there.
func (o *Outline) drawStrip() string {
	stroke, line := o.styles.Rule, "─"
	if o.Focused {
		stroke, line = o.styles.Key, "═"
	}
	all, before, after := o.visible()
	row, used := stroke.Render(line), 1
	for _, e := range all {
		row, used = row+e.text, used+e.width
	}
	if before || after {
		row, used = row+o.styles.Dim.Render(" …"), used+2
	}
	if len(all) > 0 {
		row += " "
	}
	last := ""
	if o.w >= stripWide {
		last = " " + o.strip + " "
	}
	rest := max(o.w-used-ansi.StringWidth(last)-2, 0)
	return ansi.Truncate(row+stroke.Render(strings.Repeat(line, rest))+last+stroke.Render(line), o.w, "")
}

// stripWide is the width in cells from which the strip ends with the words of SetStrip.
const stripWide = 30

// visible returns the entries that fit, the selected one among them, and whether there are
// more before and after them.
func (o *Outline) visible() (all []entry, before, after bool) {
	w := o.w - 2
	if o.w >= stripWide {
		w -= ansi.StringWidth(o.strip) + 3
	}
	for _, name := range []func(string) string{whole, o.word} {
		if all = o.entries(name); width(all) <= w {
			return all, false, false
		}
	}
	named := all
	if all = o.entries(none); width(all) <= w {
		o.name(all, named, w)
		return all, false, false
	}
	at := 0
	for i, e := range all {
		if e.row == o.pager.At().Item {
			at = i
		}
	}
	from, to, sum := at, at, 2
	for grown := true; grown; {
		grown = false
		if to < len(all) && sum+all[to].width <= w {
			sum, to, grown = sum+all[to].width, to+1, true
		}
		if from > 0 && sum+all[from-1].width <= w && to > at {
			sum, from, grown = sum+all[from-1].width, from-1, true
		}
	}
	if to == at && at < len(all) {
		to++ // it is cut off
	}
	return all[from:to], from > 0, to < len(all)
}

func width(all []entry) (sum int) {
	for _, e := range all {
		sum += e.width
	}
	return sum
}

// name gives entries their names for as long as all fit in w cells: first those that come
// after the selected one.
func (o *Outline) name(all, named []entry, w int) {
	room := w - width(all)
	for _, after := range []bool{true, false} {
		for i := range all {
			if more := named[i].width - all[i].width; all[i].row > o.pager.At().Item == after && more <= room {
				all[i], room = named[i], room-more
			}
		}
	}
}

// What the strip shows of the names of steps that are not selected.
func whole(name string) string { return name }
func none(string) string       { return "" }

// word returns the first word of a name, or what follows it if the name of another step begins
// with the same word: "landed" for "bump-landed" where there is also "bump". What says too little
// by itself has the whole name.
func (o *Outline) word(name string) string {
	first, rest, _ := strings.Cut(name, "-")
	for i := range o.rows {
		other := o.rows[i].name
		if begins, _, _ := strings.Cut(other, "-"); begins != first || other == name {
			continue
		}
		if len(rest) < 4 {
			return name
		}
		return rest
	}
	return first
}

// entries returns the steps that are not folded, with their names, or what is left of them.
func (o *Outline) entries(shorten func(name string) string) (all []entry) {
	current := o.pager.At().Item
	first, last := 0, len(o.rows)
	if most := 2 * stripSide; len(o.rows) > most { // a strip shows a few
		first, last = max(current-stripSide, 0), min(current+stripSide, len(o.rows))
	}
	for i := first; i < last; i++ {
		r := o.rows[i]
		if r.step == nil {
			continue
		}
		cursor, name := " ", number(r)
		if name == "+" || name == "·" {
			name = ""
		}
		if r.locked {
			name += "🔒"
		}
		if i == current {
			name = strings.TrimSpace(name + " " + r.name)
		} else {
			name = strings.TrimSpace(name + " " + shorten(r.name))
		}
		shown := name
		if i == current {
			cursor = o.cursor()
			shown = o.styles.Strong.Render(name)
			if o.Focused {
				shown = o.styles.Selected.Render(name)
			}
		}
		e := entry{row: i, text: " " + cursor + o.marks(r.step.ID)}
		if name != "" {
			e.text += " " + shown
		}
		e.width = ansi.StringWidth(e.text)
		all = append(all, e)
	}
	return all
}

// stripSide is how many rows before and after the selected one the strip looks at.
const stripSide = 40

// clickStrip moves the cursor to the step at a column of the strip, and reports whether there
// is one.
func (o *Outline) clickStrip(x int) bool {
	all, _, _ := o.visible()
	at := 1
	for _, e := range all {
		if at += e.width; x < at {
			o.pager.SetCursor(pager.Position{Item: e.row})
			return x >= 1
		}
	}
	return false
}

// stripColumn returns the column of the selected step's sign.
func (o *Outline) stripColumn() int {
	all, _, _ := o.visible()
	at := 2
	for _, e := range all {
		if e.row == o.pager.At().Item {
			break
		}
		at += e.width
	}
	return at
}

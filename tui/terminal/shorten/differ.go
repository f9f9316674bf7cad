package shorten

import (
	"fmt"
	"slices"
	"strings"
)

// bridge is the number of unchanged cells between two changed ones that are rather written
// than passed over.
const bridge = 4

// A differ writes the difference between rows.
type differ struct {
	out      []byte
	pen      string // what is in effect after out
	row      int    // the cursor is in it after out; -1 if that isn't known
	ok       bool   // false if the terminal can't be made to draw what it should
	old, new []cell // reused
}

// whole writes a row as it is.
func (d *differ) whole(y int, r row) {
	d.move(y, 0)
	d.draw(r.pen)
	d.out = append(d.out, r.text...)
	d.pen = r.end
}

// changes writes what is different in a row.
func (d *differ) changes(y int, before, after row, narrow bool) {
	old, erased := before.cells(d.old[:0])
	new, erase := after.cells(d.new[:0])
	d.old, d.new = old, new                    // keeps what was allocated
	erased = erased && before.end == after.end // in the same colours

	oldPlain, newPlain := plainCells(old, narrow), plainCells(new, narrow)
	if oldPlain == len(old) && newPlain == len(new) {
		d.runs(y, new, func(i int) bool { return i < len(old) && old[i] == new[i] })
		if erase && (!erased || len(old) > len(new)) {
			d.erase(y, len(new), after.end)
		}
		return
	}
	// Up to here a cell has the column of its index, in both rows. The rest is written as a
	// whole.
	common := min(oldPlain, newPlain)
	d.runs(y, new[:common], func(i int) bool { return old[i] == new[i] })
	if erased == erase && slices.Equal(old[common:], new[common:]) {
		return
	}
	if common < len(new) {
		d.move(y, common)
		d.write(new[common:])
	}
	switch {
	case !erase:
	case common < len(new):
		d.draw(after.end)
		d.out = append(d.out, eraseRight...)
	default:
		d.erase(y, common, after.end)
	}
}

// runs writes the cells that are not the same as before.
func (d *differ) runs(y int, cells []cell, same func(int) bool) {
	written := -1 // the end of what has been written
	for i := range cells {
		if same(i) {
			continue
		}
		if written < 0 || i-written > bridge || slices.ContainsFunc(cells[written:i], func(c cell) bool { return c.pen != d.pen }) {
			d.move(y, i)
			written = i
		}
		d.write(cells[written : i+1])
		written = i + 1
	}
}

func (d *differ) write(cells []cell) {
	for _, c := range cells {
		d.draw(c.pen)
		d.out = append(d.out, c.text...)
	}
}

// erase erases a row from a column on.
func (d *differ) erase(y, x int, pen string) {
	d.move(y, x)
	d.draw(pen) // its background fills the row
	d.out = append(d.out, eraseRight...)
}

// move moves the cursor to a cell.
func (d *differ) move(y, x int) {
	switch {
	case y == d.row:
		d.out = fmt.Appendf(d.out, "\x1b[%dG", x+1)
	case x == 0:
		d.out = fmt.Appendf(d.out, "\x1b[%d;H", y+1)
	default:
		d.out = fmt.Appendf(d.out, "\x1b[%d;%dH", y+1, x+1)
	}
	d.row = y
}

// draw puts a pen into effect.
func (d *differ) draw(pen string) {
	if pen == d.pen {
		return
	}
	known := !strings.HasPrefix(d.pen, unknownPen)
	switch wants := !strings.HasPrefix(pen, unknownPen); {
	case known == wants && strings.HasPrefix(pen, d.pen):
		d.out = append(d.out, pen[len(d.pen):]...)
	case wants && pen == "":
		d.out = append(d.out, "\x1b[m"...)
	case wants: // 0 resets
		d.out = append(append(d.out, "\x1b[0;"...), strings.TrimPrefix(pen, "\x1b[")...)
	default: // what was in effect before can't be brought back
		d.ok = false
	}
	d.pen = pen
}

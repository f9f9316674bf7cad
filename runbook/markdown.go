package runbook

import "bytes"

// itemContent returns where an item's content begins: after its marker, the
// space after that, and its check box.
func (r *reader) itemContent(step *Step) int {
	src := r.src[:step.End]
	at := step.Start
	for at < len(src) && src[at] >= '0' && src[at] <= '9' {
		at++
	}
	at = min(at+1, len(src)) // the bullet, the "." or the ")"
	at = skipBlanks(src, at)
	if step.Shape == TaskItem && at+3 <= len(src) && src[at] == '[' && src[at+2] == ']' {
		at = skipBlanks(src, at+3)
	}
	return at
}

func skipBlanks(src []byte, at int) int {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
		at++
	}
	return at
}

// markdown returns the source in whole without the cuts, and from its second
// line on without the indentation up to column. A line that held nothing but a
// cut goes with it. The bytes are those of the string, until the next call.
func (r *reader) markdown(whole span, column int, cuts []span) (string, []byte) {
	if whole.start >= whole.end {
		return "", nil
	}
	src := r.src[whole.start:whole.end]
	if len(cuts) == 0 && (column == 0 || bytes.IndexByte(src, '\n') < 0) {
		return r.doc.Source[whole.start:whole.end], src // no copy
	}
	out := r.scratch[:0]
	for at, first := whole.start, true; at < whole.end; first = false {
		end := whole.end
		if i := bytes.IndexByte(r.src[at:whole.end], '\n'); i >= 0 {
			end = at + i + 1
		}
		from := len(out)
		if !first {
			at, out = dedent(r.src[:end], at, column, out)
		}
		cut := false
		for ; len(cuts) > 0 && cuts[0].start < end; cuts = cuts[1:] {
			out = append(out, r.src[at:max(at, cuts[0].start)]...)
			at, cut = max(at, cuts[0].end), true
			if r.spaceAt(at) {
				out = out[:from+len(bytes.TrimRight(out[from:], " \t"))]
			}
			if at >= end {
				break // goes on in the next line
			}
		}
		if at < end {
			out = append(out, r.src[at:end]...)
			at = end
		}
		if cut {
			rest := bytes.TrimRight(out[from:], " \t\n")
			out = append(out[:from+len(rest)], '\n')
			if len(rest) == 0 {
				out = out[:from]
			}
		}
	}
	r.scratch = out
	out = bytes.TrimRight(out, " \t\n")
	return r.strings.copy(out), out
}

// dedent skips white space of src from at, up to column columns, and writes to
// out what of a tab stands beyond them.
func dedent(src []byte, at, column int, out []byte) (int, []byte) {
	const tab = 4 // CommonMark's tab stop
	for c := 0; at < len(src) && c < column; at++ {
		switch src[at] {
		case ' ':
			c++
		case '\t':
			for c += tab - c%tab; c > column; c-- {
				out = append(out, ' ')
			}
		default:
			return at, out
		}
	}
	return at, out
}

package pager

// MarkRead marks the rows on the screen as read if they continue what was read before:
// after a jump to the end, nothing is. It stops at a barred item. MarkRead reports
// whether any of the rows were unread. It must not be called while something covers the
// pager.
func (p *Pager) MarkRead() bool {
	if p.whole || p.h == 0 || p.w < p.ReadWidth {
		return false
	}
	p.settle()
	end := p.source.End()
	for p.read.Item < end && p.read.Line >= p.source.Lines(p.read.Item) && !p.barred(p.read.Item) {
		p.read = Position{Item: p.read.Item + 1} // it was closed after a part of it was read
	}
	if p.read.before(p.top) {
		return false
	}
	seen := p.down(p.top, p.h)
	for item := p.read.Item; item <= seen.Item && item < end; item++ {
		if bar := (Position{Item: item}); p.barred(item) {
			if bar.before(seen) {
				seen = bar
			}
			break
		}
	}
	if !p.read.before(seen) {
		return false
	}
	p.read = seen
	p.whole = seen.Item >= end
	return true
}

func (p *Pager) barred(item int) bool {
	b, ok := p.source.(Bars)
	return ok && b.Barred(item)
}

// Read reports whether the whole source has been on the screen.
func (p *Pager) Read() bool { return p.whole }

// Unread returns the first unread row.
func (p *Pager) Unread() Position { return p.read }

// Behind reports whether the first unread row is above the screen.
func (p *Pager) Behind() bool { return p.read.before(p.top) }

package pager

// MarkRead notes what is on the screen as read, as far as it continues what was
// read before: jumping to the end reads nothing. An item that is barred ends what
// is read. It reports whether anything new has been read. Whoever covers the pager
// with something else must not call it.
func (p *Pager) MarkRead() bool {
	if p.whole || p.h == 0 || p.w < p.ReadWidth {
		return false
	}
	p.settle()
	end := p.source.End()
	for p.read.Item < end && p.read.Line >= p.source.Lines(p.read.Item) && !p.barred(p.read.Item) {
		p.read = Position{Item: p.read.Item + 1} // it was closed after it had been read in part
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

// Read reports whether all of the source has been on the screen, from its
// beginning to its end.
func (p *Pager) Read() bool { return p.whole }

// Unread returns the first row that has not been read.
func (p *Pager) Unread() Position { return p.read }

// Behind reports whether the first unread row is above the screen.
func (p *Pager) Behind() bool { return p.read.before(p.top) }

package pager

// Lines is a Source of styled lines.
type Lines struct{ Rows []string }

// First implements Source.
func (l *Lines) First() int { return 0 }

// End implements Source.
func (l *Lines) End() int { return len(l.Rows) }

// Lines implements Source.
func (l *Lines) Lines(int) int { return 1 }

// Line implements Source.
func (l *Lines) Line(item, _ int) Line { return Line{Text: l.Rows[item]} }

package document

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
)

// dump writes all of a document that a reader of a golden file should see.
func dump(d *Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "title %q\n", d.Title.String())
	for _, p := range d.Problems {
		fmt.Fprintf(&b, "problem line %d: %s\n", p.Line, p.Text)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "note line %d: %s\n", n.Line, n.Text)
	}
	for _, s := range d.Sections {
		fmt.Fprintf(&b, "section %q level %d line %d", s.ID, s.Level, s.Line)
		for _, p := range s.Path {
			fmt.Fprintf(&b, " / %s", p)
		}
		if s.Separate {
			b.WriteString(" separate")
		}
		b.WriteByte('\n')
	}
	for _, l := range d.Links {
		fmt.Fprintf(&b, "link %q -> %s line %d in %q\n", l.Text.String(), l.Target, l.Line, l.Section.ID)
	}
	for _, c := range d.Outside {
		fmt.Fprintf(&b, "outside %q line %d%s\n", c.Argv, c.Line, negated(c.Negated))
	}
	for _, c := range d.OutsideCode {
		fmt.Fprintf(&b, "outside code %q line %d\n", c.Text, c.Line)
	}
	for _, s := range d.Steps {
		fmt.Fprintf(&b, "%s %s line %d", [...]string{"item", "task", "passage"}[s.Shape], s.ID, s.Line)
		if s.Number != "" {
			fmt.Fprintf(&b, " number %s", s.Number)
		}
		if s.Parent != nil {
			fmt.Fprintf(&b, " parent %s", s.Parent.ID)
		}
		if s.Locked {
			b.WriteString(" locked")
		}
		if s.Marked {
			b.WriteString(" marked")
		}
		fmt.Fprintf(&b, "\n  text %q\n", s.Text.String())
		if s.Words != s.Text.String() {
			fmt.Fprintf(&b, "  words %q\n", s.Words)
		}
		if s.Negated != "" {
			fmt.Fprintf(&b, "  negated %q\n", s.Negated)
		}
		if s.Markdown() != s.Text.String() {
			fmt.Fprintf(&b, "  markdown %q\n", s.Markdown())
		}
		for _, l := range s.Links {
			fmt.Fprintf(&b, "  link %s%s\n", l.Target, negated(l.Negated))
		}
		for _, c := range s.Commands {
			fmt.Fprintf(&b, "  command %q fenced %v line %d%s\n", c.Argv, c.Fenced, c.Line, negated(c.Negated))
			if gaps := c.Gaps(); gaps != nil {
				fmt.Fprintf(&b, "    gaps %q\n", gaps)
			}
		}
		for _, c := range s.Code {
			fmt.Fprintf(&b, "  code %q line %d\n", c.Text, c.Line)
		}
		if a := s.Annotation; a != nil {
			fmt.Fprintf(&b, "  annotation line %d", a.Line)
			for _, k := range sortedKeys(a.Params) {
				fmt.Fprintf(&b, " %s=%q", k, a.Params[k])
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func negated(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(" negated %q", word)
}

func texts(all []clean.Text) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.String()
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

package help

import (
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Man returns the man pages by file name: one of the program, one of each command, and
// one of each topic in section 7. A zero date is left out.
func Man(app *kong.Application, date time.Time) map[string]string {
	pages := map[string]string{}
	var commands []*kong.Node
	for _, n := range app.Children {
		if !n.Hidden {
			commands = append(commands, n)
		}
	}
	pages[app.Name+".1"] = mainPage(app, commands, date)
	for _, n := range commands {
		pages[app.Name+"-"+n.Name+".1"] = commandPage(app, n, date)
	}
	for _, t := range Topics() {
		w := page(app.Name+"-"+t.Name, "7", t.Title, date)
		body := roff(t.Text)
		if !strings.HasPrefix(body, ".SH") {
			w.macro("SH", "DESCRIPTION")
		}
		w.out.WriteString(body)
		w.seeAlso(app.Name + "(1)")
		pages[app.Name+"-"+t.Name+".7"] = w.out.String()
	}
	return pages
}

// page begins a page.
func page(name, section, title string, date time.Time) *roffWriter {
	w := &roffWriter{}
	day := ""
	if !date.IsZero() {
		day = date.UTC().Format(time.DateOnly)
	}
	w.macro("TH", strings.ToUpper(name), section, day, "catalog-runbook", "")
	w.out.WriteString(".nh\n.ad l\n") // a name that is divided can't be copied
	w.macro("SH", "NAME")
	w.line(escape(name) + ` \- ` + escape(strings.TrimSuffix(title, ".")))
	return w
}

func mainPage(app *kong.Application, commands []*kong.Node, date time.Time) string {
	w := page(app.Name, "1", app.Help, date)
	w.macro("SH", "SYNOPSIS")
	w.synopsis(app.Name, "[FILE] [flags]")
	w.out.WriteString(".br\n")
	w.synopsis(app.Name, "COMMAND [flags]")
	w.macro("SH", "COMMANDS")
	for _, n := range commands {
		w.entry(n.Name, n.Help)
	}
	w.macro("SH", "TOPICS")
	also := []string{}
	for _, t := range Topics() {
		w.entry(t.Name, t.Title)
		also = append(also, app.Name+"-"+t.Name+"(7)")
	}
	w.seeAlso(also...)
	return w.out.String()
}

func commandPage(app *kong.Application, n *kong.Node, date time.Time) string {
	name := app.Name + " " + n.Name
	w := page(app.Name+"-"+n.Name, "1", n.Help, date)
	w.macro("SH", "SYNOPSIS")
	w.synopsis(name, strings.TrimPrefix(n.Summary(), n.Path()+" "))
	if len(n.Positional) > 0 {
		w.macro("SH", "ARGUMENTS")
	}
	for _, p := range n.Positional {
		w.entry(strings.ToUpper(p.Name), kong.DefaultHelpValueFormatter(p))
	}
	w.macro("SH", "OPTIONS")
	for _, flags := range n.AllFlags(true) {
		for _, f := range flags {
			w.entry(f.String(), kong.DefaultHelpValueFormatter(f.Value))
		}
	}
	usual := strings.NewReplacer(`.SH "Examples"`, `.SH "EXAMPLES"`, `.SH "Exit codes"`, `.SH "EXIT STATUS"`)
	w.out.WriteString(usual.Replace(roff(Command(n.Name))))
	w.seeAlso(app.Name + "(1)")
	return w.out.String()
}

// entry writes a term and what it means.
func (w *roffWriter) entry(term, meaning string) {
	w.macro("TP")
	w.line(`\fB` + escape(term) + `\fR`)
	w.line(escape(meaning))
}

func (w *roffWriter) synopsis(name, rest string) {
	w.line(fmt.Sprintf(`\fB%s\fR %s`, escape(name), escape(rest)))
}

func (w *roffWriter) seeAlso(pages ...string) {
	w.macro("SH", "SEE ALSO")
	for i, p := range pages {
		name, section, _ := strings.Cut(p, "(")
		comma := ","
		if i == len(pages)-1 {
			comma = ""
		}
		w.out.WriteString(fmt.Sprintf(".BR %s (%s%s\n", escape(name), section, comma))
	}
}

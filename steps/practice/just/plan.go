package just

import (
	"bytes"
	"embed"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"

	"catalog-runbook/steps/practice/state"
)

// terraformVersion is the version that the practice reports.
const terraformVersion = "1.11.4"

// plan is the difference between two states of the infrastructure. The templates use
// its exported fields and methods.
type plan struct {
	Before, After  state.Deployment
	made           time.Time
	Replace        bool // the instance, for another image tag
	Create, Remove bool // the database
	Adds, Destroys int
}

func makePlan(before, after state.Deployment, made time.Time) plan {
	p := plan{
		Before: before, After: after, made: made,
		Replace: before.Deployed != after.Deployed,
		Create:  !before.Database && after.Database,
		Remove:  before.Database && !after.Database,
	}
	if p.Replace {
		p.Adds++
		p.Destroys++
	}
	if p.Create {
		p.Adds++
	}
	if p.Remove {
		p.Destroys++
	}
	return p
}

// Changes reports whether there is anything to do.
func (p plan) Changes() bool { return p.Replace || p.Create || p.Remove }

// Instance is the id of the current instance.
func (p plan) Instance() string { return instanceID(p.Before) }

// NewInstance is the id of its replacement.
func (p plan) NewInstance() string { return instanceID(p.After) }

// Timestamp says when the plan was made.
func (p plan) Timestamp() string { return p.made.UTC().Format(time.RFC3339) }

// instanceID is made from the tag and from how often others have replaced the instance,
// so that a replacement has another id.
func instanceID(d state.Deployment) string {
	of := "instance " + d.Deployed
	if d.Replaced > 0 {
		of += " " + strconv.Itoa(d.Replaced)
	}
	return "i-0" + state.SHA(of)[:16]
}

//go:embed plan
var planFiles embed.FS

// planTemplates print a plan as Terraform 1.11 does.
var planTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("plan").Funcs(template.FuncMap{"json": inQuotes}).ParseFS(planFiles, "plan/*.tmpl"))
})

// inQuotes escapes s for use between the quotation marks of a JSON string.
func inQuotes(s string) (string, error) {
	text, err := json.Marshal(s)
	return strings.Trim(string(text), `"`), err
}

// text executes one of the templates.
func text(name string, data any) string {
	var b strings.Builder
	if err := planTemplates().ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // a mistake in an embedded template
	}
	return b.String()
}

// lines splits a text into lines with the same pause before each.
func lines(text string, after time.Duration) []line {
	var out []line
	for l := range strings.SplitSeq(text, "\n") {
		out = append(out, line{after, l})
	}
	return out
}

// writeJSON prints the plan, or the state that it was made from, as one line, as
// `terraform show -json` does.
func writeJSON(template string, p plan, w io.Writer) error {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text(template, p))); err != nil {
		return err
	}
	var escaped bytes.Buffer
	json.HTMLEscape(&escaped, b.Bytes())
	escaped.WriteByte('\n')
	_, err := escaped.WriteTo(w)
	return err
}

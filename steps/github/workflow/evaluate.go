package workflow

import (
	"math"
	"strconv"
	"strings"

	"github.com/rhysd/actionlint"
)

// A Run is what is known of a workflow's run, for the expressions in its file.
type Run struct {
	Event      string // "release", ...
	Repository string // "owner/name"
	Tag        string // that the run is for
	Commit     string // its full id
	Prerelease bool   // the release is one
}

// unknown is the value of an expression that only GitHub can evaluate. Its text is gap.
type unknown struct{}

// gap stands in a text for a part that isn't known. It is no character that a file or a
// script has for itself.
const gap = "\uE000"

// A scope gives the values that expressions refer to.
type scope struct {
	run    Run
	env    []map[string]*actionlint.EnvVar // the innermost first; the keys are in lower case
	inputs map[string]any                  // of a called workflow; nil means that it isn't called
	images map[string]string               // from a step's id to what its output "tags" names
	depth  int                             // of variables that refer to variables
	work   *int                            // expressions that may still be evaluated
}

const (
	// deepest keeps variables that refer to themselves from being followed forever.
	deepest = 8
	// mostWork bounds what a file that nobody would write can cost.
	mostWork = 20_000
	longest  = 1 << 16 // bytes of a text
)

// spent reports whether no more may be evaluated.
func (s *scope) spent() bool {
	*s.work--
	return *s.work < 0
}

// text evaluates the expressions in a text.
func (s *scope) text(of *actionlint.String) string {
	if of == nil {
		return ""
	}
	return s.expand(of.Value)
}

func (s *scope) expand(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		value, length := s.expression(rest)
		if length == 0 || b.Len() > longest {
			b.WriteString(gap)
			return b.String()
		}
		b.WriteString(textOf(value))
		text = rest[length:]
	}
}

// expression evaluates what stands between "${{" and "}}", and returns its length
// with the end. The length is 0 if it can't be parsed.
func (s *scope) expression(text string) (value any, length int) {
	if s.spent() {
		return unknown{}, 0
	}
	lexer := actionlint.NewExprLexer(text)
	node, err := actionlint.NewExprParser().Parse(lexer)
	if err != nil {
		return unknown{}, 0
	}
	return s.evaluate(node), lexer.Offset()
}

// condition returns whether the condition of a job or step holds, as far as that is
// known. It may stand without "${{".
func (s *scope) condition(of *actionlint.String) (holds, known bool) {
	if of == nil {
		return true, true
	}
	text := strings.TrimSpace(of.Value)
	if rest, ok := strings.CutPrefix(text, "${{"); ok {
		value, length := s.expression(rest)
		if length == len(rest) {
			return truth(value)
		}
		return false, false
	}
	value, _ := s.expression(text + "}}")
	return truth(value)
}

// flag returns whether the text of an input means true.
func (s *scope) flag(of *actionlint.String) (on, known bool) {
	text := s.text(of)
	return strings.EqualFold(strings.TrimSpace(text), "true"), !strings.Contains(text, gap)
}

func (s *scope) evaluate(node actionlint.ExprNode) any {
	switch n := node.(type) {
	case *actionlint.NullNode:
		return nil
	case *actionlint.BoolNode:
		return n.Value
	case *actionlint.IntNode:
		return float64(n.Value)
	case *actionlint.FloatNode:
		return n.Value
	case *actionlint.StringNode:
		return n.Value
	case *actionlint.NotOpNode:
		holds, known := truth(s.evaluate(n.Operand))
		if !known {
			return unknown{}
		}
		return !holds
	case *actionlint.LogicalOpNode:
		return s.logical(n)
	case *actionlint.CompareOpNode:
		return compare(n.Kind, s.evaluate(n.Left), s.evaluate(n.Right))
	case *actionlint.FuncCallNode:
		return s.call(n)
	}
	return s.variable(strings.Join(nodePath(node), "."))
}

// nodePath returns the names in "github.event.release", in lower case, or nothing if the
// node isn't like that.
func nodePath(node actionlint.ExprNode) []string {
	switch n := node.(type) {
	case *actionlint.VariableNode:
		return []string{strings.ToLower(n.Name)}
	case *actionlint.ObjectDerefNode:
		if of := nodePath(n.Receiver); of != nil {
			return append(of, strings.ToLower(n.Property))
		}
	case *actionlint.IndexAccessNode:
		if key, ok := n.Index.(*actionlint.StringNode); ok {
			if of := nodePath(n.Operand); of != nil {
				return append(of, strings.ToLower(key.Value))
			}
		}
	}
	return nil
}

// variable returns the value of a context's property, named in lower case.
func (s *scope) variable(name string) any {
	if v, ok := strings.CutPrefix(name, "env."); ok {
		return s.variableOf(v)
	}
	if v, ok := strings.CutPrefix(name, "inputs."); ok {
		if value, given := s.inputs[v]; given {
			return value
		}
		if s.inputs == nil && s.run.Event == "release" {
			return nil
		}
		return unknown{}
	}
	if id, ok := strings.CutPrefix(name, "steps."); ok {
		if id, ok := strings.CutSuffix(id, ".outputs.tags"); ok && s.images[id] != "" {
			return s.images[id]
		}
		return unknown{}
	}
	owner, repository, _ := strings.Cut(s.run.Repository, "/")
	switch name {
	case "github.event_name":
		return s.run.Event
	case "github.repository", "github.event.repository.full_name":
		return s.run.Repository
	case "github.repository_owner", "github.event.repository.owner.login":
		return owner
	case "github.event.repository.name":
		return repository
	case "github.ref":
		return "refs/tags/" + s.run.Tag
	case "github.ref_name":
		return s.run.Tag
	case "github.ref_type":
		return "tag"
	case "github.sha":
		return s.run.Commit
	case "github.head_ref", "github.base_ref":
		return "" // set for pull requests only
	}
	if s.run.Event != "release" {
		return unknown{}
	}
	switch name {
	case "github.event.release.tag_name":
		return s.run.Tag
	case "github.event.release.prerelease":
		return s.run.Prerelease
	case "github.event.release.draft":
		return false
	}
	if strings.HasPrefix(name, "github.event.pull_request.") || strings.HasPrefix(name, "github.event.inputs.") {
		return nil
	}
	return unknown{}
}

// variableOf returns the value of an environment variable. One that the file doesn't set
// may be set by a step.
func (s *scope) variableOf(name string) any {
	if s.depth == deepest {
		return unknown{}
	}
	for i, vars := range s.env {
		if v, ok := vars[strings.ToLower(name)]; ok && v.Value != nil {
			outer := *s
			outer.env, outer.depth = s.env[i:], s.depth+1
			return outer.text(v.Value)
		}
	}
	return unknown{}
}

func (s *scope) logical(n *actionlint.LogicalOpNode) any {
	left := s.evaluate(n.Left)
	holds, known := truth(left)
	and := n.Kind == actionlint.LogicalOpNodeKindAnd
	if known && holds != and {
		return left // GitHub gives the operand that decides
	}
	right := s.evaluate(n.Right)
	if known {
		return right
	}
	if holds, known := truth(right); known && holds != and && !holds {
		return false
	}
	return unknown{}
}

func (s *scope) call(n *actionlint.FuncCallNode) any {
	var args []any
	for _, a := range n.Args {
		value := s.evaluate(a)
		if _, open := value.(unknown); open {
			return unknown{}
		}
		args = append(args, value)
	}
	text := func(i int) string { return strings.ToLower(textOf(args[i])) }
	switch name := strings.ToLower(n.Callee); {
	case name == "success" || name == "always":
		return true // what is judged is a run that succeeded
	case name == "failure" || name == "cancelled":
		return false
	case len(args) == 2 && strings.Contains(text(0)+text(1), gap):
		return unknown{}
	case len(args) == 2 && name == "startswith":
		return strings.HasPrefix(text(0), text(1))
	case len(args) == 2 && name == "endswith":
		return strings.HasSuffix(text(0), text(1))
	case len(args) == 2 && name == "contains":
		return strings.Contains(text(0), text(1))
	case len(args) > 0 && name == "format":
		out := textOf(args[0])
		for i, a := range args[1:] {
			out = strings.ReplaceAll(out, "{"+strconv.Itoa(i)+"}", textOf(a))
		}
		return out
	}
	return unknown{}
}

// truth returns whether a value counts as true (GitHub's documentation, "Evaluate
// expressions in workflows and actions").
func truth(value any) (holds, known bool) {
	switch v := value.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case float64:
		return v != 0 && !math.IsNaN(v), true
	case string:
		return v != "", v == "" || strings.Trim(v, gap) != ""
	}
	return false, false
}

func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return v
	}
	return gap
}

// compare compares as GitHub does: texts without regard to case, and values of different
// types as numbers.
func compare(kind actionlint.CompareOpNodeKind, a, b any) any {
	x, texts := a.(string)
	y, both := b.(string)
	if strings.Contains(x+y, gap) {
		return unknown{}
	}
	if _, open := a.(unknown); open {
		return unknown{}
	}
	if _, open := b.(unknown); open {
		return unknown{}
	}
	var order int
	equal := false
	if texts && both {
		order = strings.Compare(strings.ToLower(x), strings.ToLower(y))
		equal = order == 0
	} else {
		m, n := number(a), number(b)
		if equal = m == n; m < n {
			order = -1
		} else if m > n {
			order = 1
		}
		if math.IsNaN(m) || math.IsNaN(n) {
			return kind == actionlint.CompareOpNodeKindNotEq
		}
	}
	switch kind {
	case actionlint.CompareOpNodeKindEq:
		return equal
	case actionlint.CompareOpNodeKindNotEq:
		return !equal
	case actionlint.CompareOpNodeKindLess:
		return order < 0
	case actionlint.CompareOpNodeKindLessEq:
		return order <= 0
	case actionlint.CompareOpNodeKindGreater:
		return order > 0
	case actionlint.CompareOpNodeKindGreaterEq:
		return order >= 0
	}
	return unknown{}
}

func number(value any) float64 {
	switch v := value.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		if v == "" {
			return 0
		}
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return n
		}
	}
	return math.NaN()
}

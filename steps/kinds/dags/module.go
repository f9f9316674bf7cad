package dags

import (
	"strings"

	"catalog-runbook/runbook/pattern"
)

// makes says whether a module of Python makes DAGs when it is read, as far as its text
// tells without running it.
type makes int

// The answers.
const (
	noDAG      makes = iota // it only defines what others call
	perhapsDAG              // it calls something when it is read, which may make one
	likelyDAG               // it calls something that is about DAGs
	aDAG                    // it makes one itself
)

var (
	makesDAG = pattern.Lazy(`(?m)\bDAG\s*\(|^@(?:\w+\.)*dag\b`)

	// notRead begins what isn't carried out when a module is read.
	notRead = pattern.Lazy(`^(?:(?:async\s+)?def|class)\b|^if\s+__name__\b`)

	// quoted are texts of several lines.
	quoted = pattern.Lazy(`(?s)""".*?"""|'''.*?'''`)

	// harmless are calls and decorators that make no DAG.
	harmless = pattern.Lazy(`(?m)\b(?:logging\.getLogger|os\.(?:getenv|environ\.get)|re\.compile|Variable\.get|(?:datetime\.)?(?:datetime|timedelta)|(?:pathlib\.)?Path` +
		`|TypeVar|NewType|namedtuple|frozenset|dict|tuple|str|int|float|len|range|sorted)\(` +
		`|^@(?:\w+\.)*(?:task|dataclass|contextmanager|cache|lru_cache|wraps|provide_session|total_ordering|unique|runtime_checkable|overload)\b.*`)

	// called finds a call, or a decorator, which is called too.
	called = pattern.Lazy(`[\w\])]\(|^@`)

	aboutDAGs = pattern.Lazy(`(?i)dag|\bglobals\(`)
)

// module returns what a module makes when it is read. What isn't sure counts as a call.
func module(text string) makes {
	var lines []string // that are carried out
	body := false      // of a function or a class
	for line := range strings.SplitSeq(quoted().ReplaceAllString(text, `""`), "\n") {
		if bare := strings.TrimSpace(line); bare == "" || bare[0] == '#' {
			continue
		}
		if strings.IndexByte(" \t)]}", line[0]) < 0 {
			body = notRead().MatchString(line)
		}
		if !body {
			lines = append(lines, line)
		}
	}
	level := strings.Join(lines, "\n")
	if makesDAG().MatchString(level) {
		return aDAG
	}
	found := noDAG
	for line := range strings.SplitSeq(harmless().ReplaceAllString(level, ""), "\n") {
		switch {
		case !called().MatchString(line):
		case aboutDAGs().MatchString(line):
			return likelyDAG
		default:
			found = perhapsDAG
		}
	}
	return found
}

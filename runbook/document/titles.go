package document

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
)

// A title tells what a section is for, in the words that deployment documents use.
var (
	// goesBack matches the title of a section that is walked only if something went wrong.
	goesBack = pattern.Lazy(`(?i)\b(roll(s|ed|ing)?[ -]?backs?|back(s|ed|ing)?[ -]?outs?|revert(s|ed|ing)?|undo(ing)?|hot[ -]?fix(es|ing)?|` +
		`emergenc(y|ies)|trouble[ -]?shooting|(if|when|in case|what if)\b.*\b(fails?|failed|failures?|wrong|breaks?|broken|problems?|trouble|emergency|south|sideways)|` +
		`(disaster )?recovery|restor(e|ing) ((the|a|from) )*(previous|old|last|earlier|database|db|data|backup|snapshot)\b.*|going back|` +
		`failed (deploy(ment)?|release|rollout|appl(y|ies)|run)s?|downgrad(e|es|ed|ing)|fall(ing)?[ -]?backs?|abort(s|ed|ing)?|` +
		`break(ing)?[ -]?glass|contingenc(y|ies)|mitigati(on|ons|ng)|remediati(on|ng)|unhappy path|worst[ -]case|plan b|incident response|retract(ing)?|yank(ing|ed)?|something broke|went wrong|` +
		`bad (deploy(ment)?|release|rollout)s?|(deploy(ment)?|release|rollout|apply|upgrade) failures?|cancel(l?ing)? (a|the) (deploy(ment)?|release|rollout|upgrade))\b|` +
		`(?i)^\W*((on )?failures?|((to|deploy(ing)?|the|a|an) )*(previous|old|older|earlier) (version|release))\W*$`)
	// goingBack are stems of which such a title has one. They avoid most matching.
	goingBack = []string{"back", "revert", "undo", "hot", "emergenc", "trouble", "fail", "wrong", "break", "broke", "problem", "recover", "restor", "south", "sideways", "downgrad", "abort",
		"glass", "conting", "mitigat", "remediat", "unhappy", "worst", "plan b", "incident", "retract", "yank", "bad ", "cancel", "previous", "old"}
	// deploysToo matches one that is about the deployment in the first place.
	deploysToo = pattern.Lazy(`(?i)\b(deploy|releas|roll(ing)? ?out|publish|upgrad|updat|ship|promot)\w*\b.*(\band\b|\bor\b|&|/|,|\+).*`)
	// counts matches a title that is numbered like a step.
	counts = pattern.Lazy(`(?i)^\W*((step|phase|stage|task)\s+(\d+\b|[a-z](?:[.:)]|\s*[-–—]\s))|\d+(\.\d+)*[.):]\s|\d+\s*[-–—]\s)`)
	// template matches a title that a site generator fills in.
	template = pattern.Lazy(`^(<%.*%>|\{\{.*\}\}|\{%.*%\})$`)
	// isProse matches the title of a section whose lists are seldom steps.
	isProse = pattern.Lazy(`(?i)^\W*((table of )?contents|toc|(non-)?goals?|background|overview|introduction|glossary|terms|definitions|faq|` +
		`references?|links|resources|further reading|see also|contacts?|who\b.*|why\b.*|when (to|do|is|are|should)\b.*|how .* works?|` +
		`what (happens|is|are|runs|changes)\b.*|principles|policy|changelog|history|roles( and responsibilities)?|responsibilities|architecture|known issues|notes?)\W*$`)
)

// procedureOfItsOwn reports whether a title is that of a section that isn't part of a
// deployment that goes well. A title about both, such as "Deploying and rolling back", is
// not.
func procedureOfItsOwn(title string) bool {
	lower := strings.ToLower(title)
	if !slices.ContainsFunc(goingBack, func(stem string) bool { return strings.Contains(lower, stem) }) {
		return false
	}
	at := goesBack().FindStringIndex(title)
	return at != nil && !deploysToo().MatchString(title[:at[0]])
}

// soundsLikeProse reports whether the lists of a section with that title are seldom steps.
func soundsLikeProse(title string) bool {
	const beginnings = " tab con toc goa non bac ove int glo ter def faq ref lin res fur see who why whe how wha pri pol cha his rol arc kno not "
	title = strings.TrimLeft(title, " *_#")
	if len(title) > 2 && title[0] < 0x80 && !strings.Contains(beginnings, " "+strings.ToLower(title[:3])+" ") {
		return false // without the expression, as for nearly all
	}
	return isProse().MatchString(title)
}

// filledIn reports whether a title is a placeholder of a template.
func filledIn(title string) bool {
	title = strings.TrimSpace(title)
	return len(title) > 3 && (title[0] == '<' || title[0] == '{') && template().MatchString(title)
}

// remark says how sections were read because of their titles.
func (r *reader) remark() {
	sections := r.doc.Sections
	var counted []*Section // headings of one parent that are numbered and hold no step
	for _, s := range slices.Backward(sections) {
		if s.all += s.steps; s.Parent != nil {
			s.Parent.all += s.all
			s.Parent.outside += s.outside
		}
	}
	for _, s := range sections[1:] {
		title := s.Path[len(s.Path)-1]
		if s.all == 0 && !s.prose && strings.ContainsAny(title.String(), "0123456789:.)-–—") && counts().MatchString(title.String()) {
			if len(counted) > 0 && counted[0].Parent != s.Parent {
				r.numbered(counted)
				counted = nil
			}
			counted = append(counted, s)
		}
		switch {
		case s.annotated != "" || s.prose:
		case s.Separate && s.all > 0:
			r.note(s.Line, "%q is a procedure of its own because of its title: its steps aren't next after the others. If they are, write <!-- runbook: steps --> below the heading.", title)
		case s.steps > 0 && soundsLikeProse(title.String()):
			r.note(s.Line, "%q looks like prose, but has %s. If none is a step, write <!-- runbook: prose --> below the heading.", title, say.Count(s.steps, "item"))
		}
	}
	r.numbered(counted)
}

func (r *reader) note(line int, format string, args ...any) {
	r.doc.Notes = append(r.doc.Notes, Remark{Line: line, Text: clean.Linef(format, args...)})
}

// ifWrongStems are those of which such a sentence has one. They avoid most matching.
var ifWrongStems = [][]byte{
	[]byte("rror"), []byte("ail"), []byte("wrong"), []byte("roblem"), []byte("br"), []byte("rouble"), []byte("mergenc"), []byte("health"), []byte("rash"),
	[]byte("south"), []byte("sideways"), []byte("ack"), []byte("evert"), []byte("not "), []byte("n't "), []byte("n’t "), []byte("bad"), []byte("owngrad"), []byte("bort"),
}

// inCaseOf matches the beginning of a sentence about what is done only if something goes
// wrong. The first group is what may deny it, as in "If there are no errors".
var inCaseOf = pattern.Lazy(`(?i)^(?:(?:if|in case|in the event|when|whenever|should)\b([^,.:;]{0,120}?)\b(?:errors?|errored|fail(?:s|ed|ing|ure|ures)?|wrong|problems?|` +
	`broken|breaks|trouble|emergency|unhealthy|crash(?:es|ed)?|south|sideways|roll(?:ing)?[ -]?back|revert|(?:not|n['’]t) (?:work|succeed|start|recover|come)|go(?:es)? bad)\b|` +
	`(?:on|upon|after)(?: an?| any)? (?:errors?|failures?)\b|` +
	`(?:(?:to|for(?: an?| the)?) )?(?:roll(?:ing)?[ -]?backs?|back(?:ing)? out|revert(?:ing)? to|downgrad(?:e|ing)|abort(?:ing)?)\b)`)

// denied matches what stands before "errors" in "no errors" and the like.
var denied = pattern.Lazy(`(?i)(\b(no|not|without|nothing|never|none)|n['’]t)\s+(\w+\s+)?$`)

// aPlan matches what stands behind such a beginning if it is about being prepared, as in
// "Rollback plan is ready".
var aPlan = pattern.Lazy(`(?i)^ (?:plans?|procedures?|strategy|paths?|options?|instructions)(?: |[.,;]?$)`)

// OnlyIfWrong reports whether Negated, of a command, says that the command is for when
// something goes wrong.
func OnlyIfWrong(negated string) bool {
	return negated != "" && (inCaseOf().MatchString(negated) || procedureOfItsOwn(negated))
}

// ifWrong returns the beginning of a sentence by which it is for when something goes wrong,
// else "". In a section that is about nothing else, or whose annotation says what its steps
// are, no sentence is.
func (r *reader) ifWrong(text []byte) string {
	if !mayBeWrong(text) || !slices.ContainsFunc(ifWrongStems, func(stem []byte) bool { return bytes.Contains(text, stem) }) {
		return ""
	}
	at := inCaseOf().FindSubmatchIndex(text)
	if at == nil || at[2] >= 0 && denied().Match(text[at[2]:at[3]]) || aPlan().Match(text[at[1]:]) {
		return ""
	}
	for s := r.section; s != nil; s = s.Parent {
		if s.Separate || s.annotated != "" {
			return ""
		}
	}
	return string(text[:at[1]])
}

// mayBeWrong reports whether the first word of a text is that of such a sentence. It avoids
// nearly all matching.
func mayBeWrong(text []byte) bool {
	if len(text) < 4 {
		return false
	}
	switch [2]byte{text[0] | 0x20, text[1] | 0x20} {
	case [2]byte{'i', 'f'}, [2]byte{'i', 'n'}, [2]byte{'o', 'n'}, [2]byte{'t', 'o'}:
		return text[2] == ' '
	case [2]byte{'f', 'o'}, [2]byte{'r', 'o'}:
		return text[2]|0x20 == 'r' || text[2]|0x20 == 'l'
	case [2]byte{'r', 'e'}:
		return text[2]|0x20 == 'v'
	case [2]byte{'b', 'a'}, [2]byte{'w', 'h'}, [2]byte{'s', 'h'}, [2]byte{'u', 'p'}, [2]byte{'a', 'f'}, [2]byte{'a', 'b'}, [2]byte{'d', 'o'}:
		return true
	}
	return false
}

// leadsWrong returns the words by which what follows a paragraph, which was read last, is
// for when something goes wrong: the paragraph is an item's first, begins with bold words or
// ends with a colon. Before are those that hold so far, and any other paragraph keeps them.
func (r *reader) leadsWrong(n ast.Node, at place, before string) string {
	lead, _ := n.FirstChild().(*ast.Emphasis)
	bold := lead != nil && lead.Level == 2
	text := r.text
	switch {
	case n == at.first:
		return cmp.Or(r.wrong, at.wrong)
	case !bold && (len(text) == 0 || text[len(text)-1] != ':'):
		return before
	case r.wrong != "" || at.quoted:
		return r.wrong
	case bold && (lead.NextSibling() == nil || len(bytes.TrimRight(text, " :")) < len(text)) && procedureOfItsOwn(string(text)):
		return strings.TrimRight(string(text), " :")
	}
	return at.wrong
}

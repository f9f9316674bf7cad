package wording

import (
	"strings"
)

// Tells reports whether a text plainly tells the reader to run the commands of just that
// stand in it: each stands alone, behind a label, or behind an imperative of running or
// deploying, and nothing around it makes it conditional, optional, past, another
// environment's, someone else's or something to undo. The text asks for nothing else that
// a person does. A text in which none of the commands stands leads to all of them, as that
// before a block of code does.
func Tells(text string, commands [][]string) bool {
	const longest = 2000
	if len(text) > longest {
		return false
	}
	all := tokens(text, commands)
	several, found := 0, false
	for i := range all {
		if all[i].is&discouraging != 0 || all[i].word == "environment" && i > 0 && whose[all[i-1].word] {
			return false
		}
		if all[i].is&command != 0 {
			several++
		}
	}
	if found = several > 0; !found && len(all) > 0 && all[len(all)-1].end == ':' {
		all, found = append(all, token{is: command, environment: commands[0][2]}), true
	}
	told := 0
	for len(all) > 0 {
		end, n := 0, 0
		for end < len(all) {
			if all[end].is&command != 0 {
				n++
			}
			if end++; strings.IndexByte(".!?;", all[end-1].end) >= 0 && all[end-1].end != 0 {
				break
			}
		}
		sentence := all[:end]
		if n == 0 && told > 0 && asksMore(sentence, true) || n > 0 && !tells(sentence, told > 0, several > 1) {
			return false
		}
		told, all = told+n, all[end:]
	}
	return true
}

// tells is Tells for a sentence that has commands. again says that a sentence before it has
// one too, and several that the text has more than one.
func tells(sentence []token, again, several bool) bool {
	first := 0
	for sentence[first].is&command == 0 {
		first++
	}
	last := sentence[len(sentence)-1]
	if last.end == '?' || !leadsTo(sentence[:first], sentence[first].open, again) || bySomebody(sentence) || elsewhere(sentence) {
		return false
	}
	for at := first; at < len(sentence); {
		next := at + 1
		for next < len(sentence) && sentence[next].is&command == 0 {
			next++
		}
		after, more := sentence[at+1:next], next < len(sentence)
		end := sentence[at].end
		for len(after) > 0 && end == 0 && after[0].is&commandWord != 0 {
			end, after = after[0].end, after[1:]
		}
		if len(after) > 0 && end == 0 && !after[0].open && after[0].is&behind == 0 || !follows(after, several) {
			return false
		}
		if more && !joins(after, end, sentence[next].open) || !more && asksMore(after, end != 0) {
			return false
		}
		at = next
	}
	return true
}

// leadsTo reports whether the words before a command tell to run it. open says that the
// command is in brackets.
func leadsTo(before []token, open, again bool) bool {
	for len(before) > 0 {
		if before[0].is&small != 0 {
			before = before[1:]
			continue
		}
		if before[0].word == "step" && len(before) > 1 {
			before = before[2:]
			continue
		}
		clause := 0
		for clause < len(before) && before[clause].end == 0 {
			clause++
		}
		first := before[0].is
		if clause == len(before) {
			return asks(before, open)
		}
		end := before[clause].end
		switch part := before[:clause+1]; {
		case first&(place|when|lead) != 0 && (before[0].word != "as" || before[1].word == "soon") || again && (before[0].word == "if" || before[0].word == "only") && has(part, judgement):
		case (end == ':' || end == ',' && part[0].open) && first&label != 0 && len(part) <= 5, end == ':' && asks(part, true):
		case end == ',' && len(part) <= 2 && first&(deed|lead|begin) != 0: // "plan, read, roll out"
		case asks(part, false):
		default:
			return false
		}
		before = before[clause+1:]
	}
	return true
}

// asks reports whether a clause tells to run or to deploy something. It must end with what
// leads to the command, such as "with", unless that is in brackets or behind a colon.
func asks(clause []token, open bool) bool {
	for len(clause) > 0 && clause[0].is&small != 0 {
		clause = clause[1:]
	}
	if len(clause) == 0 {
		return true
	}
	if has(clause, undone) {
		return false
	}
	rest := clause
	for len(rest) > 0 && rest[len(rest)-1].is&particle != 0 {
		rest = rest[:len(rest)-1]
	}
	leads := open || len(rest) > 0 && rest[len(rest)-1].is&link != 0
	switch first := clause[0].is; {
	case first&runs != 0 && len(only(clause[1:], particle|link)) == 0:
		return true
	case first&begin != 0:
		return leads && len(only(clause[1:], particle|link|label)) == 0
	case first&deed != 0:
		return leads
	case first&deedOfVersion != 0:
		return leads && has(clause, version)
	case first&deedOfPlan != 0:
		return leads && clause[1].word != "sure" && has(clause, plan)
	case first&(lead|place) != 0:
		for i := 1; i < len(clause); i++ {
			if clause[i].is&(runs|deed|deedOfVersion|deedOfPlan|begin) != 0 && (first&place != 0 || clause[i-1].word == "and" || clause[i-1].word == "then") && asks(clause[i:], open) {
				return true
			}
		}
	}
	return false
}

// only returns the tokens from the first one on that isn't of a class.
func only(all []token, is class) []token {
	for len(all) > 0 && all[0].is&is != 0 {
		all = all[1:]
	}
	return all
}

// has reports whether one of the tokens is of a class.
func has(all []token, is class) bool {
	for i := range all {
		if all[i].is&is != 0 {
			return true
		}
	}
	return false
}

// follows reports whether what stands behind a command leaves it as it is: takes nothing
// back, and depends on nothing but what a command before has shown.
func follows(after []token, several bool) bool {
	for i := range after {
		switch t := &after[i]; {
		case t.is&undone != 0, t.word == "only" && i+1 < len(after) && after[i+1].is&place != 0:
			return false
		case t.is&condition != 0 && !(several && has(after[i+1:], judgement)):
			return false
		}
	}
	return true
}

// joins reports whether the words between two commands lead from one to the other.
func joins(between []token, end byte, open bool) bool {
	if len(between) > 0 {
		end = between[len(between)-1].end
		if between[len(between)-1].is&joint != 0 {
			return true
		}
	}
	return open || end == ',' || end == ':'
}

// asksMore reports whether a clause asks for something else that a person does. What is to
// be done if the command fails asks for nothing.
func asksMore(clause []token, begins bool) bool {
	if len(clause) > 0 && clause[0].word == "if" {
		return false
	}
	for i := range clause {
		t := &clause[i]
		if (begins || t.open) && t.is&chore != 0 {
			return true
		}
		begins = t.word == "and" || t.word == "then" || t.word == "or" || begins && t.is&small != 0 || t.end != 0
	}
	return false
}

// bySomebody reports whether a sentence says that someone else does something.
func bySomebody(sentence []token) bool {
	for i := range sentence {
		if sentence[i].is&somebody == 0 {
			continue
		}
		if has(sentence[max(0, i-3):i], agent) {
			return true
		}
		for j := i + 1; j < min(i+3, len(sentence)); j++ {
			if sentence[j].is&acts != 0 && sentence[j].end == 0 || (sentence[j].word == "has" || sentence[j].word == "have") && j+1 < len(sentence) && sentence[j+1].is&acted != 0 {
				return true
			}
		}
	}
	return false
}

// elsewhere reports whether a sentence is about another environment than one of its
// commands. What it says of when to run them doesn't count.
func elsewhere(sentence []token) bool {
	named := only(sentence, small)
	if len(named) > 0 && named[0].is&when != 0 {
		for len(named) > 1 && named[0].end != ',' {
			named = named[1:]
		}
		named = named[1:]
	}
	for i := range named {
		is := environments[named[i].word]
		if is == "" {
			continue
		}
		for j := range sentence {
			if other := environments[sentence[j].environment]; sentence[j].is&command != 0 && other != "" && other != is {
				return true
			}
		}
	}
	return false
}

// whose are words by which an environment is any that the reader means, so that the one in a
// command is an example.
var whose = words("your right correct wanted desired target chosen other each every")

// environments are names of environments, with one for all that mean the same.
var environments = map[string]string{
	"prod": "prod", "production": "prod", "staging": "staging", "stage": "staging", "dev": "dev", "development": "dev",
	"test": "test", "testing": "test", "qa": "qa", "sandbox": "sandbox", "preview": "preview",
}

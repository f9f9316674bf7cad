package wording

import (
	"regexp"
	"slices"
	"strings"

	"catalog-runbook/runbook/pattern"
)

// A Deed cuts what a person does with a link from the beginning of a main clause, which is
// in lower case: "publish the release". It returns false if it isn't there.
type Deed func(clause string) (rest string, found bool)

// AsksWith reports whether a text asks to do a deed with a link, or to check something about
// it, and for nothing else that a person does. Unlike words alone a link says what the step
// is about, so the words around it may be any. Who is to check something must be told to
// look for what holds describes, or to look at the link and nothing else.
func AsksWith(text, link string, deed Deed, holds func() *regexp.Regexp) bool {
	text, link = trimFillers(cutLabel(withoutSigns(plain(text)))), plain(link)
	switch first, _, _ := strings.Cut(text, " "); {
	case whenWords[first]:
		if _, main, ok := strings.Cut(text, ", "); ok {
			text = trimFillers(main)
		}
	case whereWords[first]:
		if _, main, ok := strings.Cut(text, ", "); ok {
			text = trimFillers(main)
		}
	}
	if first, _, _ := strings.Cut(text, " "); thereWords[first] {
		if i := there().FindStringIndex(text); i != nil {
			text = text[i[1]:]
		}
	}
	rest, found := cutCheck(text)
	if !found {
		rest, found = deed(text)
	}
	if !found {
		return false
	}
	if first, _, _ := strings.Cut(text[:len(text)-len(rest)], " "); checks[first] && !holds().MatchString(text) && !bare(rest, link) {
		return false
	}
	return !asksBesides(rest)
}

// OnlyWhen reports whether a link stands in a clause that says when to do what the rest of
// the text asks for.
func OnlyWhen(text, link string) bool {
	first, _, _ := strings.Cut(text, " ")
	if first = strings.ToLower(strings.TrimRight(first, ",:")); !whenWords[first] && !fillers[first] {
		return false // as nearly all texts
	}
	text = trimFillers(withoutSigns(plain(text)))
	if first, _, _ := strings.Cut(text, " "); !whenWords[first] {
		return false
	}
	_, main, ok := strings.Cut(text, ", ")
	return ok && !strings.Contains(main, plain(link))
}

// cutLabel cuts a label from the beginning of a text in lower case: "release: ".
func cutLabel(text string) string {
	first, rest, _ := strings.Cut(text, " ")
	if label, ok := strings.CutSuffix(first, ":"); ok && labels[label] {
		return rest
	}
	if dash, more, ok := strings.Cut(rest, " "); ok && labels[first] && (dash == "-" || dash == "–" || dash == "—") {
		return more
	}
	return text
}

// withoutSigns returns a text without the words that are signs, such as emoji.
func withoutSigns(text string) string {
	if !strings.ContainsFunc(text, func(c rune) bool { return c >= 0x2000 }) && !strings.Contains(text, ":") {
		return text
	}
	all := strings.Fields(text)
	return strings.Join(slices.DeleteFunc(all, func(word string) bool { return isSign(word) }), " ")
}

// labels are titles that a step may begin with.
var labels = words("release releases publish image registry airflow dags github deploy")

// checks begin a sentence that asks to check something.
var checks = words("check double-check ensure make verify confirm wait look see")

// cutCheck cuts what asks to check something from the beginning of a text.
func cutCheck(text string) (rest string, found bool) {
	for _, verb := range [...]string{"check", "double-check", "ensure", "make sure", "make certain", "verify", "confirm", "wait", "look", "see that", "see whether", "see if"} {
		if rest, found = CutWord(text, verb); found {
			return rest, true
		}
	}
	return text, false
}

// bare reports whether the words behind a verb are a link and small words: "check the page".
func bare(rest, link string) bool {
	before, after, ok := strings.Cut(rest, link)
	if !ok {
		return link == "" || strings.HasSuffix(link, strings.TrimRight(rest, ".")) // the verb is in the link
	}
	for word := range strings.FieldsSeq(before) {
		if !pages[strings.Trim(word, "(,:")] {
			return false
		}
	}
	after = strings.Trim(after, " .!)")
	first, _, _ := strings.Cut(after, " ")
	return after == "" || first == "before" || first == "in" && len(strings.Fields(after)) <= 3
}

// pages are words that may stand before a link to what is to be looked at. Any other word
// may be what is to be checked instead, such as its size.
var pages = words("the a an our your its all on in at of list page tab tags releases image images docker container package new release release's tag dag dags run runs running active airflow airflow's github registry for")

// plain returns a text in lower case, with single spaces.
func plain(text string) string {
	if !strings.Contains(text, "  ") && !strings.ContainsAny(text, "*\t\n") {
		return strings.TrimSpace(strings.ToLower(text))
	}
	return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(text, "*", ""))), " ")
}

// trimFillers cuts words like "please" and "then" from the beginning of a text.
func trimFillers(text string) string {
	for {
		first, rest, ok := strings.Cut(text, " ")
		if !ok || !fillers[strings.TrimRight(first, ",:")] {
			return text
		}
		text = rest
	}
}

// A clause that begins with one of whenWords says when to do what the main clause asks for:
// a link in it is only mentioned. One of whereWords says where to do it, and thereWords lead
// a person there first.
var (
	whenWords  = words("after once when as")
	whereWords = words("on in at from via using with")
	thereWords = words("go open visit navigate head browse")
)

// there are words that lead a person to a page on which they then do something.
var there = pattern.Lazy(`^(?:go (?:over )?to|open|visit|navigate to|head (?:over )?to|browse to) [^,.]*?(?:,(?: and)?(?: then)?|(?: and| and then|, then)) `)

// another are words that make another thing of the one that they stand beside, also with an
// "s" at their end.
var another = words(`note ticket candidate announcement post manager checklist train blog article schedule calendar issue email e-mail mail message
	pr pull plan process script documentation doc template workflow channel pipeline chart label job team cluster
	private public latest immutable visible hidden available`)

// isAnother reports whether a word is one of another.
func isAnother(word string) bool {
	word = strings.TrimRight(word, " .,;:!?()[]\"'…*_-")
	return another[word] || another[strings.TrimSuffix(word, "s")] || strings.HasPrefix(word, "branch")
}

// relation are words that say what a thing has to do with the one behind them.
var relation = words("a an the about of for on in to with from at by that which and or every each")

// asksBesides reports whether what follows a deed asks for another one: whether one of
// chores begins a clause.
func asksBesides(rest string) bool {
	begins := false
	for _, word := range strings.Fields(rest) {
		bare := strings.Trim(word, "([.,;:)]")
		begins = begins || word[0] == '('
		switch {
		case begins && chores[bare]:
			return true
		case bare == "and" || bare == "then" || bare == "or" || bare == "but":
			begins = true
		default:
			begins = begins && (bare == "" || fillers[bare]) || strings.IndexByte(".,;:", word[len(word)-1]) >= 0
		}
	}
	return false
}

// chores are what a person does besides asking a service.
var chores = words(`add announce apply approve archive ask assign attach book bump call cancel change clear click close comment commit copy
	create delete deploy disable download drop edit email enable execute export file fill flip grant import inform install keep kill leave link log mark mention
	merge move notify open paste pause ping post press promote pull purge push put remove rename replace reset restart restore resume revert
	rotate run save schedule scale send set share start stop submit subscribe switch sync tell toggle trigger turn unpause update upgrade upload write`)

// OnlyMentions reports whether a sentence of the text mentions a command, given by its
// words, without telling the reader to run it: in a clause that says when to do something
// else, as what others do, or as what something is about.
func OnlyMentions(text string, command []string) bool {
	at := position(text, command)
	if at == 0 {
		return doneBy(text, command)
	}
	if at < 0 {
		return false
	}
	before := text[:at]
	for i := len(before) - 2; i > 0; i-- {
		if before[i+1] == ' ' && strings.IndexByte(".!?;", before[i]) >= 0 {
			before = before[i+2:]
			break
		}
	}
	first, rest := "", before
	for rest != "" && (first == "" || fillers[strings.TrimRight(first, ",:")]) {
		first, rest, _ = strings.Cut(strings.TrimLeft(rest, " "), " ")
		first = strings.ToLower(first)
	}
	if other[first] || conditions[first] && !strings.Contains(before, ",") && !orders(before) {
		return true
	}
	return told(before) || doneBy(text[at:], command)
}

// orders reports whether a clause ends by telling to run what is behind it: "once it is there
// run", but not "before you run".
func orders(clause string) bool {
	word, clause := lastWord(clause)
	if word != "run" && word != "execute" && word != "type" && word != "enter" && word != "use" && word != "then" {
		return false
	}
	who, _ := lastWord(clause)
	return who != "" && !auxiliaries[who] && !runner[who] && !conditions[who]
}

// position returns where a command stands in a text, -1 if it doesn't.
func position(text string, command []string) int {
	for at := 0; ; at++ {
		i := strings.Index(text[at:], command[0])
		if i < 0 {
			return -1
		}
		at += i
		rest, same := text[at+len(command[0]):], true
		for _, word := range command[1:] {
			if rest, same = strings.CutPrefix(rest, " "); same {
				rest, same = strings.CutPrefix(rest, word)
			}
			if !same {
				break
			}
		}
		if same {
			return at
		}
	}
}

// doneBy reports whether the text from a command on says that it is run, was run or will be
// run: by someone else.
func doneBy(text string, command []string) bool {
	const longest = 120 // bytes that the command and the next words take
	behind := strings.Fields(text[:min(len(text), longest)])
	if len(behind) < len(command)+2 {
		return false
	}
	behind = behind[len(command):]
	if !passives[behind[0]] {
		return false
	}
	for _, word := range behind[1:min(len(behind), 5)] {
		if done[strings.TrimRight(word, ".,;:")] {
			return true
		}
	}
	return false
}

// told reports whether the words before a command make it one that is told about.
func told(before string) bool {
	word, before := lastWord(before)
	for word == "recipe" || word == "command" || word == "the" {
		word, before = lastWord(before)
	}
	switch word {
	case "how", "what", "why", "whether", "which", "who", "that":
		return true
	case "run", "typed", "executed", "called", "ran":
		previous, before := lastWord(before)
		if previous == "already" {
			previous, _ = lastWord(before)
		}
		return auxiliaries[previous]
	case "of":
		previous, _ := lastWord(before)
		return reports[previous]
	case "runs", "calls", "executes", "invokes", "uses", "triggers", "does":
		return true
	}
	return false
}

// lastWord cuts the last word from a text, in lower case.
func lastWord(text string) (word, before string) {
	text = strings.TrimRight(text, " ")
	i := strings.LastIndexByte(text, ' ') + 1
	return strings.ToLower(text[i:]), text[:i]
}

// conditions begin a clause that says when to do what follows behind a comma, and other
// begins a sentence about what someone else does.
var (
	conditions  = words("before after once when whenever if unless until as while in should since because without")
	other       = words("tell ask remind let have wait watch nobody somebody someone whoever")
	fillers     = words("please now then next finally first afterwards and also")
	auxiliaries = words("has have had was were been")
	runner      = words("you we they i he she it who to can could may might must shall should will would be not never always")
	passives    = words("is was gets has had will must should may can")
	done        = words("run executed called typed invoked triggered")
	reports     = words("output result code log logs description meaning")
)

func words(all string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(all) {
		set[word] = true
	}
	return set
}

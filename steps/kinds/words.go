package kinds

import (
	"slices"
	"strings"

	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/wording"
)

// Parts of sentences that several kinds have.
const (
	wordCheck = `(?:check|double-check|ensure|make sure|make certain|verify|confirm|see)`
	// after is a clause about what goes before by itself.
	wordAfter = `(?:(?:after|once|when|as soon as) (?:(?:the|that|its|your|our) )?(?:(?:new|release|release's|github|docker|image|name|pull) )*` +
		`(?:action|workflow|build|pipeline|job|ci|release|image|request|pr|change|changes)(?: (?:run|build|job|action|workflow))?(?: (?:of|for) the (?:new )?release)?` +
		` (?:(?:has|have|is|are|was) )?(?:been )?(?:run|finished|ended|completed|passed|succeeded|done|built|published|pushed|green|complete|through|merged|merged into main),? (?:then )?)?`
	wordBefore = `(?:,? before (?:deploying|the deployment|the deploy|you deploy|we deploy|you begin|you start|you go on|you continue|going on|continuing|proceeding|you proceed|the next step))?`
)

// near reports whether the text has one of the words first and, at most gap
// bytes after it, one of the words then: whole words, in lower case or with a
// capital. It is for plain words where links and commands were lost, and is
// asked of every step, so it looks for the later word first, by index.
func near(text string, first []string, gap int, then ...string) bool {
	for _, word := range then {
		for from := 0; ; {
			i := strings.Index(text[from:], word[1:])
			if i < 0 {
				break
			}
			start := from + i - 1
			from += i + 1
			if start < 0 || !wordAt(text, start, word) {
				continue
			}
			if before(text, start, first, gap) {
				return true
			}
		}
	}
	return false
}

// before reports whether one of the words ends at most gap bytes before end.
func before(text string, end int, words []string, gap int) bool {
	longest := 0
	for _, w := range words {
		longest = max(longest, len(w))
	}
	for at := end - 1; at >= max(0, end-gap-longest); at-- {
		if !letter(text[at]) || at > 0 && letter(text[at-1]) {
			continue // no word begins here
		}
		for _, w := range words {
			if rest := end - at - len(w); rest >= 0 && rest <= gap && wordAt(text, at, w) {
				return true
			}
		}
	}
	return false
}

// wordAt reports whether a whole word stands at the given place.
func wordAt(text string, at int, word string) bool {
	end := at + len(word)
	return end <= len(text) && text[at]|0x20 == word[0] && text[at+1:end] == word[1:] &&
		(at == 0 || !letter(text[at-1])) && (end == len(text) || !letter(text[end]))
}

// letter reports whether a byte belongs to a word. Bytes of other alphabets do.
func letter(b byte) bool {
	return b >= 0x80 || b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

var releaseVerbs = []string{"cut", "create", "publish", "draft", "tag", "make"}

const releaseVerb = `(?:(?:cut|create|publish|make|issue|tag)(?:(?:,| and|, and| then| and then) (?:cut|create|publish|tag))?|draft(?:,| and|, and| then| and then) (?:cut|publish))`

// releaseSentence asks for a release, and perhaps to see that its workflow has run.
var releaseSentence = pattern.Lazy(`^` + wordAfter + `(?:(?:on|in) (?:github|the github ui|github's ui), )?(?:(?:publish|release) (?:a|the) (?:new|next) version(?: of (?:the )?name)? (?:on|in) github` +
	`|draft (?:a|the) (?:(?:new|next|github) )*release, (?:fill in|write|check|review|edit|complete) (?:the|its) (?:release )?notes,? and(?: then)? publish it` +
	`|(?:publish (?:(?:a|an|the|our|this|your) )?(?:draft|drafted) |` + releaseVerb + ` (?:(?:a|an|the|our|this|your) )?)(?:(?:new|next|github|final|production|name|name's) )*release` +
	`(?: (?:(?:on|in) github(?: releases)?|on the (?:github )?releases page|in the (?:github )?ui|in (?:the|our|your|this) (?:name )?(?:github )?(?:repository|repo)|of (?:the )?name|for (?:the )?name|from main|from the main branch` +
	`|for (?:the|a) (?:new|next) version|with (?:a|the) (?:new|next|semantic|semver|new semantic|next semantic) (?:version|tag|version tag)))*` +
	`(?:,? and(?: then)? (?:` + wordCheck + `|wait)(?: that| until| for)? (?:the|its) (?:release )?(?:workflow|build|action|github action)(?: (?:that )?it starts)? (?:(?:has|is) )?(?:to )?(?:run|finish|finished|succeed|succeeded|pass|passed|green|done|built it|end|ended|complete|completed))?` +
	`)` + wordBefore + `$`)

// isReleased says of a release that it is there.
var isReleased = pattern.Lazy(`\b(?:publish\w*|exists?|is there|is out|released|built|succeed\w*|for (?:a|the|our|its) [^,.;:]*\brelease)\b`)

// releaseDeed cuts what a person does with a link to the releases: presses it, or makes or
// publishes a release.
func releaseDeed(clause string) (rest string, found bool) {
	for _, verb := range [...]string{"press", "click", "hit"} {
		if rest, found := wording.CutWord(clause, verb); found {
			return rest, true
		}
	}
	if strings.HasPrefix(clause, "draft ") && draftsAndPublishes().MatchString(clause) {
		return "", true
	}
	behind := behindVerb(clause)
	for _, rest := range behind {
		if it, ok := strings.CutPrefix(rest, " it"); ok {
			rest = it
		} else {
			rest = strings.TrimPrefix(rest, " one")
		}
		if rest == "" || strings.IndexByte(".!;", rest[0]) >= 0 {
			return rest[min(1, len(rest)):], true
		}
	}
	if rest, ok := strings.CutPrefix(clause, "publish "); ok {
		if release, found := wording.CutThing(rest, "release", "draft"); found {
			return release.Rest, !release.IsAnother()
		}
	}
	for _, rest := range behind {
		if rest, ok := strings.CutPrefix(rest, " "); ok {
			if release, found := wording.CutThing(rest, "release"); found {
				drafted := slices.ContainsFunc(release.Before, func(word string) bool { return strings.HasPrefix(word, "draft") })
				return release.Rest, !drafted && !release.IsAnother()
			}
		}
	}
	return clause, false
}

// behindVerb returns what stands behind a verb that makes or publishes a release, and first
// what stands behind two of them: "draft and publish".
func behindVerb(clause string) (all []string) {
	for _, verb := range [...]string{"cut", "create", "publish", "make", "issue", "tag", "draft"} {
		rest, ok := strings.CutPrefix(clause, verb)
		if !ok {
			continue
		}
		if i := behindAnd(rest); i > 0 {
			for _, second := range [...]string{"cut", "publish", "create", "tag"} {
				if more, ok := strings.CutPrefix(rest[i:], second); ok && (verb != "draft" || second == "cut" || second == "publish") {
					all = append(all, more)
				}
			}
		}
		if verb != "draft" { // which isn't a release yet
			all = append(all, rest)
		}
	}
	return all
}

// behindAnd returns where the verb begins that a comma, or a word like "and", leads to from
// the one before, 0 if none does.
func behindAnd(rest string) int {
	for _, joint := range [...]string{", and ", ", ", " and then ", " and ", " then "} {
		if strings.HasPrefix(rest, joint) {
			return len(joint)
		}
	}
	return 0
}

var draftsAndPublishes = pattern.Lazy(`^draft (?:(?:a|the) )?(?:new |github )*release(?: (?:on|in) [\w'-]+(?: [\w'-]+){0,2}?)?(?:,| and|, and| then| and then) publish it[.!;]?$`)

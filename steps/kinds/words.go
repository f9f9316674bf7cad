package kinds

import "strings"

// Parts of sentences that several kinds have.
const (
	wordCheck = `(?:check|double-check|ensure|make sure|make certain|verify|confirm|see)`
	// after is a clause about what goes before by itself.
	wordAfter = `(?:(?:after|once|when|as soon as) (?:(?:the|that|its|your|our) )?(?:(?:new|release|release's|github|docker|image|name|pull) )*` +
		`(?:action|workflow|build|pipeline|job|ci|release|image|request|pr|change|changes)(?: (?:run|build|job|action|workflow))?(?: (?:of|for) the (?:new )?release)?` +
		` (?:(?:has|have|is|are|was) )?(?:been )?(?:run|finished|ended|completed|passed|succeeded|done|built|published|pushed|green|complete|through|merged|merged into main),? (?:then )?)?`
	wordBefore = `(?:,? before (?:deploying|the deployment|the deploy|you deploy|we deploy|you begin|you start|you go on|you continue|going on|continuing|the next step))?`
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

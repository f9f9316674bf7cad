package wording

import "strings"

// Thing is what a deed is done to: "the new release on GitHub".
type Thing struct {
	Before []string // up to three words between its article and its name
	Behind string   // the word behind its name
	Rest   string   // what follows then
}

// CutThing cuts from a text the thing that it begins with, which has one of the names, or
// their plurals.
func CutThing(text string, names ...string) (t Thing, found bool) {
	const most = 3
	for _, article := range [...]string{"the ", "a ", "an ", "our ", "this ", "your ", "that "} {
		if rest, ok := strings.CutPrefix(text, article); ok {
			text = rest
			break
		}
	}
	for {
		for _, name := range names {
			if rest, ok := cutNoun(text, name); ok {
				t.Rest = rest
				if word, ok := strings.CutPrefix(rest, " "); ok && word != "" {
					t.Behind, t.Rest, _ = strings.Cut(word, " ")
					t.Rest = rest[len(" ")+len(t.Behind):]
				}
				return t, true
			}
		}
		word, rest, ok := strings.Cut(text, " ")
		if !ok || word == "" || strings.ContainsAny(word, ",.:;") || len(t.Before) == most {
			return Thing{}, false
		}
		t.Before, text = append(t.Before, word), rest
	}
}

// IsAnother reports whether a word beside the name makes it another thing: "a post about the
// release", "release notes".
func (t Thing) IsAnother() bool {
	for _, word := range t.Before {
		if isAnother(word) || relation[word] {
			return true
		}
	}
	return isAnother(t.Behind)
}

// CutWord cuts a word from the beginning of a text.
func CutWord(text, word string) (rest string, found bool) {
	rest, found = strings.CutPrefix(text, word)
	if !found || rest != "" && (rest[0] == '_' || '0' <= rest[0] && rest[0] <= '9' || 'a' <= rest[0]|0x20 && rest[0]|0x20 <= 'z') {
		return text, false
	}
	return rest, true
}

// cutNoun is CutWord for a noun, which may have an "s" at its end.
func cutNoun(text, noun string) (rest string, found bool) {
	if rest, found = CutWord(text, noun); !found {
		rest, found = CutWord(text, noun+"s")
	}
	return rest, found
}

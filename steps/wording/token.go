package wording

import (
	"strings"
	"unicode"
)

// A token is a word in lower case, or a whole command.
type token struct {
	word        string
	is          class
	environment string // of a command
	open        bool   // a bracket opens before it
	end         byte   // the mark behind it that ends a clause or a sentence, or 0
}

// tokens returns the words of a text.
func tokens(text string, commands [][]string) []token {
	text = strings.ToLower(text)
	all, classes := make([]token, 0, 1+strings.Count(text, " ")), classes()
	for word := range strings.FieldsSeq(text) {
		var t token
		word, t.open, t.end = trim(word)
		switch {
		case word == "#":
			if len(all) > 0 && all[len(all)-1].end == 0 {
				all[len(all)-1].end = '.' // what follows is a comment
			}
			continue
		case word == "$" || isSign(word):
			if len(all) > 0 && all[len(all)-1].end == 0 && word != "$" {
				all[len(all)-1].end = t.end
			}
			continue
		case word == "" || word == "→" || word == "->" || word == "–" || word == "—" || word == "-":
			if len(all) > 0 && all[len(all)-1].end == 0 {
				all[len(all)-1].end = ','
			}
			continue
		}
		t.word, t.is = word, classes[word]
		if all = append(all, t); len(all) >= 4 && all[len(all)-4].word == "just" {
			all = whole(all, commands)
		}
	}
	return all
}

// forbidding are signs that say that something isn't to be done, and names of such signs.
const forbidding = "🚫⛔❌❎✖✗✘🙅🙈"

var forbiddingNames = words("no_entry no_entry_sign x prohibited no_good negative_squared_cross_mark heavy_multiplication_x")

// isSign reports whether a word is a sign such as an emoji, or the name of one (":rocket:"),
// and forbids nothing.
func isSign(word string) bool {
	if word == "" || word[0] != ':' && isASCII(word) {
		return false // as nearly all words
	}
	if strings.ContainsAny(word, forbidding) || forbiddingNames[strings.Trim(word, ":")] {
		return false
	}
	name, named := strings.CutPrefix(word, ":")
	if named && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-:") == "" {
		return true
	}
	if strings.HasSuffix(word, "\u20e3") {
		return true // a keycap: a digit in a box
	}
	for _, c := range word {
		if c < 0x2000 || c == '…' || c == '→' || c >= 0x2010 && c <= 0x2015 || unicode.IsLetter(c) {
			return false
		}
	}
	return word != ""
}

func isASCII(word string) bool {
	for i := range len(word) {
		if word[i] >= 0x80 || word[i] == '<' {
			return false
		}
	}
	return true
}

// whole puts one token in place of the last four if they are one of the commands.
func whole(all []token, commands [][]string) []token {
	at := len(all) - 4
	for _, argv := range commands {
		if all[at+1].word == argv[1] && strings.EqualFold(all[at+2].word, argv[2]) && strings.EqualFold(all[at+3].word, argv[3]) {
			all[at] = token{is: command, environment: all[at+2].word, open: all[at].open, end: all[at+3].end}
			return all[:at+1]
		}
	}
	return all
}

// trim cuts marks from both ends of a word.
func trim(word string) (bare string, open bool, end byte) {
	if first, last := word[0], word[len(word)-1]; 'a' <= first && first <= 'z' && 'a' <= last && last <= 'z' {
		return word, false, 0 // as most words
	}
	for len(word) > 0 && strings.IndexByte("([\"'", word[0]) >= 0 {
		open = open || word[0] == '('
		word = word[1:]
	}
	word = strings.TrimPrefix(word, "“")
	for len(word) > 0 {
		c := word[len(word)-1]
		switch {
		case strings.IndexByte(".!?;", c) >= 0:
			end = c
		case strings.IndexByte(",:)", c) >= 0 && end == 0:
			if end = c; c == ')' {
				end = ','
			}
		case strings.IndexByte("]\"',:)", c) >= 0:
		case strings.HasSuffix(word, "”"):
			word = word[:len(word)-len("”")+1]
		default:
			return word, open, end
		}
		word = word[:len(word)-1]
	}
	return "", open, end
}

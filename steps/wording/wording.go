// Package wording reads what a sentence of a runbook asks for. It knows no kinds: those
// say which sentences are theirs.
//
// A sentence counts only as a whole. A word that a pattern doesn't know may change what is
// asked for ("Cut the release branch"), so there is no pattern with a gap for any word.
package wording

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"catalog-runbook/runbook/pattern"
)

// Names are words that a document uses for what it deploys, in lower case: "catalog". In
// a pattern, "name" stands for any of them.
type Names map[string]bool

// Add adds the words of a text that can be such a name: those with three letters that
// mean nothing else to a pattern.
func (n Names) Add(text string) {
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_'
	}) {
		n.add(word)
		for _, part := range strings.FieldsFunc(word, func(c rune) bool { return c == '-' || c == '_' }) {
			n.add(part)
		}
	}
}

func (n Names) add(word string) {
	if len(word) >= 3 && !meaning().MatchString(word) {
		n[word] = true
	}
}

// meaning are words that aren't names, even in a title or an address.
var meaning = pattern.Lazy(`^(?:a|an|and|the|for|of|to|in|on|how|our|new|with|from|into|not|all|this|that|your|` +
	`releas\w*|deploy\w*|rollout\w*|rolling|runbook\w*|guide\w*|work|workflow\w*|process\w*|branch\w*|image\w*|tag\w*|dags?|plans?|planning|appl\w+|version\w*|notes?|tickets?|` +
	`container\w*|docker\w*|airflow|terraform|tofu|opentofu|ansible|python|postgres\w*|databases?|kubernetes|helm|aws|github|ghcr|registr\w+|infra\w*|repo\w*|prod|production|staging|dev|steps?|upgrad\w*|updat\w*|publish\w*|` +
	`migrat\w*|changes?|changelog\w*|posts?|charts?|docs?|documentation|tests?|candidates?|managers?|rollback\w*|emergenc\w+|hotfix\w*|incident\w*)$`)

// Asks reports whether a text asks for what a pattern describes and for nothing else:
// its first sentence matches, and any other only says what to do meanwhile. The pattern
// gets a sentence in lower case, with single spaces and without the marks at its end and
// words like "please" and "then" at its beginning. It must match all of it.
func Asks(text string, names Names, asked *regexp.Regexp) bool {
	const longest = 300 // a sentence that asks for one thing is short
	if len(text) > longest || !utf8.ValidString(text) {
		return false
	}
	sentences := split(text, names)
	if len(sentences) == 0 || !asked.MatchString(sentences[0]) {
		return false
	}
	for _, s := range sentences[1:] {
		if !meanwhile().MatchString(s) {
			return false
		}
	}
	return true
}

// meanwhile are sentences that say how long to wait for what the sentence before asks.
var meanwhile = pattern.Lazy(`^(?:` +
	`(?:if|when) (?:there are|there is|there are any|there are some|any are running|some are running|one is running|so|not),? wait(?: (?:for (?:them|it) to (?:finish|end|complete)|(?:until|till) (?:they have|it has|they|it) (?:finished|ended|completed|finish|ends?|are done|is done)))?` +
	`|wait (?:for (?:them|it) to (?:finish|end|complete)|until (?:they have|it has) (?:finished|ended|completed)|if there are any)` +
	`|(?:this|it|that) (?:may take|can take|takes|usually takes) (?:about |up to |around )?(?:a|an|one|two|three|five|ten|some|a few|[0-9]+) (?:minutes?|hours?|while|moment|seconds?)` +
	`)$`)

// filler are the words at the beginning of a sentence that ask for nothing.
var filler = pattern.Lazy(`^(?:(?:please|now|then|next|finally|first|firstly|secondly|lastly|afterwards|again|and|go ahead and|remember to|be sure to|make sure to|step [0-9a-z])\b[,:]? *)+`)

// split returns the sentences of a text as Asks describes them.
func split(text string, names Names) []string {
	var all []string
	for _, sentence := range ends().Split(aside().ReplaceAllString(cutLabel(withoutSigns(strings.ToLower(text))), ""), -1) {
		words := strings.Fields(strings.NewReplacer("’", "'", "“", "", "”", "", "\"", "", "*", "", "_", " ", ",", " , ").Replace(sentence))
		for i, w := range words {
			if names[w] {
				words[i] = "name"
			} else if bare, ok := strings.CutSuffix(w, "'s"); ok && names[bare] {
				words[i] = "name's"
			}
		}
		s := strings.Trim(strings.ReplaceAll(strings.Join(words, " "), " ,", ","), " .!:;,")
		if s = filler().ReplaceAllString(s, ""); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// aside is what stands in brackets and asks for nothing: where to read more, how long it
// takes, or a footnote's mark.
var aside = pattern.Lazy(`\((?:(?:see|see also|how|details|docs) ?:? ?)?(?:the )?…\)|\((?:about |~)?[0-9]+ ?(?:min|minutes?|h|hours?)\)|\[\^[^\[\]\s]{1,40}\]`)

// ends are the ends of sentences.
var ends = pattern.Lazy(`[.!?;](?:\s+|$)`)

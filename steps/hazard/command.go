// Package hazard finds the commands of a runbook that change what is deployed, and those
// of them that no step guards. It knows no kinds: who calls it says which recipes of just
// a step runs behind its gates.
package hazard

import (
	"path"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/wording"
)

// command is a command that changes what is deployed, that plans it, or that publishes
// something.
type command struct {
	Recipe  string // of just, "" if another program is run
	Args    []string
	Line    int
	Negated string // see document.Command

	does    effect // of another program
	words   []string
	line    string // all of the line for a shell, "" if it is an argument list
	behind  int    // how many words stand before just
	direct  bool   // it is `just RECIPE ENVIRONMENT SERVICE` and nothing else
	unnamed bool   // it would be that, but its block of code has no language
	aside   bool   // its sentence only mentions it
	fenced  bool   // it stands in a block of code
	vague   bool   // it stands alone, but its paragraph doesn't plainly tell to run it
}

// text returns the command as it stands in the document.
func (c *command) text() clean.Text {
	if c.line != "" {
		return clean.Line(strings.TrimSpace(c.line))
	}
	return clean.Line(strings.Join(c.words, " "))
}

// recipes are those of the infrastructure repository's justfile. All but plan change
// something.
var recipes = []string{"bump", "plan", "apply"}

// A lineReader reads the commands of steps. Its zero value is ready to use.
type lineReader struct {
	words  []string // of the last line for a shell, unless a command has them
	starts []int
}

var once = []int{0}

// commands appends the commands of a step to all, in order.
func (r *lineReader) commands(s *document.Step, all []command) []command {
	first := len(all)
	for i := range s.Commands {
		c := &s.Commands[i]
		before := len(all)
		if slices.ContainsFunc(c.Argv, hasSpace) && !readers.has(c.Argv[0]) {
			all = r.within(strings.Join(c.Argv, " "), 0, all) // it may be for another shell: sh -c "..."
		} else {
			all = find(c.Argv, once, all)
		}
		kept := slices.DeleteFunc(all[before:], func(c command) bool { return c.Recipe == "" && isName(s.Text.String(), c.words) })
		all = all[:before+len(kept)]
		for j := before; j < len(all); j++ {
			all[j].Line, all[j].Negated, all[j].fenced = c.Line, c.Negated, c.Fenced
		}
	}
	readParagraphs(s, all[first:])
	for i := first; i < len(all); i++ {
		if c := &all[i]; c.vague || !c.direct && c.Recipe != "plan" {
			c.aside = wording.OnlyMentions(s.Text.String(), c.words)
		}
	}
	for _, c := range s.Code {
		all = r.within(c.Text, c.Line, all)
	}
	return inWords(s, all)
}

// spelled are commands among the words of a sentence. Behind "just", most words are English
// ("just apply the patch").
var spelled = pattern.Lazy(`\b(?:just (?:bump|apply) [a-z][a-z0-9-]* [a-z][a-z0-9-]*|(?:terraform|tofu|terragrunt) (?:apply|destroy))\b`)

// article matches "just apply the patch" and the like.
var article = pattern.Lazy(`^just [a-z]+ (?:the|a|an|it|them|this|that|these|those|your|our|its|all|any|some|to|and|or|for|in|on|as|if|when|what|whatever|every|each|once|again|here|there) `)

// inWords appends the commands that a sentence names without marking them as code.
func inWords(s *document.Step, all []command) []command {
	if s.Negated != "" || !strings.Contains(s.Words, "just ") && !strings.Contains(s.Words, "apply") && !strings.Contains(s.Words, "destroy") {
		return all
	}
	for _, text := range spelled().FindAllString(s.Words, -1) {
		if words := strings.Fields(text); !article().MatchString(text) {
			all = append(all, command{Line: s.Line, words: words, line: text, aside: wording.OnlyMentions(s.Text.String(), words)})
		}
	}
	return all
}

// hasSpace reports whether a word of a command has spaces, and not as a placeholder such
// as {{ environment }}.
func hasSpace(word string) bool {
	return strings.ContainsAny(word, " \n") && document.Placeholder(word) != word
}

// within appends the commands in a text that may be for a shell, whose first line is the
// given one.
func (r *lineReader) within(text string, first int, all []command) []command {
	for line := range strings.Lines(text) {
		if !drawn(line) {
			before := len(all)
			r.split(line)
			words := r.words
			if all = find(words, r.starts, all); len(all) > before {
				r.words = nil
			}
			for i := before; i < len(all); i++ {
				c := &all[i]
				c.unnamed = c.direct && strings.Join(words, " ") == strings.TrimSpace(line)
				c.direct, c.line, c.Line = false, line, first
			}
		}
		first++
	}
	return all
}

// drawn reports whether a line is part of a drawing.
func drawn(line string) bool {
	return strings.Contains(line, "->") || strings.Contains(line, "=>") || strings.Contains(line, "|-") || strings.ContainsAny(line, "→⇒│├└┌┐┘┤┬┴┼─▼▶↓")
}

// split reads the words of a line for a shell, without quotes, and the indexes at which its
// commands begin.
func (r *lineReader) split(line string) {
	begins := true
	for r.words, r.starts = r.words[:0], r.starts[:0]; len(line) > 0; {
		end := strings.IndexAny(line, " \t\n\"';&|()`")
		if end < 0 {
			end = len(line)
		}
		if end > 0 {
			if begins {
				r.starts = append(r.starts, len(r.words))
			}
			r.words, begins = append(r.words, line[:end]), false
		}
		if end < len(line) {
			begins = begins || strings.IndexByte(";&|()`", line[end]) >= 0
			end++
		}
		line = line[end:]
	}
}

// find appends the commands among the words of one line. Of other programs than just it
// takes the one that does most.
func find(words []string, starts []int, all []command) []command {
	if len(words) == 4 && words[0] == "just" && slices.Contains(recipes, words[1]) {
		return append(all, command{Recipe: words[1], Args: words[2:], words: words, direct: true})
	}
	before, does := len(all), none
	for i, from := range starts {
		to := len(words)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		found := len(all)
		if all = justs(words, from, to, all); len(all) == found {
			does = max(does, effectOf(words[from:to]))
		}
	}
	if len(all) == before && readsSQL(words) {
		does = changes
	}
	if len(all) == before && does != none {
		all = append(all, command{words: words, does: does})
	}
	return all
}

// justs appends the recipes that the command from one word to another runs.
func justs(words []string, from, to int, all []command) []command {
	if at := from + start(words[from:to]); at == to || readers.has(path.Base(words[at])) {
		return all
	}
	for i := from; i < to; i++ {
		if !strings.Contains(words[i], "just") || path.Base(strings.TrimSuffix(words[i], ".exe")) != "just" {
			continue
		}
		recipe := recipeAfter(words[i+1 : to])
		if recipe < 0 {
			continue
		}
		recipe += i + 1
		end := recipe + 1
		for end < to && words[end] != "just" && !redirects(words[end]) {
			end++
		}
		c := command{Recipe: recipeOf(words[recipe]), Args: words[recipe+1 : end], words: words, behind: i}
		if c.Recipe == "plan" && slices.Contains(c.Args, "apply") {
			c.Recipe = "apply" // "just plan apply": both
		}
		all = append(all, c)
	}
	return all
}

// recipeAfter returns the index of one of the recipes behind just's own options and
// variables, -1 if there is none or just only shows it.
func recipeAfter(words []string) int {
	for i, word := range words {
		switch {
		case word == "--show" || word == "-s" || word == "--dry-run" || word == "-n" || word == "--usage":
			return -1
		case strings.HasPrefix(word, "-") || strings.Contains(word, "="):
		case slices.Contains(recipes, recipeOf(word)):
			return i
		case i == 0 || !strings.HasPrefix(words[i-1], "-"): // else it is an option's value
			return -1
		}
	}
	return -1
}

// recipeOf returns the name of a recipe without its module or its folder: "bump" of
// "infra::bump" and "infra/bump".
func recipeOf(word string) string {
	return word[1+strings.LastIndexAny(word, "/:"):]
}

// redirects reports whether a word redirects input or output. It may also be a placeholder
// such as <environment>.
func redirects(word string) bool {
	word = strings.TrimLeft(word, "012")
	return strings.HasPrefix(word, ">") || strings.HasPrefix(word, "<") && !strings.HasSuffix(word, ">")
}

// isName reports whether the words of a command are the name of something else that the
// text tells of: "The `terraform apply` workflow succeeded".
func isName(text string, words []string) bool {
	before, after, ok := strings.Cut(text, strings.Join(words, " "))
	if !ok {
		return false
	}
	before = strings.ToLower(strings.TrimSpace(before))
	noun, rest, _ := strings.Cut(strings.TrimLeft(after, " "), " ")
	verb, _, _ := strings.Cut(rest, " ")
	return (before == "the" || strings.HasSuffix(before, " the")) && nouns.has(noun) && outcomes.has(strings.Trim(verb, ".,;:"))
}

var (
	nouns    = terms(" workflow job pipeline action check stage run task ")
	outcomes = terms(" succeeded succeeds passed passes finished finishes completed completes is has was ran ")
)

package hazard

import (
	"iter"
	"strings"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/wording"
)

// source is the state of a document's source at the beginning of a line.
type source struct {
	text  string
	fence string // the marks that close the block of code, "" outside of one
	asked bool   // a prompt stood in the block, so that other lines are output
	admon bool   // the block is an admonition: ```{caution}
	pre   bool   // in <pre>
	aside bool   // in an admonition
	note  bool   // in a comment
	data  bool   // the block is data, or a program in a language that isn't a shell's
	tools []string
}

// tools are the programs whose commands are looked for, and ofJust what just, terraform and
// tofu are told to do. The arguments of the others say it.
var (
	tools  = [...]string{"just", "terraform", "tofu", "terragrunt", "kubectl", "helm", "helmfile", "pulumi", "ansible-playbook", "psql"}
	ofJust = [...]string{"apply", "destroy", "bump", "plan"}
)

// languages are those of blocks that hold data, or programs that run no commands by
// themselves.
const languages = terms(" yaml yml json jsonc json5 toml ini hcl tf terraform diff patch xml html css js javascript ts typescript go python py ruby java dockerfile mermaid plantuml dot csv sql ")

// hits yields the commands in a document's source that may ask a reader to run them, in
// order, but for those that are read elsewhere.
func hits(doc *document.Document, read func(*hit) bool) iter.Seq[hit] {
	return func(yield func(hit) bool) {
		s := source{text: doc.Source, tools: toolsIn(doc.Source)}
		if len(s.tools) == 0 {
			return
		}
		line := 1 + strings.Count(strings.ReplaceAll(strings.ReplaceAll(doc.Text(), "\r\n", "\n"), "\r", "\n"), "\n") - strings.Count(doc.Source, "\n")
		for at := 0; at < len(s.text); line++ {
			end := strings.IndexByte(s.text[at:], '\n') + at
			if end < at {
				end = len(s.text)
			}
			quoted := s.begin(s.text[at:end])
			for from := at; !s.note && from < end; {
				h := hit{line: line, quoted: quoted}
				if from = s.find(&h, from, end); h.tool != "" && !read(&h) && s.asks(&h, at, end) && !yield(h) {
					return
				}
			}
			s.finish(s.text[at:end])
			at = end + 1
		}
	}
}

// find finds the first command between two offsets, and returns where to go on.
func (s *source) find(h *hit, from, to int) int {
	for _, tool := range s.tools {
		for at := from; at < to; {
			i := strings.Index(s.text[at:to], tool)
			if i < 0 {
				break
			}
			at += i
			if verb := verbOf(tool, s.text[at+len(tool):to]); verb != "" && (h.tool == "" || at < h.start) {
				h.tool, h.verb, h.start, h.end = tool, verb, at, at+len(tool)+1+len(verb)
			}
			if h.start == at && h.tool == tool {
				break
			}
			at += len(tool)
		}
	}
	if h.tool == "" {
		return to
	}
	return h.end
}

// verbOf returns the word behind a tool if it may tell it to change something, or to plan
// that.
func verbOf(tool, behind string) string {
	rest, ok := strings.CutPrefix(behind, " ")
	if !ok {
		return ""
	}
	if known(tool) {
		for _, verb := range ofJust {
			if strings.HasPrefix(rest, verb) {
				return verb
			}
		}
		return ""
	}
	return rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz0123456789-_./"))]
}

// known reports whether a tool is one whose verbs are known.
func known(tool string) bool { return tool == "just" || tool == "terraform" || tool == "tofu" }

// toolsIn returns the tools that a text names.
func toolsIn(text string) (all []string) {
	for _, tool := range tools {
		if strings.Contains(text, tool+" ") {
			all = append(all, tool)
		}
	}
	return all
}

// begin reads what a line opens, and reports whether the line is quoted.
func (s *source) begin(line string) (quoted bool) {
	bare := strings.TrimLeft(line, " \t0123456789.)-*+")
	if quoted = strings.HasPrefix(bare, ">"); quoted {
		bare = strings.TrimLeft(bare, "> \t")
	}
	switch {
	case s.fence != "":
		if strings.HasPrefix(bare, s.fence) && strings.Trim(bare, s.fence[:1]+" \t") == "" {
			s.fence, s.asked, s.admon, s.data = "", false, false, false
		}
	case strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~"):
		s.fence = bare[:len(bare)-len(strings.TrimLeft(bare, bare[:1]))]
		switch info := bare[len(s.fence):]; {
		case bare[0] == '`' && strings.Contains(info, "`"):
			s.fence = "" // a code span
		case strings.HasPrefix(info, "{") && !strings.HasPrefix(info, "{code") && !strings.HasPrefix(info, "{sourcecode"):
			s.admon = true
		default:
			language, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(info)), " ")
			s.data = languages.has(language)
		}
	case strings.HasPrefix(bare, ":::"):
		s.aside = strings.Trim(bare, ": \t") != ""
	case strings.Contains(bare, "<pre"):
		s.pre = true
	}
	return quoted || s.aside || s.admon
}

// finish reads what a line closes.
func (s *source) finish(line string) {
	if s.fence != "" {
		if bare := strings.TrimLeft(line, " \t>"); strings.HasPrefix(bare, "$ ") || strings.HasPrefix(bare, "% ") {
			s.asked = true
		}
		return
	}
	if s.pre && strings.Contains(line, "</pre") {
		s.pre = false
	}
	if open, closed := strings.LastIndex(line, "<!--"), strings.LastIndex(line, "-->"); open != closed {
		s.note = open > closed
	}
}

// asks reports whether a command in a line may be one to run, and reads its arguments.
func (s *source) asks(h *hit, from, to int) bool {
	before, after := s.text[from:h.start], s.text[h.end:to]
	if continues := func(c byte) bool {
		return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '='
	}; before != "" && (continues(before[len(before)-1]) || strings.HasSuffix(before, ".")) ||
		after != "" && (continues(after[0]) || after[0] == '/' || after[0] == '.' && len(after) > 1 && after[1] != ' ') {
		return false // a part of another word
	}
	h.args = arguments(after)
	inFence := s.fence != "" // nothing is prose there
	code := inFence || s.pre || strings.Count(before, "`")%2 == 1 || strings.HasSuffix(before, ">") || strings.HasSuffix(before, "**") || strings.HasSuffix(before, "__")
	switch {
	case strings.LastIndex(before, "<!--") > strings.LastIndex(before, "-->"):
		return false
	case inFence && (s.asked && !strings.Contains(before, "$ ") || strings.Contains(" "+before, " #") || drawn(s.text[from:to])):
		return false
	case !inFence && (strings.Count(before, "~~")%2 == 1 || strings.LastIndex(before, "<del>") > strings.LastIndex(before, "</del>") || strings.LastIndex(before, "<s>") > strings.LastIndex(before, "</s>")):
		return false
	case h.tool == "just" && (h.verb == "destroy" || len(h.args) < 2 || english.has(h.args[0])):
		return false
	case h.tool == "just" && !code && !environments.has(strings.ToLower(h.args[0])) && document.Placeholder(h.args[0]) == "":
		return false
	case h.tool != "just" && (h.verb == "plan" || h.verb == "bump"), !known(h.tool) && (s.data || !h.changes(after)):
		return false
	case h.tool != "just" && onTrial(h.tool, strings.Fields(after)):
		return false
	case inFence:
		return true
	}
	sentence := s.sentence(h.start)
	if h.tool != "just" && !code && !leads(before) {
		words := strings.Fields(strings.ToLower(strings.TrimRight(sentence, "\"'[(“‘«")))
		if len(words) == 0 || !ordering.has(words[len(words)-1]) {
			return false
		}
		if known(h.tool) {
			h.args = nil // the words of the sentence
		}
	}
	return !negation().MatchString(sentence) && !wording.OnlyMentions(sentence+h.tool+" "+h.verb, []string{h.tool, h.verb})
}

// leads reports whether the text before a command makes it all of a footnote, or a line in a
// block of code that is indented.
func leads(before string) bool {
	if strings.HasPrefix(before, "[^") && strings.HasSuffix(before, "]: ") {
		return true
	}
	return strings.Trim(before, " \t$") == "" && (strings.HasPrefix(before, "    ") || strings.HasPrefix(before, "\t"))
}

// changes reports whether a command changes something by what stands behind its verb.
func (h *hit) changes(after string) bool {
	var r lineReader
	after = after[:min(len(after), 200)]
	if i := strings.IndexAny(after, "`<|;&"); i >= 0 {
		after = after[:i]
	}
	r.split(h.tool + " " + h.verb + after)
	return effectOf(r.words) == changes
}

// arguments returns the environment and the service behind a recipe, cut at the first sign
// that isn't part of either.
func arguments(after string) (all []string) {
	for _, word := range strings.Fields(after[:min(len(after), 200)]) {
		end := strings.IndexAny(word, "`*\"')],;:|&")
		if end < 0 {
			end = len(word)
		}
		if i := strings.Index(word, "</"); i >= 0 {
			end = min(end, i)
		}
		cut := strings.TrimRight(word[:end], ".!?")
		if cut != "" {
			all = append(all, cut)
		}
		if len(cut) < len(word) || cut == "" || len(all) == 2 {
			break
		}
	}
	return all
}

// sentence returns the text of a paragraph before an offset, from the beginning of the
// sentence, without marks.
func (s *source) sentence(offset int) string {
	const longest = 300
	text := s.text[max(0, offset-longest):offset]
	for _, end := range []string{"\n\n", "\n>\n", ". ", "! ", "? ", ".\n", "!\n", "?\n", "\n- ", "\n* ", "\n1. "} {
		if i := strings.LastIndex(text, end); i >= 0 {
			text = text[i+len(end):]
		}
	}
	text = strings.NewReplacer("`", "", "*", "", "_", "", "\n", " ", ">", " ", "[!IMPORTANT]", "", "[!CAUTION]", "", "[!WARNING]", "", "[!NOTE]", "", "[!TIP]", "").Replace(text)
	return strings.TrimLeft(text, " #-+0123456789.)")
}

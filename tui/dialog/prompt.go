package dialog

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// Submit returns the answer for a text, or says why the text is not accepted.
type Submit func(text string) (answer tea.Msg, wrong string)

// Prompt is a dialogue that asks for one line of text.
type Prompt struct {
	frame
	about  []string
	submit Submit
	input  textinput.Model
	wrong  string
	read   reading

	// Brief is shown instead of the text above the input if not all of that fits. It
	// may be nil.
	Brief []string
	// Whole means that the prompt accepts an answer only once all of it has been visible.
	Whole bool
	// Changed returns an answer for every change of the text, and for "" when the prompt
	// is canceled. It may be nil.
	Changed func(text string) tea.Msg
}

// NewPrompt returns a prompt with lines of text above its input.
func NewPrompt(c Config, title string, about []string, submit Submit) *Prompt {
	in := textinput.New()
	in.Prompt = "› "
	in.CharLimit = 500
	in.Cursor.SetMode(cursor.CursorStatic) // a blinking one would redraw the screen
	in.KeyMap.Paste.SetEnabled(false)      // it would run a program, and terminals can paste
	in.Focus()
	return &Prompt{frame: frame{Config: c, title: title}, about: about, input: in, submit: submit}
}

// SetValue sets the text of the input.
func (p *Prompt) SetValue(text string) { p.input.SetValue(text) }

// Hide shows dots in place of the input, or the input again. What is hidden is submitted
// with the spaces around it, which may belong to a password.
func (p *Prompt) Hide(hidden bool) {
	p.input.EchoMode, p.input.EchoCharacter = textinput.EchoNormal, '•'
	if hidden {
		p.input.EchoMode = textinput.EchoPassword
	}
}

// Update implements Dialog.
func (p *Prompt) Update(msg tea.KeyMsg) (tea.Msg, bool) {
	if msg.Alt { // esc and a key that came in one read
		msg = tea.KeyMsg{Type: tea.KeyEsc}
	}
	switch msg.Type { // by type: letters that come in one read can spell "enter"
	case tea.KeyEsc, tea.KeyCtrlC:
		return p.changed(""), true
	case tea.KeyEnter:
		if left := p.left(); p.Whole && left != "" {
			p.wrong = "read all of it first: " + left
			return nil, false
		}
		value := p.input.Value()
		if p.input.EchoMode == textinput.EchoNormal {
			value = strings.TrimSpace(value)
		}
		answer, wrong := p.submit(value)
		p.wrong = wrong
		return answer, wrong == ""
	}
	if by, ok := map[tea.KeyType]int{tea.KeyPgDown: p.read.page(), tea.KeyPgUp: -p.read.page(), tea.KeyDown: 1, tea.KeyUp: -1}[msg.Type]; ok {
		p.read.scroll(by)
		p.wrong = ""
		return nil, false
	}
	// Pasted text may contain control characters, which the input would pass to the
	// terminal.
	msg.Runes = slices.DeleteFunc(slices.Clone(msg.Runes), func(r rune) bool { return !text.Harmless(r) })
	p.input, _ = p.input.Update(msg) // its commands, to paste and to blink, are disabled
	p.wrong = ""
	return p.changed(p.input.Value()), false
}

func (p *Prompt) changed(text string) tea.Msg {
	if p.Changed == nil {
		return nil
	}
	return p.Changed(text)
}

// Height implements Dialog.
func (p *Prompt) Height(w int) int { return len(p.head(w)) + 2 + len(wrapped(p.about, w-2)) }

// left says how to see the rest of the question, "" if all of it has been seen.
func (p *Prompt) left() string {
	p.question()
	return p.read.hint()
}

// question returns the title and the lines above the input that are on the screen.
func (p *Prompt) question() []string {
	head := p.head(p.w)
	room := max(p.h-len(head)-2, 0)
	lines := wrapped(p.about, p.w-2)
	if len(lines) > room && p.Brief != nil {
		lines = nil
		for _, b := range p.Brief {
			starts := append(text.WordStarts(b, max(p.w, 1), max(p.w, 1)), len(b))
			for i := range len(starts) - 1 {
				lines = append(lines, strings.TrimRight(b[starts[i]:starts[i+1]], " "))
			}
		}
	}
	if len(lines) > room && len(head) > 1 { // the question matters more
		head = []string{text.Title(p.w, p.Styles, true, p.title)}
		room = max(p.h-3, 0)
	}
	shown := p.read.show(lines, room)
	if p.h < 3 { // the input and its last line are always shown
		return nil
	}
	return append(head[:min(len(head), p.h-2)], shown...)
}

// View implements Dialog.
func (p *Prompt) View() []string {
	p.input.Width = max(p.w-6, 4)
	lines := p.question()
	hint := "enter does it, esc cancels"
	if p.input.EchoMode != textinput.EchoNormal {
		hint = "what you type is not shown or kept; " + hint
	}
	if left := p.read.hint(); left != "" {
		hint = left + ", esc cancels"
	}
	hint = p.dim(hint)
	if p.wrong != "" {
		hint = p.bad(p.wrong)
	}
	return p.ended(lines, p.input.View(), hint)
}

// Cursor implements Dialog.
func (p *Prompt) Cursor() (x, y int, ok bool) {
	lines := p.question()
	before := ansi.StringWidth(p.input.Prompt) + min(p.input.Position(), max(p.w-6, 4))
	return before, len(lines), len(lines) < p.h
}

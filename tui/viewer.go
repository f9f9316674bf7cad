package tui

import (
	"context"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/help"
	"catalog-runbook/tui/plan"
	"catalog-runbook/tui/terminal/input"
	"catalog-runbook/tui/terminal/job"
	"catalog-runbook/tui/text"
)

// ViewerConfig is the configuration of a Viewer.
type ViewerConfig struct {
	Doc   *plan.Doc
	Name  clean.Text // of the plan
	About clean.Text // what it is to deploy
	Theme text.Theme
	Send  func(sequence string) error // as in Config
}

// Viewer shows one plan by itself, without a run. It is a tea.Model that only reads.
type Viewer struct {
	*core
	about  clean.Text
	plan   *plan.Plan
	help   *help.Page // nil unless it is shown
	w, h   int
	cancel context.CancelFunc
}

// NewViewer returns a viewer of a plan.
func NewViewer(cfg ViewerConfig) *Viewer {
	c := &core{cfg: Config{Theme: cfg.Theme, Send: cfg.Send, Tick: tick}, keys: newKeyMap(), styles: text.NewStyles(cfg.Theme), drawn: map[key.Help]string{}}
	c.dialogs = dialogs{dialogConfig: dialog.Config{Styles: c.styles, Keys: c.keys.dialog()}, now: time.Now}
	v := &Viewer{core: c, about: cfg.About}
	c.ctx, v.cancel = context.WithCancel(context.Background())
	v.plan = plan.New(plan.Config{Styles: c.styles, Keys: c.keys.plan(), Context: c.ctx}, plan.Identity{Label: cfg.Name.String()})
	v.plan.Shown, v.plan.Focused = true, true
	v.plan.Update(v.plan.Load(func(context.Context) (*plan.Doc, error) { return cfg.Doc, nil })())
	return v
}

// Close ends what the viewer still reads.
func (v *Viewer) Close() { v.cancel() }

// Init implements tea.Model.
func (v *Viewer) Init() tea.Cmd { return nil }

// Update implements tea.Model. It never blocks: a command reads what comes on the screen.
func (v *Viewer) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := v.handle(msg)
	v.resize()
	if v.quit {
		return v, tea.Quit
	}
	if v.help == nil {
		v.plan.MarkRead()
	}
	return v, tea.Batch(cmd, v.plan.Fetch())
}

func (v *Viewer) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		first := v.w == 0
		v.w, v.h = msg.Width, msg.Height
		if first {
			return v.askBackground()
		}
	case tea.ResumeMsg:
		return v.askBackground()
	case input.Reply:
		v.answered(msg)
	case tea.KeyMsg:
		return v.keyMsg(msg)
	case do:
		return msg()
	case plan.Msg:
		return v.plan.Update(msg)
	case plan.SayMsg:
		v.say(msg.Text, true)
	case job.NoShell:
		v.stays()
	}
	return nil
}

// keyMsg splits keys that came in one read, as they do over a slow connection. Pasted text
// is for the dialogue only.
func (v *Viewer) keyMsg(msg tea.KeyMsg) tea.Cmd {
	v.message = message{}
	if v.dialog != nil || msg.Type != tea.KeyRunes {
		return v.oneKey(msg)
	}
	var cmds []tea.Cmd
	for _, r := range msg.Runes {
		if !msg.Paste {
			cmds = append(cmds, v.oneKey(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}))
		}
	}
	return tea.Batch(cmds...)
}

func (v *Viewer) oneKey(msg tea.KeyMsg) tea.Cmd {
	switch k := v.keys; {
	case key.Matches(msg, k.Suspend):
		return tea.Suspend
	case v.dialog != nil:
		return v.handle(v.dialogKey(msg))
	case msg.String() == "ctrl+c":
		v.quit = true
	case v.help != nil && key.Matches(msg, k.Back) && searching(v.help):
		v.help.StartSearch("")
	case v.help != nil && v.searchKey(msg, v.help):
	case v.help != nil && key.Matches(msg, v.help.Keys()...):
		return v.help.Update(msg)
	case v.help != nil:
		v.help = nil
	case key.Matches(msg, k.Help):
		v.help = help.New(append(k.viewer(), planSigns), k.pager(), []key.Binding{k.Search}, v.styles)
	case key.Matches(msg, k.Back) && searching(v.plan):
		v.plan.StartSearch("")
	case key.Matches(msg, k.Quit, k.Back):
		v.quit = true
	case v.searchKey(msg, v.plan):
	default:
		return v.plan.Update(msg)
	}
	return nil
}

// planSigns explains the signs of a plan.
var planSigns = help.Group{Title: "Signs", Terms: []help.Term{
	{Name: "+", Means: "created"}, {Name: "~", Means: "updated"}, {Name: "-", Means: "destroyed"},
	{Name: "-/+", Means: "destroyed, then created"}, {Name: "+/-", Means: "created, then destroyed"},
	{Name: ".", Means: "no longer managed"}, {Name: "=", Means: "moved or imported"}, {Name: "<=", Means: "read"},
	{Name: "?", Means: "not understood"}, {Name: "✗", Means: "keeps the plan from passing"},
}}

// resize divides the screen: a line above, a line below, and a dialogue above that.
func (v *Viewer) resize() {
	below := 0
	if v.dialog != nil {
		below = min(v.dialog.Height(v.w), max(v.h-v.frame(), 0))
		v.dialog.SetSize(v.w, below)
	}
	v.plan.SetSize(v.w, max(v.h-v.frame()-below, 0))
	if v.help != nil {
		v.help.SetSize(v.w, max(v.h-v.frame()-below, 0))
	}
}

// frame returns the number of lines around the plan.
func (v *Viewer) frame() int {
	if v.h < 4 {
		return 0
	}
	return 2
}

// View implements tea.Model. It fills the screen exactly.
func (v *Viewer) View() string {
	if v.w < 1 || v.h < 1 || v.quit {
		return ""
	}
	var below []string
	if v.dialog != nil {
		below = v.dialog.View()
	}
	if v.frame() > 0 {
		below = append(below, v.footer())
	}
	var lines []string
	if v.frame() > 0 {
		lines = []string{v.header()}
	}
	body := v.plan.View
	if v.help != nil {
		body = v.help.View
	}
	lines = append(lines, text.Fill(body(), max(v.h-len(lines)-len(below), 0))...)
	return frame(append(lines, below...), v.w, v.h)
}

// header draws what the plan is judged for, and that it is only looked at.
func (v *Viewer) header() string {
	mode := ansi.Truncate(" READ ONLY ", v.w, "")
	room := v.w - ansi.StringWidth(mode)
	title := v.styles.Title.Render(ansi.Truncate(" A plan to deploy "+v.about.String(), max(room-1, 0), "…"))
	return text.Pad(title, room) + v.styles.Strong.Render(mode)
}

// footer draws the message, or the keys.
func (v *Viewer) footer() string {
	k := v.keys
	switch {
	case !v.message.text.Empty():
		return v.styles.Bad.Render(ansi.Truncate(v.message.text.String(), v.w, "…"))
	case v.dialog != nil:
		return ""
	case v.help != nil:
		return v.keyLine(v.help.ShortHelp(), v.w, nil, k.Back)
	case searching(v.plan):
		return v.keyLine([]key.Binding{k.Match, k.MatchBefore, k.Back, k.Search, k.Fold}, v.w, nil, k.Quit, k.Help)
	}
	return v.keyLine([]key.Binding{k.Down, k.Up, k.PageDown, k.Fold, k.UnfoldAll, k.FoldAll, k.Search}, v.w, nil, k.Quit, k.Help)
}

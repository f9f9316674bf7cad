package display

import tea "github.com/charmbracelet/bubbletea"

// Shown is a model that says what the terminal shows beside its frames.
type Shown interface {
	tea.Model
	// Cursor returns the cell of the cursor, and false if there is none.
	Cursor() (x, y int, ok bool)
	// Beside returns everything else.
	Beside() State
}

// Follow returns the model with its state brought to the screen with every frame.
func Follow(model Shown, s *Screen) tea.Model { return followed{model, s} }

type followed struct {
	Shown
	screen *Screen
}

// Update implements tea.Model.
func (f followed) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	model, cmd := f.Shown.Update(msg)
	f.Shown = model.(Shown)
	return f, cmd
}

// View implements tea.Model. The renderer writes the frame later, from another goroutine; a
// state that comes with the frame before it lasts until the next one.
func (f followed) View() string {
	view, state := f.Shown.View(), f.Shown.Beside()
	state.X, state.Y, state.Cursor = f.Shown.Cursor()
	f.screen.set(state)
	if f.screen.features.Links {
		view = link(view, state.Links)
	}
	return view
}

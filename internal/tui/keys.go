package tui

import "github.com/charmbracelet/bubbles/key"

// keymap is every key that the dashboard knows. The code matches against it,
// and the help is made from it.
type keymap struct {
	Next, Previous, Screen                    key.Binding
	Up, Down, Left, Right                     key.Binding
	Top, Bottom, PageUp, PageDown             key.Binding
	Open, Back                                key.Binding
	Sort, Reverse, Filter, FindNext, FindBack key.Binding
	Range, Compare, App, Anonymous, Zone      key.Binding
	Refresh, Pause, Export, Copy              key.Binding
	Help, Suspend, Quit                       key.Binding
}

func bind(help, words string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, words))
}

func newKeymap() *keymap {
	return &keymap{
		Next:     bind("Tab", "next screen", "tab"),
		Previous: bind("Shift-Tab", "previous screen", "shift+tab"),
		Screen:   bind("1-6", "go to a screen", "1", "2", "3", "4", "5", "6"),

		Up:       bind("↑ k", "up", "up", "k"),
		Down:     bind("↓ j", "down", "down", "j"),
		Left:     bind("← h", "left, earlier", "left", "h"),
		Right:    bind("→ l", "right, later", "right", "l"),
		Top:      bind("g", "first", "g", "home"),
		Bottom:   bind("G", "last", "G", "end"),
		PageUp:   bind("PgUp", "a page up", "pgup", "ctrl+b"),
		PageDown: bind("PgDn", "a page down", "pgdown", "ctrl+f"),
		Open:     bind("Enter", "open", "enter"),
		Back:     bind("Esc", "back", "esc"),

		Sort:     bind("s", "sort by the next column", "s"),
		Reverse:  bind("r", "reverse the order", "r"),
		Filter:   bind("/", "filter", "/"),
		FindNext: bind("n", "next match", "n"),
		FindBack: bind("N", "previous match", "N"),

		Range:     bind("t", "time range", "t"),
		Compare:   bind("c", "compare with the previous period", "c"),
		App:       bind("a", "choose the app", "a"),
		Anonymous: bind("i", "include anonymous users", "i"),
		Zone:      bind("z", "local time or UTC", "z"),

		Refresh: bind("R", "refresh", "R"),
		Pause:   bind("p", "pause", "p"),
		Export:  bind("e", "export to a file", "e"),
		Copy:    bind("y", "copy", "y"),

		Help:    bind("?", "help", "?"),
		Suspend: bind("Ctrl-Z", "suspend", "ctrl+z"),
		Quit:    bind("q", "quit", "q", "ctrl+c"),
	}
}

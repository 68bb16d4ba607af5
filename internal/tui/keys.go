package tui

import "github.com/charmbracelet/bubbles/key"

// keymap is every key that the dashboard knows. The code matches against it,
// and footer and help are made from it.
type keymap struct {
	Next, Previous, Screen                    key.Binding
	Up, Down, Left, Right                     key.Binding
	Top, Bottom, PageUp, PageDown             key.Binding
	Open, Back                                key.Binding
	Sort, Reverse, Filter, FindNext, FindBack key.Binding
	Failures                                  key.Binding
	Range, Compare, App, Anonymous, Zone      key.Binding
	Refresh, Pause, Export, Copy              key.Binding
	Help, Suspend, Quit, Interrupt            key.Binding
}

func bind(help, words string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, words))
}

func newKeymap() *keymap {
	return &keymap{
		Next:     bind("Tab", "next screen", "tab"),
		Previous: bind("Shift-Tab", "previous screen", "shift+tab"),
		Screen:   bind("1-6", "screen", "1", "2", "3", "4", "5", "6"),

		Up:       bind("↑ k", "up", "up", "k"),
		Down:     bind("↓ j", "down", "down", "j"),
		Left:     bind("← h", "left, earlier", "left", "h"),
		Right:    bind("→ l", "right, later", "right", "l"),
		Top:      bind("g", "first", "g", "home"),
		Bottom:   bind("G", "last", "G", "end"),
		PageUp:   bind("PgUp", "page up", "pgup", "ctrl+b"),
		PageDown: bind("PgDn", "page down", "pgdown", "ctrl+f"),
		Open:     bind("Enter", "open", "enter"),
		Back:     bind("Esc", "back", "esc"),

		Sort:     bind("s", "sort", "s"),
		Reverse:  bind("r", "reverse", "r"),
		Filter:   bind("/", "filter", "/"),
		FindNext: bind("n", "next match", "n"),
		FindBack: bind("N", "previous match", "N"),
		Failures: bind("f", "only errors", "f"),

		Range:     bind("t", "range", "t"),
		Compare:   bind("c", "compare", "c"),
		App:       bind("a", "app", "a"),
		Anonymous: bind("i", "anonymous users", "i"),
		Zone:      bind("z", "local or UTC", "z"),

		Refresh: bind("R", "refresh", "R"),
		Pause:   bind("p", "pause", "p"),
		Export:  bind("e", "export", "e"),
		Copy:    bind("y", "copy", "y"),

		Help:      bind("?", "help", "?"),
		Suspend:   bind("Ctrl-Z", "suspend", "ctrl+z"),
		Quit:      bind("q", "quit", "q"),
		Interrupt: bind("Ctrl-C", "quit at once", "ctrl+c"),
	}
}

// group is a part of the help.
type group struct {
	title string
	keys  []key.Binding
}

// groups lists every key of the map, once.
func (k *keymap) groups() []group {
	return []group{
		{"Screens", []key.Binding{k.Screen, k.Next, k.Previous, k.Open, k.Back}},
		{"Moving", []key.Binding{k.Up, k.Down, k.Left, k.Right, k.Top, k.Bottom, k.PageUp, k.PageDown}},
		{"Rows", []key.Binding{k.Sort, k.Reverse, k.Filter, k.FindNext, k.FindBack, k.Failures}},
		{"What is shown", []key.Binding{k.Range, k.Compare, k.App, k.Anonymous, k.Zone}},
		{"Data", []key.Binding{k.Refresh, k.Pause, k.Export, k.Copy}},
		{"Program", []key.Binding{k.Help, k.Suspend, k.Quit, k.Interrupt}},
	}
}

// everywhere lists what the footer offers behind the keys of a screen.
func (k *keymap) everywhere() []key.Binding {
	return []key.Binding{k.Range, k.Compare, k.App, k.Refresh, k.Export, k.Copy}
}

// lists reports whether a key is among others, whatever it is for there.
func lists(bindings []key.Binding, one key.Binding) bool {
	for _, b := range bindings {
		if b.Help().Key == one.Help().Key {
			return true
		}
	}
	return false
}

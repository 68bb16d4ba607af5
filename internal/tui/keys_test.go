package tui

import (
	"reflect"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

func TestTheHelpNamesEveryKeyOnce(t *testing.T) {
	t.Parallel()
	keys := newKeymap()
	named := make(map[key.Help]int)
	for _, g := range keys.groups() {
		for _, b := range g.keys {
			named[b.Help()]++
		}
	}
	fields, pressed := reflect.ValueOf(keys).Elem(), make(map[string]string)
	for i := range fields.NumField() {
		name, b := fields.Type().Field(i).Name, fields.Field(i).Interface().(key.Binding)
		if named[b.Help()] != 1 {
			t.Errorf("the help names %s %d times", name, named[b.Help()])
		}
		for _, k := range b.Keys() {
			if other, taken := pressed[k]; taken {
				t.Errorf("%q is both %s and %s", k, name, other)
			}
			pressed[k] = name
		}
	}
	if len(named) != fields.NumField() {
		t.Errorf("the help names %d keys, want %d", len(named), fields.NumField())
	}
}

func TestTabsGoRound(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24)
	for i := range 7 {
		if d.current != i%6 {
			t.Errorf("after %d times Tab, screen %d", i, d.current)
		}
		d.press("tab")
	}
	d.press("1", "shift+tab")
	if d.current != 5 {
		t.Errorf("before the first screen comes %d", d.current)
	}
}

// Keys that come together, as from a fast typist or over a slow line, are keys
// all the same; what is pasted is none.
func TestKeysThatComeTogether(t *testing.T) {
	t.Parallel()
	d := drive(t, empty, 120, 40)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("52?")})
	if d.current != 1 || d.overlay == nil {
		t.Errorf("screen %d and overlay %v, want the second and the help", d.current, d.overlay)
	}
	d.press("esc")
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Paste: true})
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("3?"), Paste: true})
	if d.current != 1 || d.overlay != nil {
		t.Errorf("pasted: screen %d and overlay %v", d.current, d.overlay)
	}
}

package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// A terminal far away sends several keys at once; what is pasted stays whole.
func TestKeysThatComeTogetherArePressedOneByOne(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2jj")})
	d.run()
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("jj")})
	if d.current != 1 || !d.sees("3 of 30") {
		t.Errorf("screen %d after 2 and jj:\n%s", d.current+1, d.View())
	}
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("/orders")})
	if d.filters[1] != "orders" {
		t.Errorf("filtered by %q", d.filters[1])
	}
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" jq"), Paste: true})
	if d.filters[1] != "orders jq" {
		t.Errorf("filtered by %q after a paste", d.filters[1])
	}
}

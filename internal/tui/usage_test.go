package tui

import "testing"

func TestUsage(t *testing.T) {
	t.Parallel()
	goldens(t, "usage", "3")
}

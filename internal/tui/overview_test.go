package tui

import "testing"

func TestOverview(t *testing.T) {
	t.Parallel()
	goldens(t, "overview", "1")
}

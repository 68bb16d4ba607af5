package table_test

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

func anyRows(t *rapid.T) []table.Row {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) table.Row {
		return table.Row{
			Key: rapid.StringMatching(`[a-f]`).Draw(t, "key"), // the same at times
			Cells: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) table.Cell {
				return table.Cell{
					Text: text.Terminal(rapid.String().Draw(t, "text")), Number: rapid.Float64().Draw(t, "number"),
					IsNumber: rapid.Bool().Draw(t, "is number"), Middle: rapid.Bool().Draw(t, "middle"),
				}
			}), 0, 4).Draw(t, "cells"),
		}
	}), 0, 30).Draw(t, "rows")
}

func anyColumns(t *rapid.T) []table.Column {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) table.Column {
		small := rapid.IntRange(0, 20)
		return table.Column{
			Title: text.Terminal(rapid.StringN(0, 9, -1).Draw(t, "title")), Right: rapid.Bool().Draw(t, "right"),
			Min: small.Draw(t, "min"), Max: small.Draw(t, "max"), Weight: rapid.IntRange(0, 3).Draw(t, "weight"),
			Priority: small.Draw(t, "priority"), Fixed: rapid.Bool().Draw(t, "fixed"),
		}
	}), 0, 5).Draw(t, "columns")
}

// TestTableHolds: whatever the reader does, every line has its width, there are
// as many as asked for, and exactly one shows the selected row, if there is any.
func TestTableHolds(t *testing.T) {
	t.Parallel()
	ascii := look.New(look.Options{Profile: termenv.Ascii, Plain: true})
	rapid.Check(t, func(t *rapid.T) {
		list := table.New(anyColumns(t)...)
		list.Follow = rapid.Bool().Draw(t, "follow")
		number := rapid.IntRange(-40, 40)
		words := rapid.SampledFrom([]string{"", "a", "0", "\x1b[m"})
		t.Repeat(map[string]func(*rapid.T){
			"rows":    func(t *rapid.T) { list.SetRows(anyRows(t)) },
			"columns": func(t *rapid.T) { list.SetColumns(anyColumns(t)) },
			"sort":    func(t *rapid.T) { list.Sort(rapid.IntRange(-1, 5).Draw(t, "by"), rapid.Bool().Draw(t, "descending")) },
			"next":    func(*rapid.T) { list.SortNext() },
			"reverse": func(*rapid.T) { list.Reverse() },
			"filter":  func(t *rapid.T) { list.Filter(words.Draw(t, "filter")) },
			"find":    func(t *rapid.T) { list.Find(words.Draw(t, "find"), number.Draw(t, "direction")) },
			"move":    func(t *rapid.T) { list.Move(number.Draw(t, "move")) },
			"page":    func(t *rapid.T) { list.Page(number.Draw(t, "page")) },
			"bottom":  func(*rapid.T) { list.Bottom() },
			"wheel":   func(t *rapid.T) { list.Wheel(number.Draw(t, "wheel")) },
			"click":   func(t *rapid.T) { list.Click(number.Draw(t, "x"), number.Draw(t, "y")) },
			"": func(t *rapid.T) {
				width, height := rapid.IntRange(-1, 90).Draw(t, "width"), rapid.IntRange(-1, 12).Draw(t, "height")
				lines := list.View(ascii, width, height)
				if len(lines) != max(height, 0) {
					t.Fatalf("%d lines of %d", len(lines), height)
				}
				chosen := 0
				for _, line := range lines {
					if got := text.Width(line); got != max(width, 0) {
						t.Fatalf("%q takes %d cells of %d", line, got, width)
					}
					chosen += min(strings.Count(line, "\x1b[7m"), 1)
				}
				if _, some := list.Selected(); some && height > 1 && width > 0 && chosen != 1 {
					t.Fatalf("%d selected rows in sight:\n%s", chosen, strings.Join(lines, "\n"))
				}
			},
		})
	})
}

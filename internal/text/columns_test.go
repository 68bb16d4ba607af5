package text_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	name := text.Column{Want: 30, Least: 20, Most: 60, Weight: 1}
	number := func(leave int) text.Column { return text.Column{Want: 8, Leave: leave} }
	tests := []struct {
		name    string
		columns []text.Column
		width   int
		want    []int
	}{
		{"unlimited", []text.Column{name, number(1)}, 0, []int{30, 8}},
		{"as wanted", []text.Column{name, number(1)}, 40, []int{30, 8}},
		{"room left over", []text.Column{name, number(1)}, 50, []int{40, 8}},
		{"more than anybody wants", []text.Column{name, number(1)}, 100, []int{60, 8}},
		{"names give way", []text.Column{name, number(1), number(2)}, 40, []int{20, 8, 8}},
		{"the first leaves", []text.Column{name, number(2), number(1)}, 39, []int{29, 8, text.Gone}},
		{"both leave", []text.Column{name, number(2), number(1)}, 29, []int{29, text.Gone, text.Gone}},
		{"two share by weight", []text.Column{{Want: 10, Weight: 3}, {Want: 10, Weight: 1, Most: 100}, number(0)}, 40, []int{10, 18, 8}},
		{"what one cannot take", []text.Column{{Want: 10, Weight: 3, Most: 14}, {Want: 10, Weight: 1, Most: 100}}, 42, []int{14, 26}},
		{"two give by weight", []text.Column{{Want: 30, Least: 10, Weight: 3}, {Want: 30, Least: 10, Weight: 1}}, 46, []int{18, 26}},
		{"a terminal of a few cells", []text.Column{name, number(0), number(1)}, 8, []int{1, 5, text.Gone}},
		{"none", nil, 10, []int{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Columns(test.columns, 2, test.width); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestColumnsHold: what is shared fits, as long as one cell each does; columns
// leave in their order and only where there is no other way.
func TestColumnsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) text.Column {
			want := rapid.IntRange(0, 40).Draw(t, "want")
			return text.Column{
				Want: want, Least: rapid.IntRange(0, want).Draw(t, "least"), Most: rapid.IntRange(0, 80).Draw(t, "most"),
				Weight: rapid.IntRange(0, 3).Draw(t, "weight"), Leave: rapid.IntRange(0, 4).Draw(t, "leave"),
			}
		}), 1, 8).Draw(t, "columns")
		width := rapid.IntRange(1, 200).Draw(t, "width")
		widths := text.Columns(columns, 2, width)
		used, shown := -2, 0
		for i, w := range widths {
			if w == text.Gone {
				if columns[i].Leave == 0 {
					t.Fatalf("column %d left: %v", i, widths)
				}
				continue
			}
			used, shown = used+2+w, shown+1
			if w < 0 || w > max(columns[i].Want, columns[i].Most) {
				t.Fatalf("column %d: %v", i, widths)
			}
			for j, other := range columns {
				if widths[j] == text.Gone && columns[i].Leave > 0 && other.Leave > columns[i].Leave {
					t.Fatalf("column %d left before %d: %v", j, i, widths)
				}
			}
		}
		if used > width && width >= 3*shown {
			t.Fatalf("%v are %d cells of %d", widths, used, width)
		}
	})
}

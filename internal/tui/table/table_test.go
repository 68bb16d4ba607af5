package table_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

var update = flag.Bool("update", false, "write the drawings anew")

var plain = look.New(look.Options{Profile: termenv.Ascii})

func columns() []table.Column {
	return []table.Column{
		{Title: "Endpoint", Weight: 1},
		{Title: "Method", Priority: 8},
		{Title: "Requests", Right: true, Priority: 7, Descending: true},
		{Title: "p50", Right: true, Priority: 2, Descending: true},
		{Title: "p95", Right: true, Priority: 9, Descending: true},
		{Title: "Trend", Fixed: true, Priority: 1, Min: 12},
		{Title: "Errors", Right: true, Priority: 6, Descending: true},
	}
}

func row(name, method string, requests int64, p50, p95, errors float64) table.Row {
	number := func(words string, v float64) table.Cell { return table.Cell{Text: words, Number: v, IsNumber: true} }
	failed := number(text.Percent(errors), errors)
	if errors > 0.05 {
		failed.Role = look.Bad
	}
	return table.Row{Key: method + " " + name, Cells: []table.Cell{
		{Text: name, Middle: true}, {Text: method}, number(text.Count(requests), float64(requests)),
		number(text.Duration(p50), p50), number(text.Duration(p95), p95), {Text: "▁▂▃▄▅▆▇█▇▆▅▄"}, failed,
	}}
}

func rows() []table.Row {
	return []table.Row{
		row("/orders", "GET", 15234, 12, 98.5, 0.002),
		row("/orders/{id}", "GET", 802, 8, 45, 0),
		row("/api/v1/customers/{id}/invoices/{id}/positions", "POST", 120, 310, 1240, 0.08),
		row("/検索/日本語の長い名前のページ", "GET", 77, 20, 60, 0.01),
		row("/reports", "GET", 0, math.NaN(), math.NaN(), math.NaN()),
		row("/orders", "POST", 2400, 31, 180, 0.004),
	}
}

func filled() *table.Table {
	t := table.New(columns()...)
	t.Empty = "No data available"
	t.SetRows(rows())
	return t
}

// keys returns what is on show, in its order.
func keys(t *table.Table) string {
	var list []string
	for _, r := range t.Shown() {
		list = append(list, r.Key)
	}
	return strings.Join(list, ", ")
}

func selected(t *table.Table) string {
	r, some := t.Selected()
	if !some {
		return "none"
	}
	return r.Key
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	const own = "GET /orders, GET /orders/{id}, POST /api/v1/customers/{id}/invoices/{id}/positions, " +
		"GET /検索/日本語の長い名前のページ, GET /reports, POST /orders"
	tests := []struct {
		name       string
		column     int
		descending bool
		want       string
	}{
		{"own", -1, false, own},
		{"no such column", 99, true, own},
		{"names", 0, false, "POST /api/v1/customers/{id}/invoices/{id}/positions, GET /orders, POST /orders, GET /orders/{id}, GET /reports, GET /検索/日本語の長い名前のページ"},
		{"numbers, none last", 4, true, "POST /api/v1/customers/{id}/invoices/{id}/positions, POST /orders, GET /orders, GET /検索/日本語の長い名前のページ, GET /orders/{id}, GET /reports"},
		{"numbers upwards, none last", 4, false, "GET /orders/{id}, GET /検索/日本語の長い名前のページ, GET /orders, POST /orders, POST /api/v1/customers/{id}/invoices/{id}/positions, GET /reports"},
		{"equals keep their order", 1, true, "POST /api/v1/customers/{id}/invoices/{id}/positions, POST /orders, GET /orders, GET /orders/{id}, GET /検索/日本語の長い名前のページ, GET /reports"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := filled()
			list.Sort(test.column, test.descending)
			expect(t, "order", keys(list), test.want)
		})
	}
}

func TestNextOrder(t *testing.T) {
	t.Parallel()
	list := filled()
	var got []string
	for range 8 {
		list.SortNext()
		column, descending := list.Sorted()
		got = append(got, fmt.Sprint(column, descending))
	}
	expect(t, "all columns but sparklines", strings.Join(got, " "), "0 false 1 false 2 true 3 true 4 true 6 true 0 false 1 false")
	list.View(plain, 40, 10) // room for few columns
	got = nil
	for range 4 {
		list.SortNext()
		column, _ := list.Sorted()
		got = append(got, fmt.Sprint(column))
	}
	expect(t, "columns in sight", strings.Join(got, " "), "4 0 1 4")
	list.Reverse()
	_, descending := list.Sorted()
	expect(t, "reversed", descending, false)
}

func TestSelection(t *testing.T) {
	t.Parallel()
	list := filled()
	expect(t, "at first", selected(list), "GET /orders")
	list.Sort(2, false)
	expect(t, "who stands on the first row stays there", selected(list), "GET /reports")
	list.Select("POST /orders")
	list.Sort(0, false)
	expect(t, "the row goes with its key", selected(list), "POST /orders")
	list.SetRows(rows()[2:])
	expect(t, "over new rows", selected(list), "POST /orders")
	list.SetRows(rows()[:3])
	expect(t, "the same place when it is gone", selected(list), "GET /orders")
	list.Move(99)
	expect(t, "no further than the last", selected(list), "GET /orders/{id}")
	list.Move(math.MinInt)
	expect(t, "no further than the first", selected(list), "POST /api/v1/customers/{id}/invoices/{id}/positions")
	list.Bottom()
	list.Top()
	list.Page(1)
	expect(t, "by pages", selected(list), "GET /orders/{id}")
	list.SetRows(nil)
	expect(t, "nothing", selected(list), "none")
	list.Move(1)
	list.SetRows(rows())
	expect(t, "selects", list.Select("no such key"), false)
}

func TestInSight(t *testing.T) {
	t.Parallel()
	list := filled()
	inSight := func() string {
		var keys []string
		for _, r := range list.InSight() {
			keys = append(keys, r.Key)
		}
		return strings.Join(keys, ", ")
	}
	expect(t, "before the first view", len(list.InSight()), 6)
	list.View(plain, 60, 3)
	expect(t, "at the top", inSight(), "GET /orders, GET /orders/{id}")
	list.Bottom()
	expect(t, "at the bottom", inSight(), "GET /reports, POST /orders")
	list.Filter("post /orders")
	list.Filter("invoices")
	expect(t, "filtered", inSight(), "POST /api/v1/customers/{id}/invoices/{id}/positions")
	list.Filter("nothing")
	expect(t, "none", inSight(), "")
}

func TestFollow(t *testing.T) {
	t.Parallel()
	list := filled()
	list.SetRows(rows()[1:])
	list.Follow = true
	list.SetRows(rows())
	expect(t, "the newest", selected(list), "GET /orders")
	list.Move(1)
	list.SetRows(append([]table.Row{row("/new", "GET", 1, 1, 1, 0)}, rows()...))
	expect(t, "who reads a row keeps it", selected(list), "GET /orders/{id}")
}

func TestFilter(t *testing.T) {
	t.Parallel()
	list := filled()
	list.Select("POST /orders")
	list.Filter("ORDERS")
	expect(t, "whatever the case", keys(list), "GET /orders, GET /orders/{id}, POST /orders")
	expect(t, "selection", selected(list), "POST /orders")
	expect(t, "footer", list.Footer(), "3 of 3, 3 hidden")
	list.SetRows(rows()[1:])
	expect(t, "new rows are filtered too", keys(list), "GET /orders/{id}, POST /orders")
	list.Filter("98.5")
	expect(t, "numbers are not searched", list.Footer(), "0 of 0, 5 hidden")
	list.Filter("\x1b[31m")
	if view := strings.Join(list.View(plain, 60, 3), "\n"); !strings.Contains(view, `nothing matches \x1b[31m`) {
		t.Errorf("says %q", view)
	}
	list.Filter("")
	expect(t, "all again", list.Footer(), "5 of 5")
}

func TestFind(t *testing.T) {
	t.Parallel()
	list := filled()
	var got []string
	for _, direction := range []int{1, 1, 1, -1, -1} {
		expect(t, "found", list.Find("Orders", direction), true)
		got = append(got, selected(list))
	}
	expect(t, "around", strings.Join(got, ", "), "GET /orders/{id}, POST /orders, GET /orders, POST /orders, GET /orders/{id}")
	expect(t, "nothing found", list.Find("customers!", 1), false)
	expect(t, "nothing asked", list.Find("", 1), false)
	expect(t, "stays", selected(list), "GET /orders/{id}")
}

func TestMouse(t *testing.T) {
	t.Parallel()
	list := filled()
	list.View(plain, 100, 4) // three rows in sight
	expect(t, "a row", list.Click(5, 2), table.OnRow)
	expect(t, "selected", selected(list), "GET /orders/{id}")
	expect(t, "below", list.Click(5, 4), table.Nothing)
	list.Wheel(1)
	expect(t, "still in sight", selected(list), "GET /orders/{id}")
	list.Wheel(1)
	expect(t, "moved along", selected(list), "POST /api/v1/customers/{id}/invoices/{id}/positions")
	list.Wheel(99)
	expect(t, "no further than the end", selected(list), "GET /検索/日本語の長い名前のページ")
	list.Wheel(-99)
	expect(t, "nor the beginning", selected(list), "POST /api/v1/customers/{id}/invoices/{id}/positions")

	head := list.View(plain, 100, 4)[0]
	at := func(title string) int {
		before, _, _ := strings.Cut(head, title)
		return text.Width(before)
	}
	for _, test := range []struct {
		title      string
		want       table.Hit
		column     int
		descending bool
	}{
		{"p95", table.OnHead, 4, true}, {"p95", table.OnHead, 4, false}, {"Method", table.OnHead, 1, false},
		{"Trend", table.Nothing, 1, false},
	} {
		expect(t, test.title, list.Click(at(test.title), 0), test.want)
		column, descending := list.Sorted()
		expect(t, test.title, column, test.column)
		expect(t, test.title, descending, test.descending)
	}
}

func TestColumnsChange(t *testing.T) {
	t.Parallel()
	list := filled()
	list.Sort(4, true)
	list.SetColumns(columns()[:6])
	column, descending := list.Sorted()
	expect(t, "still by p95", fmt.Sprint(column, descending), "4 true")
	list.SetColumns(columns()[:2])
	column, _ = list.Sorted()
	expect(t, "own order", column, -1)
	expect(t, "nowhere to go", (&table.Table{}).Footer(), "0 of 0")
}

func TestDrawings(t *testing.T) {
	t.Parallel()
	colours := look.New(look.Options{Profile: termenv.ANSI256, Dark: true})
	ascii := look.New(look.Options{Profile: termenv.Ascii, Plain: true})
	many := func() *table.Table {
		list := filled()
		var all []table.Row
		for i := range 200 {
			all = append(all, row(fmt.Sprintf("/items/%d", i), "GET", int64(i*31%97), float64(i%17), float64(i), 0))
		}
		list.SetRows(all)
		list.Sort(2, true)
		list.Move(100)
		return list
	}
	for _, test := range []struct {
		name          string
		table         func() *table.Table
		look          look.Look
		width, height int
	}{
		{"wide", filled, plain, 110, 8}, {"middle", filled, plain, 76, 8}, {"narrow", filled, plain, 40, 8},
		{"ascii", many, ascii, 76, 12}, {"many", many, plain, 76, 12}, {"colours", filled, colours, 76, 8},
		{"empty", func() *table.Table { list := filled(); list.SetRows(nil); return list }, plain, 76, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(test.table().View(test.look, test.width, test.height), "|\n") + "|\n"
			file := filepath.Join("testdata", test.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func BenchmarkTable(b *testing.B) {
	list := table.New(columns()...)
	var all []table.Row
	for i := range 10_000 {
		all = append(all, row(fmt.Sprintf("/api/v1/items/%d/parts", i), "GET", int64(i*7919%10_007), float64(i%17), float64(i), 0))
	}
	list.SetRows(all)
	colours := look.New(look.Options{Dark: true})
	b.Run("View", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list.Move(1)
			list.View(colours, 200, 60)
		}
	})
	b.Run("Sort", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list.Sort(2, true)
		}
	})
	b.Run("Filter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list.Filter("99")
		}
	})
	list.Filter("")
	b.Run("SetRows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list.SetRows(all)
			list.View(colours, 200, 60)
		}
	})
}

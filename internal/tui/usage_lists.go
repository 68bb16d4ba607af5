package tui

import (
	"slices"
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// The lists of Usage, from left to right.
const (
	typesList = iota
	pagesList
	elementsList
)

// usageList is one of the lists of Usage.
type usageList struct {
	title string
	table *table.Table
	of    func(*query.Usage) []counts
	total func(*query.Usage) int64 // what shares are parts of; nil without shares
	named string                   // what stands for a name that is empty

	bars    int      // the width of the bars in the rows; 0 without
	file    string   // of an export
	columns []string // of an export, as in the API
	items   map[string]counts
}

// counts is one row: how often something was used.
type counts struct {
	name, page    string // as they came; page only of elements
	events, users int64  // users only of elements
}

func newTypes() *usageList {
	return ranking("Events by type", "Type", "Events", &usageList{
		named: "no type", file: "events-by-type", columns: []string{"event_type", "count"},
		of:    func(p *query.Usage) []counts { return ranked(p.EventDistribution) },
		total: func(p *query.Usage) int64 { return p.Metrics.TotalEvents },
	})
}

func newPages() *usageList {
	return ranking("Page views", "Page", "Views", &usageList{
		named: "no page", file: "page-views", columns: []string{"page_name", "count"},
		of: func(p *query.Usage) []counts { return ranked(p.PageViews) },
		total: func(p *query.Usage) int64 {
			sum := int64(0)
			for _, n := range p.PageViews {
				sum += n
			}
			return sum
		},
	})
}

// ranking is a list of shares of a whole.
func ranking(title, name, count string, l *usageList) *usageList {
	l.title = title
	l.table = table.New(
		table.Column{Title: name, Min: 16, Weight: 1},
		table.Column{Title: count, Right: true, Priority: 1, Descending: true},
		table.Column{Title: "Share", Right: true, Descending: true},
	)
	l.table.Sort(1, true)
	l.table.Empty = noneInTime
	return l
}

// noneInTime stands where a list has no rows.
const noneInTime = "none in this time"

// The widths of bars, and of the names that they leave room for.
const (
	leastBars  = 6
	mostBars   = 24
	namesFirst = 28
)

// widen gives the bars the room that numbers and names leave in width cells,
// and reports whether rows must be made anew.
func (l *usageList) widen(width int) bool {
	names := 0
	for _, c := range l.items {
		names = max(names, text.Width(text.Terminal(c.name)))
	}
	bars := min(width-min(names, namesFirst)-24, mostBars) // two numbers, gaps and the edge
	if l.total == nil || bars < leastBars {
		bars = 0
	}
	if bars == l.bars {
		return false
	}
	columns := l.table.Columns()[:3:3]
	if l.bars = bars; bars > 0 {
		columns = append(columns, table.Column{Fixed: true, Priority: 2})
	}
	l.table.SetColumns(columns)
	return true
}

func newElements() *usageList {
	l := &usageList{
		title: "Elements", file: "elements", columns: []string{"element_id", "page_name", "count", "unique_users"},
		of: func(p *query.Usage) []counts {
			list := make([]counts, len(p.Elements))
			for i, e := range p.Elements {
				list[i] = counts{e.ElementID, e.PageName, e.Count, e.UniqueUsers}
			}
			return list
		},
		table: table.New(
			table.Column{Title: "Element", Min: 12, Weight: 3},
			table.Column{Title: "Page", Min: 10, Weight: 2, Priority: 0},
			table.Column{Title: "Events", Right: true, Priority: 2, Descending: true},
			table.Column{Title: "Users", Right: true, Priority: 1, Descending: true},
		),
	}
	l.table.Sort(2, true)
	l.table.Empty = noneInTime
	return l
}

// ranked returns counts by name, most first.
func ranked(byName map[string]int64) []counts {
	list := make([]counts, 0, len(byName))
	for name, n := range byName {
		list = append(list, counts{name: name, events: n})
	}
	slices.SortFunc(list, func(a, b counts) int {
		if a.events != b.events {
			return int(min(max(b.events-a.events, -1), 1))
		}
		return strings.Compare(a.name, b.name)
	})
	return list
}

// fill makes the rows of all lists, unless they are there.
func (x *usage) fill(s *shared) {
	p := x.answer(s).Value
	if p == nil || x.built.is(s, p) {
		return
	}
	for i, l := range x.lists {
		items := l.of(p)
		if i == elementsList && x.page != nil {
			items = slices.DeleteFunc(items, func(c counts) bool { return c.page != *x.page })
		}
		l.fill(s, p, items)
	}
}

func (l *usageList) fill(s *shared, p *query.Usage, items []counts) {
	most, total := int64(1), int64(1)
	for _, c := range items {
		most = max(most, c.events)
	}
	if l.total != nil {
		total = max(l.total(p), 1)
	}
	l.items = make(map[string]counts, len(items))
	rows := make([]table.Row, len(items))
	for i, c := range items {
		row := table.Row{Key: c.page + "\x00" + c.name}
		if l.total != nil {
			share := float64(c.events) / float64(total)
			row.Cells = []table.Cell{
				{Text: orName(c.name, l.named), Middle: true},
				countCell(c.events),
				{Text: text.Percent(share), Number: share, IsNumber: true, Role: look.Dim},
				{Text: chart.Bar(s.look, float64(c.events)/float64(most), l.bars), Role: look.Series(eventSeries), IsNumber: true},
			}
		} else {
			row.Cells = []table.Cell{
				{Text: orName(c.name, l.named)},
				{Text: orName(c.page, "no page"), Role: look.Dim, Middle: true},
				countCell(c.events), countCell(c.users),
			}
		}
		rows[i], l.items[row.Key] = row, c
	}
	l.table.SetRows(rows)
}

func orName(name, without string) string {
	if name == "" {
		return without
	}
	return text.Terminal(name)
}

// narrow shows the elements of one page, or with nil those of all.
func (x *usage) narrow(page *string, s *shared) {
	x.page, x.built = page, builtFrom[query.Usage]{}
	list := x.lists[elementsList].table
	list.Empty = noneInTime
	if page != nil {
		list.Empty = "none on this page"
	}
	list.Top()
	x.fill(s)
}

// sheet is what the list shows, in its order.
func (l *usageList) sheet() sheet {
	out := sheet{Name: l.file, Columns: l.columns}
	for _, row := range l.table.Shown() {
		c := l.items[row.Key]
		if l.total != nil {
			out.Rows = append(out.Rows, []any{c.name, c.events})
			continue
		}
		out.Rows = append(out.Rows, []any{c.name, c.page, c.events, c.users})
	}
	if row, some := l.table.Selected(); some {
		out.Selected = l.items[row.Key].name
	}
	return out
}

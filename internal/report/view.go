package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// maxRows bounds the secondary lists (errors, events, pages, elements), which
// say where they were cut. Endpoints are always complete.
const maxRows = 20

// line is one row of a list of counts with its part of the whole.
type line struct {
	Name  string
	Count int64
	Share float64
}

// view is what table, Markdown and HTML have in common: the words and figures
// of a report, ready to be laid out. Names are as they came; every renderer
// passes them through its sanitiser.
type view struct {
	*Report
	App       string // what the report is about, in words
	Period    string
	Complete  string // empty when unknown
	Anonymous string // empty unless anonymous users count
	Cards     []card
	Events    []line
	Pages     []line
	ShowUse   bool // whether usage events belong to the report
}

func newView(r *Report) *view {
	v := &view{
		Report: r, App: "Every app", ShowUse: r.Params.Endpoint == "",
		Period: period(r.Performance.StartTime, r.Performance.EndTime), Cards: cards(r),
	}
	if r.Params.App != "" {
		v.App = r.Params.App
	}
	if up := r.CompleteUpTo; !up.IsZero() {
		v.Complete = "data complete up to " + stamp(up) + " UTC"
	}
	if n := r.Performance.Metrics.AnonymousRequests; n > 0 && r.Params.IncludeAnonymous {
		v.Anonymous = text.Count(n) + plural(n, " anonymous request counts", " anonymous requests count") + " as one user"
	}
	if v.ShowUse {
		v.Events = lines(r.Usage.EventDistribution)
		v.Pages = lines(r.Usage.PageViews)
	}
	return v
}

const stampLayout = "2006-01-02 15:04"

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

func period(start, end time.Time) string { return stamp(start) + " – " + stamp(end) + " UTC" }

// rangeName says how long the range is. Its name comes from the source, which
// may be a remote server, so only names that we know are repeated.
func rangeName(p query.Period) string {
	if !slices.Contains(metric.RangeNames(), p.TimeRange) {
		return "custom range"
	}
	return "last " + strings.NewReplacer("h", " hours", "d", " days").Replace(p.TimeRange)
}

func lines(counts map[string]int64) []line {
	total := int64(0)
	for _, n := range counts {
		total += n
	}
	var out []line
	for _, name := range byCount(counts) {
		out = append(out, line{Name: name, Count: counts[name], Share: float64(counts[name]) / float64(max(total, 1))})
	}
	return out
}

// first returns the beginning of a list and how many were left out.
func first[T any](list []T) ([]T, int) {
	if len(list) <= maxRows {
		return list, 0
	}
	return list[:maxRows], len(list) - maxRows
}

// more says how many rows a list left out; empty when none.
func more(left int) string {
	if left == 0 {
		return ""
	}
	return "and " + text.Count(int64(left)) + " more; -o json holds all"
}

func requestsIn(n int64) string { return text.Count(n) + plural(n, " request", " requests") }
func errorsIn(n int64) string   { return text.Count(n) + plural(n, " error", " errors") }

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func orNone(name, instead string) string {
	if name == "" {
		return fmt.Sprintf("(%s)", instead)
	}
	return name
}

// Shares of failed requests from which on they are shown as a warning, and as
// bad.
const (
	warnRate = 0.01
	badRate  = 0.05
)

// statusCodes says of each status how many requests had it.
func statusCodes(r *Report) []string {
	var list []string
	for _, code := range slices.Sorted(maps.Keys(r.Performance.StatusCodes)) {
		list = append(list, fmt.Sprintf("%d × %s", code, text.Count(r.Performance.StatusCodes[code])))
	}
	return list
}

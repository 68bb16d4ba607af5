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

// trend says what a change means to the reader.
type trend string

const (
	neutral trend = ""
	better  trend = "better"
	worse   trend = "worse"
)

// card is one figure of the summary. Change is empty without comparison.
type card struct {
	Label, Value, Note string
	Change             string
	Trend              trend
}

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
	App      string // what the report is about, in words
	Period   string
	Complete string // empty when unknown
	Cards    []card
	Events   []line
	Pages    []line
	ShowUse  bool // whether usage events belong to the report
}

func newView(r *Report) *view {
	v := &view{
		Report: r, App: "every app", ShowUse: r.Params.Endpoint == "",
		Period: period(r.Performance.StartTime, r.Performance.EndTime), Cards: cards(r),
	}
	if r.Params.App != "" {
		v.App = r.Params.App
	}
	if up := r.CompleteUpTo; !up.IsZero() {
		v.Complete = "data complete up to " + stamp(up) + " UTC"
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

// rangeName says how long the range is, in the words that asked for it.
func rangeName(p query.Period) string {
	if p.TimeRange == "custom" || p.TimeRange == "" {
		return "custom range"
	}
	return "last " + p.TimeRange
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

func cards(r *Report) []card {
	now := r.Performance.Metrics
	list := []card{
		{Label: "Requests", Value: text.Count(now.TotalRequests)},
		{Label: "Errors", Value: text.Percent(now.ErrorRate), Note: text.Count(now.ErrorCount)},
		{Label: "Average", Value: latency(now.TotalRequests, now.AverageMS)},
		{Label: "p50", Value: latency(now.TotalRequests, now.P50MS)},
		{Label: "p95", Value: latency(now.TotalRequests, now.P95MS)},
		{Label: "p99", Value: latency(now.TotalRequests, now.P99MS)},
		{Label: "Active users", Value: text.Count(now.ActiveUsers)},
	}
	if r.Params.Endpoint == "" {
		list = append(list, card{Label: "Events", Value: text.Count(r.Usage.Metrics.TotalEvents)})
	}
	if !r.Params.Compare {
		return list
	}
	for i := range list {
		list[i].Change = text.None
	}
	if previous := r.Performance.Previous; previous != nil && previous.Complete {
		before := previous.Metrics
		list[0].change(text.Change, count(now.TotalRequests), count(before.TotalRequests), false)
		list[1].change(text.Points, ratio(now.TotalRequests, now.ErrorRate), ratio(before.TotalRequests, before.ErrorRate), true)
		for i, pair := range [][2]float64{
			{now.AverageMS, before.AverageMS}, {now.P50MS, before.P50MS},
			{now.P95MS, before.P95MS}, {now.P99MS, before.P99MS},
		} {
			list[2+i].change(text.Change, ratio(now.TotalRequests, pair[0]), ratio(before.TotalRequests, pair[1]), true)
		}
		list[6].change(text.Change, count(now.ActiveUsers), count(before.ActiveUsers), false)
	}
	if previous := r.Usage.Previous; len(list) > 7 && previous != nil && previous.Complete {
		list[7].change(text.Change, count(r.Usage.Metrics.TotalEvents), count(previous.Metrics.TotalEvents), false)
	}
	return list
}

// change fills in the change of a card; judged says that more is worse.
func (c *card) change(words func(now, before *float64) string, now, before *float64, judged bool) {
	c.Change = words(now, before)
	if judged {
		c.Trend = judge(c.Change)
	}
}

// judge reads the sign that the reader sees, so that what is shown as no change
// is not judged either.
func judge(change string) trend {
	switch {
	case strings.HasPrefix(change, "+"):
		return worse
	case strings.HasPrefix(change, "-"):
		return better
	}
	return neutral
}

// latency is a duration, or nothing when there was no request to take any time.
func latency(requests int64, ms float64) string {
	if requests == 0 {
		return text.None
	}
	return text.Duration(ms)
}

func count(n int64) *float64 {
	x := float64(n)
	return &x
}

// ratio is a figure of some requests: nil without any.
func ratio(requests int64, x float64) *float64 {
	if requests == 0 {
		return nil
	}
	return &x
}

// comparison is the change of one endpoint against the previous period.
type comparison struct{ Requests, ErrorRate, P95 string }

type endpointKey struct{ endpoint, method string }

// previousEndpoints returns the endpoints of the previous period; nil when
// there is none to compare with.
func previousEndpoints(r *Report) map[endpointKey]query.EndpointPerformance {
	if r.PreviousPerformance == nil {
		return nil
	}
	endpoints := make(map[endpointKey]query.EndpointPerformance, len(r.PreviousPerformance.Endpoints))
	for _, e := range r.PreviousPerformance.Endpoints {
		endpoints[endpointKey{e.Endpoint, e.Method}] = e
	}
	return endpoints
}

func compareEndpoint(e query.EndpointPerformance, previous map[endpointKey]query.EndpointPerformance) comparison {
	if previous == nil {
		return comparison{text.None, text.None, text.None}
	}
	before, found := previous[endpointKey{e.Endpoint, e.Method}]
	if !found {
		return comparison{"new", "new", "new"}
	}
	return comparison{
		Requests:  text.Change(count(e.RequestCount), count(before.RequestCount)),
		ErrorRate: text.Points(&e.ErrorRate, &before.ErrorRate),
		P95:       text.Change(&e.P95MS, &before.P95MS),
	}
}

// hint is something to try, and the command that does it.
type hint struct{ Words, Command string }

// advice says what to do when there is no data.
func advice(r *Report) []hint {
	var list []hint
	if r.Params.Endpoint != "" {
		list = append(list, hint{"look at every endpoint", "leave --endpoint out"})
	}
	if r.Params.App != "" {
		list = append(list, hint{"look at every app", "leave --app out"})
	}
	if r.Performance.EndTime.Sub(r.Performance.StartTime) < metric.Retention {
		list = append(list, hint{"look further back", "appmetrics report --range 90d"})
	}
	return append(list,
		hint{"record an application", "appmetrics serve --upstream http://localhost:3000"},
		hint{"see it with made-up data first", "appmetrics serve --demo"})
}

// per says what one point of the time series stands for.
func per(series *query.TimeSeries) string {
	if series.Interval == query.Daily {
		return "day"
	}
	return "hour"
}

// series returns one figure of every point; missing for points without it.
func series(r *Report, figure func(*query.PerformancePoint) *float64, missing float64) []float64 {
	values := make([]float64, len(r.TimeSeries.DataPoints))
	for i, p := range r.TimeSeries.DataPoints {
		values[i] = missing
		if p.PerformancePoint == nil {
			continue
		}
		if x := figure(p.PerformancePoint); x != nil {
			values[i] = *x
		}
	}
	return values
}

func requestsOf(p *query.PerformancePoint) *float64 { return count(p.TotalRequests) }
func errorsOf(p *query.PerformancePoint) *float64   { return count(p.ErrorCount) }
func p50Of(p *query.PerformancePoint) *float64      { return p.P50MS }
func p95Of(p *query.PerformancePoint) *float64      { return p.P95MS }
func p99Of(p *query.PerformancePoint) *float64      { return p.P99MS }

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

// statusCodes lists how many requests had which status, in one line.
func statusCodes(r *Report) string {
	var list []string
	for _, code := range slices.Sorted(maps.Keys(r.Performance.StatusCodes)) {
		list = append(list, fmt.Sprintf("%d × %s", code, text.Count(r.Performance.StatusCodes[code])))
	}
	return strings.Join(list, ", ")
}

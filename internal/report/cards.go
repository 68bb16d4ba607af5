package report

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/sketch"
	"github.com/appmetrics/appmetrics/internal/text"
)

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

// Long reports whether the value needs smaller letters on the page.
func (c card) Long() bool { return len(c.Value) > len("999,999") }

// noted returns the value, as it is set, with its note in brackets.
func (c card) noted(value string) string {
	if c.Note == "" {
		return value
	}
	return value + " (" + c.Note + ")"
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
		compareRequests(list, now, previous.Metrics)
	}
	if previous := r.Usage.Previous; len(list) > 7 && previous != nil && previous.Complete {
		list[7].Change = text.Change(count(r.Usage.Metrics.TotalEvents), count(previous.Metrics.TotalEvents))
	}
	return list
}

// compareRequests fills in the changes of the cards that are about requests, in
// their order.
func compareRequests(list []card, now, before query.PerformanceMetrics) {
	list[0].Change = text.Change(count(now.TotalRequests), count(before.TotalRequests))
	list[1].Change = text.Points(ratio(now.TotalRequests, now.ErrorRate), ratio(before.TotalRequests, before.ErrorRate))
	list[1].Trend = judge(list[1].Change)
	for i, pair := range [][2]float64{
		{now.AverageMS, before.AverageMS}, {now.P50MS, before.P50MS},
		{now.P95MS, before.P95MS}, {now.P99MS, before.P99MS},
	} {
		c, after, earlier := &list[2+i], ratio(now.TotalRequests, pair[0]), ratio(before.TotalRequests, pair[1])
		c.Change = text.Change(after, earlier)
		c.Trend = judgePercentile(c.Change, after, earlier)
	}
	list[2].Trend = judge(list[2].Change) // averages are exact
	list[6].Change = text.Change(count(now.ActiveUsers), count(before.ActiveUsers))
}

// judge reads the sign that the reader sees, so that what is shown as no change
// is not judged either.
func judge(change string) trend {
	change = strings.TrimPrefix(change, ">")
	switch {
	case strings.HasPrefix(change, "+"):
		return worse
	case strings.HasPrefix(change, "-"):
		return better
	}
	return neutral
}

// judgePercentile judges a percentile only where it changed by more than the
// errors of both its values: those of equal samples can differ by as much.
func judgePercentile(change string, now, before *float64) trend {
	const most = (1 + sketch.RelativeAccuracy) / (1 - sketch.RelativeAccuracy) * (1 + 1e-9)
	if now != nil && before != nil && max(*now, *before) <= most*min(*now, *before) {
		return neutral
	}
	return judge(change)
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

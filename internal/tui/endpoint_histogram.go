package tui

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
)

// histogram is how the response times of one endpoint are distributed.
func histogram(p *query.Performance, width int) chart.Histogram {
	h := chart.Histogram{Unit: text.Duration, Series: trafficSeries}
	for _, b := range coarse(p.Histogram, width) {
		h.Buckets = append(h.Buckets, chart.Bucket{Low: b.LowMS, High: b.HighMS, Count: b.Count})
	}
	if p.Metrics.TotalRequests > 0 {
		h.Marks = []chart.Mark{
			{Name: "p50", Value: p.Metrics.P50MS, Series: p50Series},
			{Name: "p95", Value: p.Metrics.P95MS, Series: p95Series},
			{Name: "p99", Value: p.Metrics.P99MS, Series: p99Series},
		}
	}
	return h
}

// coarse returns buckets of one logarithmic width from the fastest to the
// slowest request, empty ones included, at most some of them. Buckets of the
// answer, which are 2 % wide, go where their middle lies.
func coarse(buckets []query.HistogramBucket, most int) []query.HistogramBucket {
	low, high := math.Inf(1), 0.0
	for _, b := range buckets {
		if b.Count > 0 {
			low, high = min(low, b.LowMS), max(high, b.HighMS)
		}
	}
	if most <= 0 || high <= 0 {
		return nil
	}
	low = max(low, 0.001)
	high = max(high, low*1.02)
	span := math.Log(high / low)
	n := max(min(most, int(math.Ceil(span/math.Log(1.1)))), 1)
	edge := func(i int) float64 { return low * math.Exp(span*float64(i)/float64(n)) }
	list := make([]query.HistogramBucket, n)
	for i := range list {
		list[i].LowMS, list[i].HighMS = edge(i), edge(i+1)
	}
	for _, b := range buckets {
		middle := max((b.LowMS+b.HighMS)/2, low)
		i := int(math.Log(middle/low) / span * float64(n))
		list[max(min(i, n-1), 0)].Count += b.Count
	}
	return list
}

// statusRanking counts requests by status code, ascending.
func statusRanking(p *query.Performance) chart.Ranking {
	r := chart.Ranking{Total: float64(p.Metrics.TotalRequests), Unit: func(n float64) string { return text.Count(int64(n)) }, Series: trafficSeries}
	for _, code := range slices.Sorted(maps.Keys(p.StatusCodes)) {
		label := strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
		r.Shares = append(r.Shares, chart.Share{Label: label, Value: float64(p.StatusCodes[code])})
	}
	return r
}

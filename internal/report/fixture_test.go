package report_test

import (
	"math"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/report"
)

var (
	end   = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	start = end.Add(-24 * time.Hour)
)

func asked(compare bool) report.Params {
	return report.Params{Range: metric.Range{Start: start, End: end, Name: "24h"}, App: "shop", Compare: compare}
}

func answered() query.Period {
	return query.Period{TimeRange: "24h", StartTime: start, EndTime: end}
}

// empty is what the source answers when nothing was recorded.
func empty() *report.Report {
	r := &report.Report{
		Params:      asked(false),
		Performance: &query.Performance{Period: answered(), Endpoints: []query.EndpointPerformance{}, StatusCodes: map[int]int64{}},
		Usage: &query.Usage{
			Period: answered(), EventDistribution: map[string]int64{}, PageViews: map[string]int64{},
			Elements: []query.ElementUsage{},
		},
		TimeSeries: &query.TimeSeries{Period: answered(), Interval: query.Hourly},
		Errors:     &query.Errors{Period: answered(), Errors: []query.ErrorGroup{}},
	}
	for at := start; at.Before(end); at = at.Add(time.Hour) {
		r.TimeSeries.DataPoints = append(r.TimeSeries.DataPoints, query.Point{
			Timestamp: at, PerformancePoint: &query.PerformancePoint{}, UsagePoint: &query.UsagePoint{},
		})
	}
	return r
}

func endpoint(path, method string, requests, errors, users int64, median float64) query.EndpointPerformance {
	return query.EndpointPerformance{
		Endpoint: path, Method: method, RequestCount: requests, ErrorCount: errors,
		ErrorRate: float64(errors) / float64(requests), Latency: latency(median), ActiveUsers: users,
	}
}

func latency(median float64) query.Latency {
	return query.Latency{
		AverageMS: median * 1.35, P50MS: median, P95MS: median * 3.1, P99MS: median * 5.2,
		MinMS: median / 8, MaxMS: median * 11,
	}
}

// filled is a day of a small shop: a rhythm, two silent hours at night, and an
// hour in which the payment provider was away.
func filled() *report.Report {
	r := empty()
	r.CompleteUpTo = end.Add(-time.Minute)
	r.Performance.Metrics = query.PerformanceMetrics{
		Latency: latency(61.4), TotalRequests: 15234, ErrorCount: 187, ErrorRate: 187.0 / 15234,
		ActiveUsers: 123, AnonymousRequests: 412,
	}
	r.Performance.StatusCodes = map[int]int64{200: 14800, 304: 247, 404: 79, 422: 12, 500: 4, 503: 92}
	r.Performance.Endpoints = []query.EndpointPerformance{
		endpoint("/reports/{id}/export", "POST", 48, 3, 9, 1840),
		endpoint("/checkout", "POST", 611, 96, 88, 402),
		endpoint("/search", "GET", 2204, 0, 117, 148),
		endpoint("/orders/{id}", "GET", 3456, 2, 98, 90.1),
		endpoint("/orders", "GET", 3122, 0, 110, 71),
		endpoint("/orders", "POST", 602, 12, 87, 64.2),
		endpoint("/api/v2/warehouses/{id}/shelves/{id}/items/{id}/reservations", "DELETE", 17, 0, 3, 33.3),
		endpoint("/products/{id}/images", "GET", 3920, 74, 120, 12.6),
		endpoint("/session", "GET", 1254, 0, 123, 0.42),
	}
	r.Usage.Metrics = query.UsageMetrics{
		TotalEvents: 4721, SuccessCount: 4689, FailureCount: 32, UniqueUsers: 119, ActiveUsers: 123,
		ActiveUsersCurrentHour: 17,
	}
	r.Usage.EventDistribution = map[string]int64{
		"page_view": 2911, "button_click": 1402, "form_submit": 388, "file_uploaded": 20,
	}
	r.Usage.PageViews = map[string]int64{"/orders": 1201, "/": 980, "/search": 611, "/orders/{id}": 99, "": 20}
	r.Usage.Elements = []query.ElementUsage{
		{PageName: "/orders", ElementID: "add-order", Count: 610, UniqueUsers: 88},
		{PageName: "/search", ElementID: "button.Search", Count: 540, UniqueUsers: 101},
		{ElementID: "help", Count: 12, UniqueUsers: 7},
	}
	r.Errors.Errors = []query.ErrorGroup{
		failure("/checkout", "POST", "SERVER_ERROR_503", 92, 41),
		failure("/products/{id}/images", "GET", "CLIENT_ERROR_404", 74, 33),
		failure("/orders", "POST", "CLIENT_ERROR_422", 12, 8),
		failure("/checkout", "POST", "Timeout", 4, 4),
	}
	for i := range r.TimeSeries.DataPoints {
		fillPoint(&r.TimeSeries.DataPoints[i])
	}
	return r
}

func failure(path, method, kind string, count, users int64) query.ErrorGroup {
	return query.ErrorGroup{
		Endpoint: path, Method: method, ErrorType: kind, Count: count, UsersAffected: users,
		FirstSeen: start.Add(90 * time.Minute), LastSeen: end.Add(-47 * time.Minute),
	}
}

func fillPoint(p *query.Point) {
	hour := p.Timestamp.Hour()
	if hour == 2 || hour == 3 {
		return
	}
	day := 0.5 - 0.5*math.Cos(2*math.Pi*float64(hour-2)/24)
	requests := int64(20 + 1200*day*day)
	p50, p95 := 48+30*day, 150+90*day
	errors := requests / 200
	if hour == 15 {
		p50, p95, errors = 96, 1210, 104
	}
	average, p99 := p50*1.4, p95*1.7
	p.PerformancePoint = &query.PerformancePoint{
		AverageMS: &average, P50MS: &p50, P95MS: &p95, P99MS: &p99, TotalRequests: requests,
		ErrorCount: errors, ErrorRate: float64(errors) / float64(requests), ActiveUsers: requests / 11,
	}
	p.UsagePoint = &query.UsagePoint{TotalEvents: requests / 3, UniqueUsers: requests / 12}
}

// compared is filled with a previous day that was quieter and a little slower.
func compared() *report.Report {
	r := filled()
	r.Params = asked(true)
	before := query.PerformanceMetrics{
		Latency: latency(64), TotalRequests: 13542, ErrorCount: 71, ErrorRate: 71.0 / 13542, ActiveUsers: 123,
	}
	r.Performance.Previous = &query.PreviousPerformance{
		StartTime: start.Add(-24 * time.Hour), EndTime: start, Complete: true, Metrics: before,
	}
	r.Usage.Previous = &query.PreviousUsage{
		StartTime: start.Add(-24 * time.Hour), EndTime: start, Complete: true,
		Metrics: query.UsageMetrics{TotalEvents: 4810, UniqueUsers: 121, ActiveUsers: 123},
	}
	r.PreviousPerformance = &query.Performance{
		Period:  query.Period{TimeRange: "custom", StartTime: start.Add(-24 * time.Hour), EndTime: start},
		Metrics: before, StatusCodes: map[int]int64{200: 13471, 500: 71},
		Endpoints: []query.EndpointPerformance{
			endpoint("/checkout", "POST", 590, 4, 86, 260),
			endpoint("/reports/{id}/export", "POST", 51, 3, 9, 2210),
			endpoint("/search", "GET", 1980, 11, 110, 148),
			endpoint("/orders/{id}", "GET", 3011, 2, 97, 90.1),
			endpoint("/orders", "GET", 3122, 0, 108, 82),
			endpoint("/session", "GET", 4, 0, 4, 0.6),
		},
	}
	return r
}

// beyond is compared with a period that the retention no longer holds.
func beyond() *report.Report {
	r := compared()
	r.Performance.Previous.Complete, r.Usage.Previous.Complete = false, false
	r.PreviousPerformance = nil
	return r
}

// hostile is a report whose every name attacks a reader.
func hostile() *report.Report {
	r := filled()
	r.Params.App = "shop\x1b]0;owned\a<b>|`"
	r.Performance.TimeRange = "\x1b[2J\u202e24h"
	r.Performance.Endpoints = []query.EndpointPerformance{
		endpoint("=HYPERLINK(\"http://example.org\",\"x\")", "GET", 10, 1, 1, 900),
		endpoint("/\x1b[31mred\x1b[2J", "\x9bG", 10, 0, 1, 800),
		endpoint("/a\u202egpj.exe\u200b", "GET", 10, 0, 1, 700),
		endpoint("/注文/一覧/とても長い/エンドポイント", "GET", 10, 0, 1, 600),
		endpoint("/"+strings.Repeat("very/", 98)+"long", "OPTIONS", 1234567, 0, 1, 500),
		endpoint("/a|b\\|c`d`*e*_f_[x](http://example.org)<script>alert(1)</script>", "GET", 10, 0, 1, 400),
		endpoint("/line\r\n# break\tand tab", "GET", 10, 0, 1, 300),
		endpoint("@SUM(A1)", "+1", 10, 0, 1, 200),
		endpoint("/👩\u200d👩\u200d👧/🇩🇪/e\u0301", "GET", 10, 0, 1, 100),
		endpoint("\t-1", "GET", 10, 0, 1, 50),
	}
	r.Errors.Errors = []query.ErrorGroup{
		failure("</table><img src=x onerror=alert(1)>", "GET", "-2+3\x07", 9, 1),
		failure(strings.Repeat("長", 200), "GET", strings.Repeat("E", 100), 1, 1),
	}
	r.Usage.EventDistribution = map[string]int64{"custom\u2066type": 3, "{{.}}": 2, "=1": 1}
	r.Usage.PageViews = map[string]int64{"/\u009b2J": 3, "javascript:alert(1)": 2, "</svg><script>": 1}
	r.Usage.Elements = []query.ElementUsage{{PageName: "\x00", ElementID: "\"' onclick=x", Count: 1, UniqueUsers: 1}}
	return r
}

// one is the report of a single endpoint.
func one() *report.Report {
	r := filled()
	r.Params.Endpoint = "/checkout"
	r.Performance.Endpoints = r.Performance.Endpoints[1:2]
	r.Errors.Errors = []query.ErrorGroup{r.Errors.Errors[0], r.Errors.Errors[3]}
	return r
}

// month is a report of 30 days by day, of every app, with no user and no event.
func month() *report.Report {
	r := filled()
	from := end.AddDate(0, 0, -30)
	r.Params = report.Params{Range: metric.Range{Start: from, End: end, Name: "30d"}}
	r.CompleteUpTo = time.Time{}
	period := query.Period{TimeRange: "30d", StartTime: from, EndTime: end}
	r.Performance.Period, r.Usage.Period, r.Errors.Period = period, period, period
	r.Usage = empty().Usage
	r.Performance.Metrics.ActiveUsers, r.Performance.Metrics.TotalRequests = 0, 12_345_678
	points := r.TimeSeries.DataPoints
	r.TimeSeries = &query.TimeSeries{Period: period, Interval: query.Daily}
	for i := range 31 {
		p := points[(i%7)*3]
		p.Timestamp = from.Truncate(24*time.Hour).AddDate(0, 0, i)
		r.TimeSeries.DataPoints = append(r.TimeSeries.DataPoints, p)
	}
	return r
}

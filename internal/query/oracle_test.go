package query_test

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// world is everything that was ever stored, as plain lists: the oracle that
// answers are compared with.
type world struct {
	requests      []metric.Request
	events        []metric.Event
	retiredBefore time.Time
}

// counts says whether a row lies in a range: what was retired is known by its
// hour only.
func (w *world) counts(at time.Time, r metric.Range) bool {
	if at.Before(w.retiredBefore) {
		at = at.Truncate(time.Hour)
	}
	return !at.Before(r.Start) && at.Before(r.End)
}

func (w *world) requestsIn(r metric.Range, keep func(metric.Request) bool) []metric.Request {
	var kept []metric.Request
	for _, q := range w.requests {
		if w.counts(q.Timestamp, r) && keep(q) {
			kept = append(kept, q)
		}
	}
	return kept
}

func (w *world) eventsIn(r metric.Range, keep func(metric.Event) bool) []metric.Event {
	var kept []metric.Event
	for _, e := range w.events {
		if w.counts(e.Timestamp, r) && keep(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

func anyRequest(metric.Request) bool { return true }
func anyEvent(metric.Event) bool     { return true }

// usersOf counts people the way R13 says.
func usersOf(includeAnonymous bool, requests []metric.Request, events []metric.Event) int64 {
	seen := map[string]bool{}
	for _, r := range requests {
		seen[r.UserID] = true
	}
	for _, e := range events {
		seen[e.UserID] = true
	}
	if !includeAnonymous {
		delete(seen, "")
	}
	return int64(len(seen))
}

func (w *world) performance(p query.PerformanceParams) query.Performance {
	requests := w.requestsIn(p.Range, func(r metric.Request) bool {
		return (p.Endpoint == "" || r.Endpoint == p.Endpoint) && (p.Method == "" || r.Method == p.Method)
	})
	var events []metric.Event
	if p.Endpoint == "" && p.Method == "" {
		events = w.eventsIn(p.Range, anyEvent)
	}
	answer := query.Performance{
		Period:      query.Period{TimeRange: p.Range.Name, StartTime: p.Range.Start, EndTime: p.Range.End},
		Endpoints:   []query.EndpointPerformance{},
		StatusCodes: map[int]int64{},
	}
	type route struct{ endpoint, method string }
	routes := map[route][]metric.Request{}
	for _, r := range requests {
		answer.StatusCodes[r.StatusCode]++
		routes[route{r.Endpoint, r.Method}] = append(routes[route{r.Endpoint, r.Method}], r)
	}
	m := &answer.Metrics
	m.TotalRequests, m.ErrorCount, m.AnonymousRequests = tally(requests)
	m.ErrorRate, m.Latency = share(m.ErrorCount, m.TotalRequests), exactLatency(requests)
	m.ActiveUsers = usersOf(p.IncludeAnonymous, requests, events)
	for key, requests := range routes {
		e := query.EndpointPerformance{Endpoint: key.endpoint, Method: key.method, Latency: exactLatency(requests)}
		e.RequestCount, e.ErrorCount, e.AnonymousRequests = tally(requests)
		e.ErrorRate = share(e.ErrorCount, e.RequestCount)
		e.ActiveUsers = usersOf(p.IncludeAnonymous, requests, nil)
		answer.Endpoints = append(answer.Endpoints, e)
	}
	slices.SortFunc(answer.Endpoints, func(a, b query.EndpointPerformance) int {
		return cmp.Or(cmp.Compare(b.AverageMS, a.AverageMS), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Method, b.Method))
	})
	return answer
}

func tally(requests []metric.Request) (total, failed, anonymous int64) {
	for _, r := range requests {
		total++
		if r.StatusCode >= 400 {
			failed++
		}
		if r.UserID == "" {
			anonymous++
		}
	}
	return total, failed, anonymous
}

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func exactLatency(requests []metric.Request) query.Latency {
	if len(requests) == 0 {
		return query.Latency{}
	}
	var sum int64
	ms := make([]float64, len(requests))
	for i, r := range requests {
		ms[i] = r.ResponseTimeMS
		sum += int64(math.Floor(r.ResponseTimeMS*1e6 + 0.5))
	}
	slices.Sort(ms)
	rank := func(q float64) float64 { return ms[int(math.Ceil(q*float64(len(ms))-1e-9))-1] }
	return query.Latency{
		AverageMS: float64(sum) / float64(len(ms)) / 1e6,
		P50MS:     rank(0.50), P95MS: rank(0.95), P99MS: rank(0.99),
		MinMS: ms[0], MaxMS: ms[len(ms)-1],
	}
}

func (w *world) usage(p query.UsageParams) query.Usage {
	keep := func(e metric.Event) bool {
		return (p.EventType == "" || e.EventType == p.EventType) && (p.PageName == "" || e.PageName == p.PageName)
	}
	people := func(r metric.Range) int64 {
		var requests []metric.Request
		if p.EventType == "" && p.PageName == "" {
			requests = w.requestsIn(r, anyRequest)
		}
		return usersOf(p.IncludeAnonymous, requests, w.eventsIn(r, keep))
	}
	events := w.eventsIn(p.Range, keep)
	answer := query.Usage{
		Period:            query.Period{TimeRange: p.Range.Name, StartTime: p.Range.Start, EndTime: p.Range.End},
		EventDistribution: map[string]int64{},
		PageViews:         map[string]int64{},
		Elements:          []query.ElementUsage{},
	}
	type element struct{ page, id string }
	elements := map[element][]metric.Event{}
	m := &answer.Metrics
	for _, e := range events {
		m.TotalEvents++
		if e.Success {
			m.SuccessCount++
		} else {
			m.FailureCount++
		}
		if e.UserID == "" {
			m.AnonymousEvents++
		}
		answer.EventDistribution[e.EventType]++
		if e.EventType == "page_view" {
			answer.PageViews[e.PageName]++
		}
		if e.ElementID != "" {
			elements[element{e.PageName, e.ElementID}] = append(elements[element{e.PageName, e.ElementID}], e)
		}
	}
	m.UniqueUsers = usersOf(p.IncludeAnonymous, nil, events)
	m.ActiveUsers = people(p.Range)
	thisHour := now.Truncate(time.Hour)
	m.ActiveUsersCurrentHour = people(metric.Range{Start: thisHour, End: thisHour.Add(time.Hour)})
	for key, events := range elements {
		answer.Elements = append(answer.Elements, query.ElementUsage{
			PageName: key.page, ElementID: key.id,
			Count: int64(len(events)), UniqueUsers: usersOf(p.IncludeAnonymous, nil, events),
		})
	}
	slices.SortFunc(answer.Elements, func(a, b query.ElementUsage) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.PageName, b.PageName), cmp.Compare(a.ElementID, b.ElementID))
	})
	return answer
}

func (w *world) series(p query.TimeSeriesParams) query.TimeSeries {
	length := time.Hour
	if p.Interval == query.Daily {
		length = 24 * time.Hour
	}
	answer := query.TimeSeries{
		Period:   query.Period{TimeRange: p.Range.Name, StartTime: p.Range.Start, EndTime: p.Range.End},
		Interval: p.Interval, DataPoints: []query.Point{},
	}
	for at := p.Range.Start.Truncate(length); at.Before(p.Range.End); at = at.Add(length) {
		point := query.Point{Timestamp: at}
		if p.MetricType != query.MetricUsage {
			point.PerformancePoint = exactPoint(w.requestsIn(p.Range, func(r metric.Request) bool {
				return r.Timestamp.Truncate(length).Equal(at) && (p.Endpoint == "" || r.Endpoint == p.Endpoint)
			}))
		}
		if p.MetricType != query.MetricPerformance {
			events := w.eventsIn(p.Range, func(e metric.Event) bool {
				return e.Timestamp.Truncate(length).Equal(at) && (p.EventType == "" || e.EventType == p.EventType)
			})
			point.UsagePoint = &query.UsagePoint{TotalEvents: int64(len(events)), UniqueUsers: usersOf(false, nil, events)}
		}
		answer.DataPoints = append(answer.DataPoints, point)
	}
	return answer
}

func exactPoint(requests []metric.Request) *query.PerformancePoint {
	p := &query.PerformancePoint{ActiveUsers: usersOf(false, requests, nil)}
	p.TotalRequests, p.ErrorCount, _ = tally(requests)
	p.ErrorRate = share(p.ErrorCount, p.TotalRequests)
	if len(requests) > 0 {
		l := exactLatency(requests)
		p.AverageMS, p.P50MS, p.P95MS, p.P99MS = &l.AverageMS, &l.P50MS, &l.P95MS, &l.P99MS
	}
	return p
}

func (w *world) errors(p query.ErrorsParams) query.Errors {
	answer := query.Errors{
		Period: query.Period{TimeRange: p.Range.Name, StartTime: p.Range.Start, EndTime: p.Range.End},
		Errors: []query.ErrorGroup{},
	}
	type failure struct{ endpoint, method, errorType string }
	failures := map[failure][]metric.Request{}
	for _, r := range w.requestsIn(p.Range, func(r metric.Request) bool {
		return r.StatusCode >= 400 && (p.Endpoint == "" || r.Endpoint == p.Endpoint)
	}) {
		key := failure{r.Endpoint, r.Method, r.ErrorType}
		failures[key] = append(failures[key], r)
	}
	for key, requests := range failures {
		group := query.ErrorGroup{
			Endpoint: key.endpoint, Method: key.method, ErrorType: key.errorType,
			Count: int64(len(requests)), UsersAffected: usersOf(false, requests, nil),
			FirstSeen: requests[0].Timestamp, LastSeen: requests[0].Timestamp,
		}
		for _, r := range requests {
			if r.Timestamp.Before(group.FirstSeen) {
				group.FirstSeen = r.Timestamp
			}
			if r.Timestamp.After(group.LastSeen) {
				group.LastSeen = r.Timestamp
			}
		}
		answer.Errors = append(answer.Errors, group)
	}
	slices.SortFunc(answer.Errors, func(a, b query.ErrorGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Endpoint, b.Endpoint),
			cmp.Compare(a.Method, b.Method), cmp.Compare(a.ErrorType, b.ErrorType))
	})
	return answer
}

package query

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// pageView is the event type that page views are counted by.
const pageView = "page_view"

// Usage implements Source.
func (e *Engine) Usage(ctx context.Context, p UsageParams) (*Usage, error) {
	return bounded(ctx, e.timeout, "usage", func(ctx context.Context) (*Usage, error) {
		now := e.now()
		questions := []store.Question{
			p.question(p.Range, store.ByEventType|store.ByPage|store.ByElement),
			p.question(clockHour(now), 0),
		}
		if p.Compare && !forgotten(p.Range.Previous(), now) {
			questions = append(questions, p.question(p.Range.Previous(), 0))
		}
		rollups, err := e.store.Summarize(ctx, questions...)
		if err != nil {
			return nil, err
		}
		return p.answer(rollups[0], rollups[1], slices.Concat(rollups[2:]...), now), nil
	})
}

// clockHour is the hour that is running, its rest included: the clocks of
// clients may be a little ahead.
func clockHour(now time.Time) metric.Range {
	start := now.UTC().Truncate(time.Hour)
	return metric.Range{Start: start, End: start.Add(time.Hour)}
}

// question asks for the events and, unless they are filtered by what requests
// do not have, for the users of requests too.
func (p UsageParams) question(r metric.Range, by store.Dims) store.Question {
	kinds := []metric.Kind{metric.KindUsage}
	if p.EventType == "" && p.PageName == "" {
		kinds = append(kinds, metric.KindPerformance)
	}
	return store.Question{
		Kinds: kinds, Range: r, App: p.App, By: by,
		EventType: p.EventType, PageName: p.PageName,
	}
}

func (p UsageParams) answer(rollups, hour, before []metric.Rollup, now time.Time) *Usage {
	answer := &Usage{
		Period:            period(p.Range),
		Metrics:           p.metrics(rollups),
		EventDistribution: map[string]int64{},
		PageViews:         map[string]int64{},
		Elements:          p.elements(rollups),
	}
	for i := range rollups {
		r := &rollups[i]
		if r.Kind != metric.KindUsage {
			continue
		}
		answer.EventDistribution[r.EventType] += r.Count
		if r.EventType != pageView {
			continue
		}
		for _, part := range r.SplitPages() {
			if part.Count > 0 {
				answer.PageViews[part.PageName] += part.Count
			}
		}
	}
	answer.Metrics.ActiveUsersCurrentHour = p.metrics(hour).ActiveUsers
	if p.Compare {
		previous := p.Range.Previous()
		answer.Previous = &PreviousUsage{
			StartTime: instant(previous.Start), EndTime: instant(previous.End),
			Complete: retained(previous, now),
			Metrics:  p.metrics(before),
		}
		answer.Previous.Metrics.ActiveUsersCurrentHour = answer.Metrics.ActiveUsersCurrentHour
	}
	return answer
}

func (p UsageParams) metrics(rollups []metric.Rollup) UsageMetrics {
	events, requests := total(rollups, metric.KindUsage), total(rollups, metric.KindPerformance)
	return UsageMetrics{
		TotalEvents:     events.Count,
		SuccessCount:    events.SuccessCount,
		FailureCount:    events.FailureCount,
		AnonymousEvents: events.Anonymous,
		UniqueUsers:     countUsers(p.IncludeAnonymous, &events),
		ActiveUsers:     countUsers(p.IncludeAnonymous, &events, &requests),
	}
}

// elements merges over event types: an element is known by its page and id.
func (p UsageParams) elements(rollups []metric.Rollup) []ElementUsage {
	type element struct{ page, id string }
	merged := map[element]*metric.Rollup{}
	for i := range rollups {
		r := &rollups[i]
		if r.ElementID == "" {
			continue
		}
		key := element{r.PageName, r.ElementID}
		if merged[key] == nil {
			merged[key] = &metric.Rollup{}
		}
		merged[key].Merge(r)
	}
	elements := make([]ElementUsage, 0, len(merged))
	for key, r := range merged {
		elements = append(elements, ElementUsage{
			PageName: key.page, ElementID: key.id,
			Count: r.Count, UniqueUsers: countUsers(p.IncludeAnonymous, r),
		})
	}
	slices.SortFunc(elements, func(a, b ElementUsage) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.PageName, b.PageName), cmp.Compare(a.ElementID, b.ElementID))
	})
	return elements
}

// storedWithin is how long after it was taken a sample is stored at the latest
// while nothing is wrong.
const storedWithin = 30 * time.Second

// Count implements Source.
func (e *Engine) Count(ctx context.Context, p CountParams) (*Count, error) {
	return bounded(ctx, e.timeout, "count of events", func(ctx context.Context) (*Count, error) {
		oldest := e.collection().Queue.OldestUnsent // asked first: what is stored meanwhile may be counted
		n, err := e.store.CountEvents(ctx, p.UserID, p.Range, p.App)
		if err != nil {
			return nil, err
		}
		complete := oldest.IsZero() || e.now().Sub(oldest) < storedWithin
		return &Count{Count: n, Complete: complete, Period: period(p.Range)}, nil
	})
}

package store_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// expect answers a question from the samples themselves, one by one.
func expect(b metric.Batch, q store.Question) []metric.Rollup {
	if q.Kinds == nil {
		q.Kinds = allKinds
	}
	if q.Range.Start.IsZero() {
		q.Range = everything
	}
	byKey := map[metric.Key]*metric.Rollup{}
	add := func(key metric.Key, at time.Time, sample metric.Rollup) {
		appFits := key.App == q.App || q.App == "" && key.App != metric.SelfApp
		if !slices.Contains(q.Kinds, key.Kind) || !q.Range.Contains(at) || !appFits {
			return
		}
		key = project(key, at, q.By)
		if byKey[key] == nil {
			byKey[key] = &metric.Rollup{Key: key}
		}
		sample.Count = 1
		byKey[key].Merge(&sample)
	}
	is := func(filter, value string) bool { return filter == "" || filter == value }
	for _, r := range b.Requests {
		if !is(q.Endpoint, r.Endpoint) || !is(q.Method, r.Method) {
			continue
		}
		key := metric.Key{Kind: metric.KindPerformance, App: r.App, Endpoint: r.Endpoint, Method: r.Method}
		sample := metric.Rollup{SumNS: metric.Nanoseconds(r.ResponseTimeMS), MinMS: r.ResponseTimeMS, MaxMS: r.ResponseTimeMS}
		if r.UserID == "" {
			sample.Anonymous = 1
		} else {
			sample.Users.Add(r.UserID)
		}
		failure := metric.Rollup{Anonymous: sample.Anonymous, FirstSeen: r.Timestamp, LastSeen: r.Timestamp}
		failure.Users.Merge(&sample.Users)
		if r.StatusCode >= 400 {
			sample.ErrorCount = 1
		}
		_ = sample.Latency.Add(r.ResponseTimeMS)
		add(key, r.Timestamp, sample)
		if r.StatusCode >= 400 {
			key.Kind, key.ErrorType = metric.KindError, r.ErrorType
			add(key, r.Timestamp, failure)
		}
	}
	for _, e := range b.Events {
		var user metric.Rollup
		user.Tally.Add(e.UserID, 1)
		add(metric.Key{Kind: metric.KindUser, App: e.App}, e.Timestamp, user)
		if !is(q.EventType, e.EventType) || !is(q.PageName, e.PageName) {
			continue
		}
		var sample metric.Rollup
		if e.Success {
			sample.SuccessCount = 1
		} else {
			sample.FailureCount = 1
		}
		if e.UserID == "" {
			sample.Anonymous = 1
		} else {
			sample.Users.Add(e.UserID)
		}
		add(metric.Key{
			Kind: metric.KindUsage, App: e.App, EventType: e.EventType, PageName: e.PageName, ElementID: e.ElementID,
		}, e.Timestamp, sample)
	}
	return inOrder(byKey)
}

// project leaves of a key what is asked for.
func project(k metric.Key, at time.Time, by store.Dims) metric.Key {
	keep := func(d store.Dims, value string) string {
		if by&d == 0 {
			return ""
		}
		return value
	}
	key := metric.Key{
		Kind: k.Kind, App: keep(store.ByApp, k.App), Endpoint: keep(store.ByEndpoint, k.Endpoint),
		Method: keep(store.ByMethod, k.Method), EventType: keep(store.ByEventType, k.EventType),
		PageName: keep(store.ByPage, k.PageName), ElementID: keep(store.ByElement, k.ElementID),
		ErrorType: keep(store.ByErrorType, k.ErrorType),
	}
	switch {
	case by&store.ByHour != 0:
		key.Bucket = at.Truncate(time.Hour)
	case by&store.ByDay != 0:
		key.Bucket = at.Truncate(day)
	}
	return key
}

func inOrder(byKey map[metric.Key]*metric.Rollup) []metric.Rollup {
	all := make([]metric.Rollup, 0, len(byKey))
	for _, r := range byKey {
		all = append(all, *r)
	}
	slices.SortFunc(all, compareKeys)
	return all
}

func compareKeys(a, b metric.Rollup) int {
	return cmp.Or(a.Bucket.Compare(b.Bucket), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.App, b.App),
		cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Method, b.Method), cmp.Compare(a.EventType, b.EventType),
		cmp.Compare(a.PageName, b.PageName), cmp.Compare(a.ElementID, b.ElementID), cmp.Compare(a.ErrorType, b.ErrorType))
}

package aggregate_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
	"github.com/appmetrics/appmetrics/internal/store"
)

// oracle is everything that was ever accepted for one app, as plain lists.
type oracle struct {
	app      string
	requests []metric.Request
	events   []metric.Event
}

func (o *oracle) add(b metric.Batch) {
	o.requests = append(o.requests, b.Requests...)
	o.events = append(o.events, b.Events...)
}

// cut is how an answer is grouped.
type cut struct {
	name   string
	by     store.Dims
	length time.Duration // of a bucket; 0 for one bucket
}

const keys = store.ByEndpoint | store.ByMethod | store.ByErrorType | store.ByEventType | store.ByPage | store.ByElement

// cuts are answered from different rollups of the same rows.
var cuts = []cut{
	{"hours by key", store.ByHour | keys, time.Hour}, {"hours", store.ByHour, time.Hour},
	{"days by key", store.ByDay | keys, day}, {"days", store.ByDay, day}, {"keys", keys, 0}, {"all", 0, 0},
}

func (c cut) bucket(t time.Time) int64 {
	if c.length == 0 {
		return time.Time{}.Unix()
	}
	return t.Truncate(c.length).Unix()
}

// key names a group.
func (c cut) key(bucket int64, kind metric.Kind, dimensions ...any) string {
	if c.by&keys == 0 {
		dimensions = nil
	}
	return fmt.Sprint(bucket, " ", kind, " ", dimensions)
}

// want lists what a database must answer about a range of whole hours: one
// line for every bucket and every combination of dimensions.
func (o *oracle) want(r metric.Range, c cut) []string {
	latencies, errors, usage := map[string][]metric.Request{}, map[string][]metric.Request{}, map[string][]metric.Event{}
	for _, q := range o.requests {
		if !r.Contains(q.Timestamp) {
			continue
		}
		bucket := c.bucket(q.Timestamp)
		key := c.key(bucket, metric.KindPerformance, q.Endpoint, q.Method)
		latencies[key] = append(latencies[key], q)
		if q.StatusCode >= 400 {
			key := c.key(bucket, metric.KindError, q.Endpoint, q.Method, q.ErrorType)
			errors[key] = append(errors[key], q)
		}
	}
	for _, e := range o.events {
		if r.Contains(e.Timestamp) {
			key := c.key(c.bucket(e.Timestamp), metric.KindUsage, e.EventType, e.PageName, e.ElementID)
			usage[key] = append(usage[key], e)
		}
	}
	var lines []string
	for key, requests := range latencies {
		lines = append(lines, key+performanceLine(requests))
	}
	for key, requests := range errors {
		lines = append(lines, key+errorLine(requests))
	}
	for key, events := range usage {
		lines = append(lines, key+usageLine(events))
	}
	slices.Sort(lines)
	return lines
}

func performanceLine(requests []metric.Request) string {
	var sum, failed, anonymous int64
	least, most := math.Inf(1), math.Inf(-1)
	codes, users := map[int]int64{}, map[string]bool{}
	var latency sketch.Histogram
	for _, q := range requests {
		sum += int64(math.Floor(q.ResponseTimeMS*1e6 + 0.5))
		least, most = min(least, q.ResponseTimeMS), max(most, q.ResponseTimeMS)
		codes[q.StatusCode]++
		users[q.UserID] = true
		if q.StatusCode >= 400 {
			failed++
		}
		if q.UserID == "" {
			anonymous++
		}
		if err := latency.Add(q.ResponseTimeMS); err != nil {
			panic(err) // the generator made a value that cannot be stored
		}
	}
	delete(users, "")
	return fmt.Sprint(": ", len(requests), sum, least, most, failed, anonymous, len(users), codes, buckets(&latency))
}

func errorLine(requests []metric.Request) string {
	users := map[string]bool{}
	first, last := requests[0].Timestamp, requests[0].Timestamp
	for _, q := range requests {
		users[q.UserID] = true
		if q.Timestamp.Before(first) {
			first = q.Timestamp
		}
		if q.Timestamp.After(last) {
			last = q.Timestamp
		}
	}
	delete(users, "")
	return fmt.Sprint(": ", len(requests), len(users), first.UnixMicro(), last.UnixMicro())
}

func usageLine(events []metric.Event) string {
	var succeeded, anonymous int64
	users := map[string]bool{}
	for _, e := range events {
		users[e.UserID] = true
		if e.Success {
			succeeded++
		}
		if e.UserID == "" {
			anonymous++
		}
	}
	delete(users, "")
	return fmt.Sprint(": ", len(events), succeeded, int64(len(events))-succeeded, anonymous, len(users))
}

func buckets(h *sketch.Histogram) string {
	var b strings.Builder
	for bucket := range h.Buckets() {
		fmt.Fprintf(&b, "%.6g:%d ", bucket.High, bucket.Count)
	}
	return b.String()
}

// got asks the database for what want lists.
func (o *oracle) got(ctx context.Context, s *store.Store, r metric.Range, c cut) ([]string, error) {
	answers, err := s.Summarize(ctx, store.Question{
		Kinds: []metric.Kind{metric.KindPerformance, metric.KindUsage, metric.KindError}, Range: r, App: o.app, By: c.by,
	})
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, a := range answers[0] {
		bucket := a.Bucket.Unix()
		switch a.Kind {
		case metric.KindPerformance:
			lines = append(lines, c.key(bucket, a.Kind, a.Endpoint, a.Method)+fmt.Sprint(": ",
				a.Count, a.SumNS, a.MinMS, a.MaxMS, a.ErrorCount, a.Anonymous, a.ActiveUsers(), a.StatusCodes, buckets(&a.Latency)))
		case metric.KindError:
			lines = append(lines, c.key(bucket, a.Kind, a.Endpoint, a.Method, a.ErrorType)+fmt.Sprint(": ",
				a.Count, a.ActiveUsers(), a.FirstSeen.UnixMicro(), a.LastSeen.UnixMicro()))
		case metric.KindUsage:
			lines = append(lines, c.key(bucket, a.Kind, a.EventType, a.PageName, a.ElementID)+fmt.Sprint(": ",
				a.Count, a.SuccessCount, a.FailureCount, a.Anonymous, a.ActiveUsers()))
		default:
			lines = append(lines, fmt.Sprint("not asked for: ", a.Kind))
		}
	}
	slices.Sort(lines)
	return lines, nil
}

// eventsOf counts one user's events in a range.
func (o *oracle) eventsOf(user string, r metric.Range) int64 {
	var n int64
	for _, e := range o.events {
		if e.UserID == user && r.Contains(e.Timestamp) {
			n++
		}
	}
	return n
}

// retained is the range that nothing is deleted of.
func retained(now time.Time) metric.Range {
	return metric.Range{Start: now.Add(-metric.Retention).Truncate(time.Hour), End: now.Add(day)}
}

// check returns an error unless the database says about a range, however it is
// cut, what the oracle says.
func (o *oracle) check(ctx context.Context, s *store.Store, r metric.Range) error {
	return o.checkCuts(ctx, s, r, cuts)
}

// inTurn returns two of all cuts: every one shows a row that is missing or
// counted twice, and one of hours is never without one of days or more.
func inTurn(turn int) []cut {
	i := turn % (len(cuts) / 2)
	return []cut{cuts[i], cuts[i+len(cuts)/2]}
}

func (o *oracle) checkCuts(ctx context.Context, s *store.Store, r metric.Range, cuts []cut) error {
	for _, c := range cuts {
		if err := o.checkCut(ctx, s, r, c); err != nil {
			return err
		}
	}
	users := map[string]bool{}
	for _, e := range o.events {
		users[e.UserID] = true
	}
	delete(users, "")
	for _, user := range slices.Sorted(maps.Keys(users)) {
		got, err := s.CountEvents(ctx, user, r, o.app)
		if err != nil {
			return err
		}
		if want := o.eventsOf(user, r); got != want {
			return fmt.Errorf("got %d events of %s, want %d", got, user, want)
		}
	}
	return nil
}

func (o *oracle) checkCut(ctx context.Context, s *store.Store, r metric.Range, c cut) error {
	got, err := o.got(ctx, s, r, c)
	if err != nil {
		return err
	}
	if want := o.want(r, c); !slices.Equal(got, want) {
		return fmt.Errorf("%s: got\n\t%s\nwant\n\t%s", c.name,
			strings.Join(only(got, want), "\n\t"), strings.Join(only(want, got), "\n\t"))
	}
	return nil
}

// only returns the lines of a that b lacks.
func only(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) })
}

package metric

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// RawRetention is how long raw metrics are kept.
	RawRetention = 7 * 24 * time.Hour

	// Retention is how long aggregated metrics are kept, and so how far back a
	// question may reach.
	Retention = 90 * 24 * time.Hour

	// clockSkew is how far a client's clock may be from ours before its "now"
	// counts as the future and its "90 days ago" as forgotten.
	clockSkew = time.Minute
)

const (
	customRange  = "custom"
	defaultRange = "24h"
)

// Range is the span of time that a question asks about, half-open and in UTC.
type Range struct {
	Start, End time.Time
	Name       string // one of RangeNames, or "custom"
}

// RangeError says why a range cannot be asked about. Its message is meant for
// whoever asked.
type RangeError struct{ Message string }

// Error returns the message.
func (e *RangeError) Error() string { return e.Message }

// RangeNames lists the ranges that have a name, shortest first.
func RangeNames() []string { return []string{"24h", "7d", "30d", "90d"} }

func namedDuration(name string) (d time.Duration, ok bool) {
	const day = 24 * time.Hour
	switch name {
	case "24h":
		return day, true
	case "7d":
		return 7 * day, true
	case "30d":
		return 30 * day, true
	case "90d":
		return 90 * day, true
	}
	return 0, false
}

// ParseRange reads a range as a person or a client writes it: a name, which
// ends at now, or a start and an end in RFC 3339 or as a date (midnight UTC).
// Nothing at all is the last 24 hours. It returns a *FieldError for what it
// cannot read and a *RangeError for what cannot be asked.
func ParseRange(name, start, end string, now time.Time) (Range, error) {
	if start == "" && end == "" {
		if name == "" {
			name = defaultRange
		}
		d, ok := namedDuration(name)
		if !ok {
			return Range{}, fieldError("time_range", name, "one of "+strings.Join(RangeNames(), ", "))
		}
		now = now.UTC()
		return Range{Start: now.Add(-d), End: now, Name: name}, nil
	}
	if name != "" {
		return Range{}, fieldError("time_range", name, "either time_range, or start_time and end_time")
	}
	from, err := parseTime("start_time", start)
	if err != nil {
		return Range{}, err
	}
	to, err := parseTime("end_time", end)
	if err != nil {
		return Range{}, err
	}
	return NewRange(from, to, now)
}

func parseTime(field, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, fieldError(field, value, "start_time and end_time are required together")
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fieldError(field, value, "a time such as 2025-10-18T12:00:00Z, or a date such as 2025-10-18")
}

// NewRange returns the custom range from start to end, or a *RangeError when
// it is empty or leaves the retention. Both ends may be a minute outside, for
// clocks that differ, and are then moved inside.
//
// The length is checked before the retention: a range that is too long always
// begins too early as well, and its length is what has to change.
func NewRange(start, end, now time.Time) (Range, error) {
	start, end, now = start.UTC(), end.UTC(), now.UTC()
	earliest := now.Add(-Retention)
	if !start.Before(end) {
		return Range{}, &RangeError{"Start date must be before end date"}
	}
	if !start.Before(now) || end.After(now.Add(clockSkew)) {
		return Range{}, &RangeError{"Cannot query future dates"}
	}
	if end.After(now) {
		end = now
	}
	if start.Before(earliest) && !start.Before(earliest.Add(-clockSkew)) {
		start = earliest
	}
	if end.Sub(start) > Retention {
		return Range{}, &RangeError{"Maximum time range is 90 days"}
	}
	if start.Before(earliest) {
		return Range{}, &RangeError{"Data retention is 90 days; earliest queryable date is " + earliest.Format(time.RFC3339)}
	}
	return Range{Start: start, End: end, Name: customRange}, nil
}

// Duration returns the length of the range.
func (r Range) Duration() time.Duration { return r.End.Sub(r.Start) }

// Previous returns the range of the same length that ends where r starts, to
// compare with. It may reach back beyond the retention.
func (r Range) Previous() Range {
	return Range{Start: r.Start.Add(-r.Duration()), End: r.Start, Name: r.Name}
}

// Contains says whether t lies in the range.
func (r Range) Contains(t time.Time) bool { return !t.Before(r.Start) && t.Before(r.End) }

// Buckets returns the starts of all intervals that the range touches, in
// ascending order. Intervals are aligned to midnight UTC.
func (r Range) Buckets(interval time.Duration) []time.Time {
	starts := make([]time.Time, 0, r.Duration()/interval+2)
	for t := r.Start.Truncate(interval); t.Before(r.End); t = t.Add(interval) {
		starts = append(starts, t)
	}
	return slices.Clip(starts)
}

// String returns the range for a log line: its name and both ends.
func (r Range) String() string {
	return fmt.Sprintf("%s [%s, %s)", r.Name, r.Start.Format(time.RFC3339), r.End.Format(time.RFC3339))
}

package metric_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

var now = time.Date(2026, 3, 15, 12, 30, 15, 123_456_000, time.UTC)

const day = 24 * time.Hour

func TestParseRangeByName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]time.Duration{"": day, "24h": day, "7d": 7 * day, "30d": 30 * day, "90d": 90 * day} {
		r, err := metric.ParseRange(name, "", "", now.In(time.FixedZone("", 3600)))
		if err != nil {
			t.Errorf("ParseRange(%q): %v", name, err)
			continue
		}
		if name == "" {
			name = "24h"
		}
		if r != (metric.Range{Start: now.Add(-want), End: now, Name: name}) {
			t.Errorf("ParseRange(%q) = %v", name, r)
		}
	}
	names := metric.RangeNames()
	if !slices.Equal(names, []string{"24h", "7d", "30d", "90d"}) {
		t.Errorf("RangeNames() = %v", names)
	}
}

func TestParseRangeRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, start, end, want string }{
		{"1h", "", "", "time_range"},
		{"24H", "", "", "time_range"},
		{"custom", "", "", "time_range"},
		{"24h", "2026-03-01", "2026-03-02", "time_range"},
		{"24h", "", "2026-03-02", "time_range"},
		{"", "2026-03-01", "", "end_time"},
		{"", "", "2026-03-01", "start_time"},
		{"", "yesterday", "2026-03-01", "start_time"},
		{"", "2026-03-01T00:00:00", "2026-03-02", "start_time"},
		{"", "2026-03-01", "2026-02-30", "end_time"},
	} {
		_, err := metric.ParseRange(test.name, test.start, test.end, now)
		if got := field(t, err); got != test.want {
			t.Errorf("ParseRange(%q, %q, %q) is about %q, want %q", test.name, test.start, test.end, got, test.want)
		}
	}
}

func TestParseRangeReadsTimesAndDates(t *testing.T) {
	t.Parallel()
	want := metric.Range{
		Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		End:   time.Date(2026, 3, 2, 8, 0, 0, 500_000_000, time.UTC),
		Name:  "custom",
	}
	got, err := metric.ParseRange("", "2026-03-01", "2026-03-02T10:00:00.5+02:00", now)
	if err != nil || got != want {
		t.Errorf("ParseRange = %v, %v; want %v", got, err, want)
	}
}

func TestNewRangeSpeaksTheWordsOfR11(t *testing.T) {
	t.Parallel()
	const (
		order     = "Start date must be before end date"
		future    = "Cannot query future dates"
		length    = "Maximum time range is 90 days"
		retention = "Data retention is 90 days; earliest queryable date is 2025-12-15T12:30:15Z"
	)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	tests := map[string]struct {
		start, end time.Time
		want       string
	}{
		"last hour":                       {ago(time.Hour), now, ""},
		"exactly the retention":           {ago(90 * day), now, ""},
		"an hour at the very beginning":   {ago(90 * day), ago(90*day - time.Hour), ""},
		"one nanosecond":                  {ago(1), now, ""},
		"end before start":                {ago(time.Hour), ago(2 * time.Hour), order},
		"nothing":                         {ago(time.Hour), ago(time.Hour), order},
		"end before start, in the future": {ago(-2 * time.Hour), ago(-time.Hour), order},
		"end before start, long ago":      {ago(200 * day), ago(300 * day), order},
		"end in the future":               {ago(time.Hour), ago(-time.Minute - 1), future},
		"both in the future":              {ago(-time.Hour), ago(-2 * time.Hour), future},
		"start is now":                    {now, ago(-time.Second), future},
		"too long and in the future":      {ago(100 * day), ago(-day), future},
		"begins before the retention":     {ago(91 * day), ago(2 * day), retention},
		"ends before the retention":       {ago(120 * day), ago(100 * day), retention},
		"just before the retention":       {ago(90*day + time.Minute + 1), ago(day), retention},
		"too long":                        {ago(91 * day), now, length},
		"much too long":                   {ago(365 * day), ago(day), length},
		"too long by more than the skew":  {ago(90*day + time.Minute + 1), now, length},
	}
	for name, test := range tests {
		_, err := metric.NewRange(test.start, test.end, now)
		var refused *metric.RangeError
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: refused with %q", name, err)
		case test.want != "" && (!errors.As(err, &refused) || refused.Message != test.want || err.Error() != test.want):
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestNewRangeForgivesClocksThatDiffer(t *testing.T) {
	t.Parallel()
	got, err := metric.NewRange(now.Add(-90*day-time.Minute), now.Add(time.Minute), now)
	want := metric.Range{Start: now.Add(-90 * day), End: now, Name: "custom"}
	if err != nil || got != want {
		t.Errorf("NewRange = %v, %v; want %v", got, err, want)
	}
}

func TestEveryRangeIsInsideTheRetention(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Map(rapid.Int64Range(int64(-200*day), int64(20*day)), func(d int64) time.Time {
			return now.Add(time.Duration(d))
		})
		r, err := metric.NewRange(moment.Draw(t, "start"), moment.Draw(t, "end"), now)
		if err != nil {
			return
		}
		if !r.Start.Before(r.End) || r.End.After(now) || r.Start.Before(now.Add(-metric.Retention)) {
			t.Fatalf("%v reaches beyond the retention", r)
		}
		hours := r.Buckets(time.Hour)
		for i, hour := range hours {
			if !hour.Equal(hour.Truncate(time.Hour)) || (i > 0 && hour.Sub(hours[i-1]) != time.Hour) {
				t.Fatalf("hour %d of %v is %v", i, r, hour)
			}
		}
		if !hours[0].Equal(r.Start.Truncate(time.Hour)) || !hours[len(hours)-1].Before(r.End) ||
			hours[len(hours)-1].Add(time.Hour).Before(r.End) {
			t.Fatalf("hours of %v go from %v to %v", r, hours[0], hours[len(hours)-1])
		}
	})
}

func TestRangeParts(t *testing.T) {
	t.Parallel()
	r, err := metric.ParseRange("24h", "", "", now)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(r.Buckets(time.Hour)); got != 25 {
		t.Errorf("%v touches %d hours, want 25", r, got)
	}
	if got := r.Buckets(day); !slices.Equal(got, []time.Time{now.Add(-day).Truncate(day), now.Truncate(day)}) {
		t.Errorf("%v touches the days %v", r, got)
	}
	if got, want := r.Previous(), (metric.Range{Start: now.Add(-2 * day), End: r.Start, Name: "24h"}); got != want {
		t.Errorf("Previous() = %v, want %v", got, want)
	}
	if !r.Contains(r.Start) || r.Contains(r.End) || r.Contains(r.Start.Add(-1)) {
		t.Error("Contains is not half-open")
	}
	whole := metric.Range{Start: now.Truncate(day), End: now.Truncate(day).Add(day)}
	if got := len(whole.Buckets(time.Hour)); got != 24 {
		t.Errorf("a whole day touches %d hours, want 24", got)
	}
	if got, want := r.String(), "24h [2026-03-14T12:30:15Z, 2026-03-15T12:30:15Z)"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

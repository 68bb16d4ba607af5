package metric_test

import (
	"errors"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// FuzzParseRange holds what is taken to the bounds of the contract.
func FuzzParseRange(f *testing.F) {
	now := time.Date(2025, 10, 18, 12, 35, 2, 0, time.UTC)
	for _, seed := range [][3]string{
		{"", "", ""},
		{"7d", "", ""},
		{"90d", "", ""},
		{"", "2025-10-17T00:00:00Z", "2025-10-18T00:00:00Z"},
		{"", "2025-10-17T00:00:00+14:00", "2025-10-17T00:00:00-12:00"},
		{"", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"},
		{"", "2025-10-18T12:35:02.999999999Z", "2025-10-18T12:35:03Z"},
		{"custom", "x", "y"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, name, start, end string) {
		r, err := metric.ParseRange(name, start, end, now)
		if err != nil {
			if !errors.As(err, new(*metric.RangeError)) && !errors.As(err, new(*metric.FieldError)) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if !r.Start.Before(r.End) || r.Start.Before(now.Add(-metric.Retention)) || r.End.After(now) {
			t.Fatalf("%q %q %q: %v to %v", name, start, end, r.Start, r.End)
		}
	})
}

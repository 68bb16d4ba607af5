package text_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
)

func TestTicks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		low, high float64
		steps     int
		unit      float64
		want      []float64
	}{
		{"hundreds", 0, 437, 5, 0, []float64{0, 100, 200, 300, 400, 500}},
		{"fewer", 0, 437, 4, 0, []float64{0, 200, 400, 600}},
		{"whole", 0, 3, 5, 1, []float64{0, 1, 2, 3}},
		{"one", 0, 1, 5, 1, []float64{0, 1}},
		{"parts", 0, 1, 4, 0, []float64{0, 0.25, 0.5, 0.75, 1}},
		{"nothing", 0, 0, 4, 1, []float64{0, 1}},
		{"not from nought", 180, 220, 4, 0, []float64{180, 190, 200, 210, 220}},
		{"below nought", -5, 5, 4, 0, []float64{-5, -2.5, 0, 2.5, 5}},
		{"no number", math.NaN(), math.Inf(1), 4, 0, []float64{0, 0.25, 0.5, 0.75, 1}},
		{"upside down", 3, 2, 2, 0, []float64{3, 3.5, 4}},
		{"one step", 0, 437, 1, 0, []float64{0, 250, 500}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Ticks(test.low, test.high, test.steps, test.unit); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestTicksHold: ticks are finite, rising, at least two, few, and hold low and
// high between them, whatever is asked.
func TestTicksHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low, high := rapid.Float64().Draw(t, "low"), rapid.Float64().Draw(t, "high")
		steps, unit := rapid.IntRange(-1, 9).Draw(t, "steps"), rapid.SampledFrom([]float64{0, 1}).Draw(t, "unit")
		ticks := text.Ticks(low, high, steps, unit)
		if len(ticks) < 2 || len(ticks) > max(steps, 2)+1 {
			t.Fatalf("%v: %d ticks", ticks, len(ticks))
		}
		for i, v := range ticks {
			if math.IsInf(v, 0) || math.IsNaN(v) || i > 0 && v <= ticks[i-1] {
				t.Fatalf("%v do not rise", ticks)
			}
		}
		first, last := ticks[0], ticks[len(ticks)-1]
		if math.Abs(low) < 1e100 && math.Abs(high) < 1e100 &&
			(first > low+(last-first)*1e-6 || low < high && last < high-(last-first)*1e-6) {
			t.Fatalf("%v do not hold %v and %v", ticks, low, high)
		}
	})
}

func TestBrief(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"50.0 ms": "50 ms", "1.20 s": "1.2 s", "15.2k": "15.2k", "1.00M": "1M", "0 ms": "0 ms", "100": "100",
		"1,000": "1,000", "12.5%": "12.5%", "10.0%": "10%", "–": "–",
	} {
		if got := text.Brief(in); got != want {
			t.Errorf("Brief(%q) = %q, want %q", in, got, want)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func TestInstants(t *testing.T) {
	t.Parallel()
	berlin, kolkata := zone(t, "Europe/Berlin"), zone(t, "Asia/Kolkata")
	tests := []struct {
		name     string
		from, to string
		most     int
		zone     *time.Location
		want     string
	}{
		{"a day", "2026-11-21T14:00:00Z", "2026-11-22T13:00:00Z", 7, time.UTC, "18:00 Nov 22 06:00 12:00"},
		{"a day with more room", "2026-11-21T14:00:00Z", "2026-11-22T13:00:00Z", 8, time.UTC, "15:00 18:00 21:00 Nov 22 03:00 06:00 09:00 12:00"},
		{"a day with little room", "2026-11-21T14:00:00Z", "2026-11-22T13:00:00Z", 3, time.UTC, "Nov 22 12:00"},
		{"a day in Berlin", "2026-07-21T14:00:00Z", "2026-07-22T13:00:00Z", 5, berlin, "18:00 Jul 22 06:00 12:00"},
		{"half an hour off", "2026-07-21T00:00:00Z", "2026-07-21T06:00:00Z", 7, kolkata, "06:00 07:00 08:00 09:00 10:00 11:00"},
		{"a week", "2026-11-16T00:00:00Z", "2026-11-22T23:00:00Z", 7, time.UTC, "Nov 16 Nov 17 Nov 18 Nov 19 Nov 20 Nov 21 Nov 22"},
		{"a month by Mondays", "2026-10-24T00:00:00Z", "2026-11-22T23:00:00Z", 5, time.UTC, "Oct 26 Nov 2 Nov 9 Nov 16"},
		{"a quarter", "2026-08-24T00:00:00Z", "2026-11-22T00:00:00Z", 7, time.UTC, "Aug 31 Sep 14 Sep 28 Oct 12 Oct 26 Nov 9"},
		{"an hour less", "2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z", 7, berlin, "Mar 29 01:00 03:00 04:00 05:00 06:00 07:00"},
		{"an hour twice", "2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", 7, berlin, "Oct 25 01:00 02:00 02:00 03:00 04:00"},
		{"days of 23 and 25 hours", "2026-03-27T23:00:00Z", "2026-03-31T22:00:00Z", 6, berlin, "Mar 28 Mar 29 Mar 30 Mar 31 Apr 1"},
		{"no midnight", "2018-11-03T03:00:00Z", "2018-11-06T00:00:00Z", 4, zone(t, "America/Sao_Paulo"), "Nov 3 Nov 4 Nov 5"},
		{"minutes", "2026-11-21T14:03:10Z", "2026-11-21T14:20:00Z", 4, time.UTC, "14:05 14:10 14:15 14:20"},
		{"an instant", "2026-11-21T14:03:00Z", "2026-11-21T14:03:00Z", 4, time.UTC, "14:03"},
		{"backwards", "2026-11-22T14:03:00Z", "2026-11-21T14:03:00Z", 4, time.UTC, ""},
		{"no room", "2026-11-21T14:00:00Z", "2026-11-22T13:00:00Z", 0, time.UTC, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, at := range text.Instants(instant(t, test.from), instant(t, test.to), test.most, test.zone) {
				got = append(got, text.Instant(at))
			}
			if words := strings.Join(got, " "); words != test.want {
				t.Errorf("got  %s\nwant %s", words, test.want)
			}
		})
	}
}

func instant(t *testing.T, iso string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, iso)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestInstantsHold: instants rise inside the range and are no more than asked
// for, in every zone, over every change of the clock.
func TestInstantsHold(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"} {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(0, 2e9).Draw(t, "from"), 0)
		to := from.Add(time.Duration(rapid.Int64Range(0, 400*24*3600).Draw(t, "seconds")) * time.Second)
		most, in := rapid.IntRange(0, 20).Draw(t, "most"), rapid.SampledFrom(zones).Draw(t, "zone")
		list := text.Instants(from, to, most, in)
		if len(list) > most {
			t.Fatalf("%d instants, at most %d", len(list), most)
		}
		for i, at := range list {
			if at.Before(from) || at.After(to) || i > 0 && !at.After(list[i-1]) {
				t.Fatalf("%v between %v and %v", list, from, to)
			}
		}
	})
}

func BenchmarkInstants(b *testing.B) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	to := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	for _, bench := range []struct {
		name string
		span time.Duration
	}{{"day", 24 * time.Hour}, {"quarter", 90 * 24 * time.Hour}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				text.Instants(to.Add(-bench.span), to, 12, berlin)
			}
		})
	}
}

package text_test

import (
	"math"
	"testing"

	"github.com/appmetrics/appmetrics/internal/text"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, got, want string }{
		{"count", text.Count(15234), "15,234"},
		{"negative count", text.Count(-1234567), "-1,234,567"},
		{"compact", text.Compact(999), "999"},
		{"compact k", text.Compact(15234), "15.2k"},
		{"compact rounds up", text.Compact(999_999), "1.00M"},
		{"compact largest", text.Compact(math.MaxInt64), "9.22E"},
		{"compact negative", text.Compact(-1234), "-1.23k"},
		{"nought", text.Duration(0), "0 ms"},
		{"tiny", text.Duration(1e-6), "<0.01 ms"},
		{"hundredths", text.Duration(0.42), "0.42 ms"},
		{"units", text.Duration(1.2), "1.20 ms"},
		{"tens", text.Duration(98.54), "98.5 ms"},
		{"hundreds", text.Duration(450.2), "450 ms"},
		{"rounds to 10", text.Duration(9.996), "10.0 ms"},
		{"rounds to 100", text.Duration(99.96), "100 ms"},
		{"rounds to a second", text.Duration(999.9), "1.00 s"},
		{"seconds", text.Duration(12345), "12.3 s"},
		{"still seconds", text.Duration(90_000), "90.0 s"},
		{"minutes", text.Duration(750_000), "12.5 min"},
		{"hours", text.Duration(1e9), "278 h"},
		{"NaN", text.Duration(math.NaN()), "–"},
		{"negative", text.Duration(-1), "–"},
		{"no percent", text.Percent(0), "0%"},
		{"tiny percent", text.Percent(0.00001), "<0.01%"},
		{"percent", text.Percent(0.0023), "0.23%"},
		{"tens of percent", text.Percent(0.125), "12.5%"},
		{"all", text.Percent(1), "100%"},
		{"nearly all", text.Percent(0.99999), ">99.9%"},
		{"percent of NaN", text.Percent(math.NaN()), "–"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	value := func(x float64) *float64 { return &x }
	tests := []struct {
		name        string
		now, before *float64
		want        string
	}{
		{"up", value(112.5), value(100), "+12.5%"},
		{"down", value(1), value(2), "-50.0%"},
		{"same", value(1), value(1), "0%"},
		{"hardly", value(1.0001), value(1), "0%"},
		{"rounds to 100", value(1.9996), value(1), "+100%"},
		{"many times", value(51), value(1), "+5,000%"},
		{"beyond", value(1e6), value(1), ">+9,999%"},
		{"from nought", value(1), value(0), "new"},
		{"nought to nought", value(0), value(0), "0%"},
		{"no now", nil, value(1), "–"},
		{"no before", value(1), nil, "–"},
		{"NaN", value(1), value(math.NaN()), "–"},
		{"overflow", value(math.MaxFloat64), value(math.SmallestNonzeroFloat64), "new"},
	}
	for _, test := range tests {
		if got := text.Change(test.now, test.before); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestPoints(t *testing.T) {
	t.Parallel()
	value := func(x float64) *float64 { return &x }
	tests := []struct {
		name        string
		now, before *float64
		want        string
	}{
		{"up", value(0.0235), value(0.01), "+1.35 pp"},
		{"down", value(0.01), value(0.5), "-49.0 pp"},
		{"same", value(0.2), value(0.2), "0 pp"},
		{"all", value(1), value(0), "+100 pp"},
		{"no before", value(1), nil, "–"},
	}
	for _, test := range tests {
		if got := text.Points(test.now, test.before); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

package text_test

import (
	"math"
	"slices"
	"testing"

	"github.com/appmetrics/appmetrics/internal/text"
)

func TestSparkline(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	tests := []struct {
		name   string
		values []float64
		width  int
		want   string
	}{
		{"nothing", nil, 10, ""},
		{"no room", []float64{1}, 0, ""},
		{"rising", []float64{1, 2, 3, 4, 5, 6, 7, 8}, 8, "▁▂▃▄▅▆▇█"},
		{"empty hours show", []float64{8, 0, nan, -1, 8}, 8, "█···█"},
		{"a little is not nothing", []float64{1e-9, 1e9}, 8, "▁█"},
		{"all empty", []float64{0, 0}, 8, "··"},
		{"constant", []float64{3, 3, 3}, 8, "███"},
		{"averaged", []float64{8, 8, 2, 2, nan, 4, nan, nan}, 4, "█▂▄·"},
		{"infinite", []float64{math.Inf(1), 4}, 4, "██"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Sparkline(test.values, test.width); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	tests := []struct {
		ratio float64
		want  string
	}{
		{0, "    "}, {1, "████"}, {0.5, "██  "}, {0.3, "█▎  "}, {1e-9, "▏   "}, {7, "████"},
		{math.NaN(), "    "},
	}
	for _, test := range tests {
		if got := text.Bar(test.ratio, 4); got != test.want {
			t.Errorf("Bar(%v) = %q, want %q", test.ratio, got, test.want)
		}
	}
}

func TestStretch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []float64
		width  int
		want   []float64
	}{
		{"nothing", nil, 10, nil},
		{"room for two each", []float64{1, 2}, 5, []float64{1, 1, 2, 2}},
		{"room for one each", []float64{1, 2}, 3, []float64{1, 2}},
		{"no room", []float64{1, 2}, -1, []float64{1, 2}},
	}
	for _, test := range tests {
		if got := text.Stretch(test.values, test.width); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

package chart

import (
	"math"

	"github.com/appmetrics/appmetrics/internal/text"
)

// scale is an axis of values.
type scale struct {
	ticks  []float64 // rising; the ends are those of the axis
	labels []string  // how they read
	log    bool      // equal ratios are equally far apart
}

// linear returns an axis of round values, multiples of unit unless that is 0,
// that are equally far apart.
func linear(low, high float64, steps int, unit float64, words func(float64) string) scale {
	return labelled(scale{ticks: text.Ticks(low, high, steps, unit)}, words)
}

// logarithmic returns an axis from low, the least value above nought, to high,
// with powers of ten, and twice and five times those where there is room.
func logarithmic(low, high float64, steps int, words func(float64) string) scale {
	const widest = 1e9 // what is less than a billionth of the highest is no more than nought
	high = min(high, 1e100)
	if !(high > 0) {
		low, high = 1, 10
	}
	low = max(min(low, high), high/widest)
	var ticks []float64
	first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	for _, factors := range [][]float64{{1, 2, 5}, {1}} {
		ticks = between(low, high, first, last, factors)
		if len(ticks) <= steps+1 {
			break
		}
	}
	if every := (len(ticks) + steps - 2) / steps; every > 1 {
		var few []float64
		for i := 0; i < len(ticks); i += every {
			few = append(few, ticks[i])
		}
		if end := ticks[len(ticks)-1]; few[len(few)-1] < end {
			few = append(few, end)
		}
		ticks = few
	}
	return labelled(scale{ticks: ticks, log: true}, words)
}

// between returns the multiples of powers of ten from the last that is not
// above low to the first that is not below high.
func between(low, high, first, last float64, factors []float64) []float64 {
	const tolerance = 1e-9
	var ticks []float64
	for power := first; power <= last; power++ {
		for _, factor := range factors {
			v := factor * math.Pow(10, power)
			if v <= low*(1+tolerance) {
				ticks = ticks[:0]
			}
			ticks = append(ticks, v)
			if v >= high*(1-tolerance) && len(ticks) > 1 {
				return ticks
			}
		}
	}
	return append(ticks, math.Pow(10, last+1))
}

func labelled(s scale, words func(float64) string) scale {
	for _, v := range s.ticks {
		s.labels = append(s.labels, text.Brief(words(v)))
	}
	return s
}

// top is the value at the upper end.
func (s scale) top() float64 { return s.ticks[len(s.ticks)-1] }

// row returns the row of a value of a plot with some rows, from the top.
func (s scale) row(v float64, rows int) int {
	low, high := s.ticks[0], s.top()
	if s.log {
		low, high, v = math.Log(low), math.Log(high), math.Log(max(v, low))
	}
	part := (high - v) / (high - low)
	return min(max(int(math.Round(part*float64(rows-1))), 0), rows-1)
}

// placed returns the labels by the row of a plot with some rows, with a row
// between any two of them: those at the ends and, where they fit, all, or every
// second one.
func (s scale) placed(rows int) []string {
	labels := make([]string, rows)
	last := len(s.ticks) - 1
	every := 1
	if rows <= 2*last {
		every = last
		if last%2 == 0 && rows > 4 {
			every = last / 2
		}
	}
	for i := 0; i <= last; i += every {
		labels[s.row(s.ticks[i], rows)] = s.labels[i]
	}
	return labels
}

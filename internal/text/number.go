package text

import (
	"math"
	"strconv"

	"github.com/dustin/go-humanize"
)

// Count returns n exactly, with its thousands separated: 15,234.
func Count(n int64) string { return humanize.Comma(n) }

// Compact returns n in three significant digits: 999, 15.2k, 1.20M. It is for
// places with no room for the exact figure, such as the axis of a chart.
func Compact(n int64) string {
	if n > -1000 && n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	value, units := round3(float64(n)), []string{"", "k", "M", "G", "T", "P", "E"}
	unit := 0
	for math.Abs(value) >= 1000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return digits3(value) + units[unit]
}

// Duration returns milliseconds in three significant digits and the unit that
// suits them: 0.42 ms, 98.5 ms, 1.24 s, 12.5 min, 26.0 h. NaN, infinities and
// negative values, which no measurement has, are [None].
func Duration(ms float64) string {
	if math.IsNaN(ms) || math.IsInf(ms, 0) || ms < 0 {
		return None
	}
	if ms == 0 {
		return "0 ms"
	}
	if ms < 0.005 {
		return "<0.01 ms"
	}
	const (
		second = 1000.0
		minute = 60 * second
		hour   = 60 * minute
	)
	// Two of a larger unit are needed before it takes over: 90 s says more
	// than 1.50 min. Rounding comes first, so that 999.9 ms reads 1.00 s.
	switch rounded := round3(ms); {
	case rounded < second:
		return digits3(rounded) + " ms"
	case rounded < 2*minute:
		return digits3(round3(ms/second)) + " s"
	case rounded < 2*hour:
		return digits3(round3(ms/minute)) + " min"
	default:
		return digits3(round3(ms/hour)) + " h"
	}
}

// Percent returns a ratio of 0 to 1 as a percentage in three significant
// digits: 0%, 0.23%, 12.5%, 100%. A ratio that is not nought never reads 0%,
// and one below 1 never reads 100%. NaN and infinities are [None].
func Percent(ratio float64) string {
	if math.IsNaN(ratio) || math.IsInf(ratio, 0) {
		return None
	}
	percent := ratio * 100
	switch {
	case percent == 0:
		return "0%"
	case percent == 100:
		return "100%"
	case math.Abs(percent) < 0.005:
		return "<0.01%"
	case percent < 100 && round3(percent) >= 100:
		return ">99.9%"
	}
	return digits3(round3(percent)) + "%"
}

// Change returns by how much now differs from before, relative to before:
// +12.5%, -3.1%, 0%. Growth from nought, which has no ratio, is "new"; a
// missing value on either side is [None].
func Change(now, before *float64) string {
	if !finite(now) || !finite(before) {
		return None
	}
	if *before == 0 {
		if *now == 0 {
			return "0%"
		}
		return "new"
	}
	ratio := (*now - *before) / math.Abs(*before)
	if math.IsInf(ratio, 0) {
		return "new"
	}
	switch percent := math.Abs(ratio * 100); {
	case percent < 0.05:
		return "0%"
	case percent >= 9995:
		// 100-fold and more: the exact percentage no longer helps anybody.
		return ">+9,999%"
	case percent >= 999.5:
		return sign(ratio) + humanize.Comma(int64(math.Round(percent))) + "%"
	case percent >= 99.95:
		return sign(ratio) + strconv.FormatFloat(percent, 'f', 0, 64) + "%"
	default:
		return sign(ratio) + strconv.FormatFloat(percent, 'f', 1, 64) + "%"
	}
}

// Points returns by how many percentage points one ratio differs from another:
// +1.25 pp. Ratios are compared so because "an error rate up by 100%" may mean
// one request more. A missing value on either side is [None].
func Points(now, before *float64) string {
	if !finite(now) || !finite(before) {
		return None
	}
	points := (*now - *before) * 100
	if math.Abs(points) < 0.005 {
		return "0 pp"
	}
	return sign(points) + digits3(round3(math.Abs(points))) + " pp"
}

func sign(x float64) string {
	if x < 0 {
		return "-"
	}
	return "+"
}

func finite(x *float64) bool {
	return x != nil && !math.IsNaN(*x) && !math.IsInf(*x, 0)
}

// round3 rounds to three significant digits, at most two of them decimals.
func round3(x float64) float64 {
	abs := math.Abs(x)
	switch {
	case abs < 9.995:
		return math.Round(x*100) / 100
	case abs < 99.95:
		return math.Round(x*10) / 10
	case abs < 999.5:
		return math.Round(x)
	}
	scale := math.Pow(10, math.Floor(math.Log10(abs))-2)
	return math.Round(x/scale) * scale
}

// digits3 writes what round3 returned, always with the same number of digits,
// so that a column of them does not dance.
func digits3(x float64) string {
	switch abs := math.Abs(x); {
	case abs < 9.995:
		return strconv.FormatFloat(x, 'f', 2, 64)
	case abs < 99.95:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case abs < 999.5:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return humanize.CommafWithDigits(math.Round(x), 0)
}

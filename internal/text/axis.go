package text

import (
	"math"
	"strings"
	"time"
)

// Ticks returns the values to label on an axis that holds low and high: at
// least two, at most steps apart from the first to the last, a round number
// apart, and multiples of unit unless that is 0. Bounds that are no numbers
// count as 0 and those too close as 1 apart.
func Ticks(low, high float64, steps int, unit float64) []float64 {
	low, high, steps = bound(low), bound(high), max(steps, 2)
	if high <= low || (high-low) < math.Abs(low)*1e-9 {
		high = low + max(1, math.Abs(low)*1e-3)
	}
	step := math.Pow(10, math.Floor(math.Log10(high-low)))
	parts := []float64{0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 50, 100}
	for i, part := range parts {
		last := i == len(parts)-1
		if !last && unit > 0 && math.Mod(step*part, unit) != 0 {
			continue
		}
		first, n := span(low, high, step*part)
		if n > steps && !last {
			continue
		}
		ticks := make([]float64, 0, n+1)
		for k := range n + 1 {
			ticks = append(ticks, (first+float64(k))*step*part)
		}
		return ticks
	}
	return nil
}

// span returns how many steps below or above nought an axis begins, and how
// many it is long. What is off by less than a rounding error is not.
func span(low, high, step float64) (first float64, n int) {
	const tolerance = 1e-9
	first = math.Floor(low/step + tolerance)
	return first, int(math.Ceil(high/step-tolerance) - first)
}

// bound keeps values where the arithmetic of axes cannot overflow.
func bound(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return max(min(v, 1e100), -1e100)
}

// Brief drops the decimals of a number with its unit that say nothing, as on
// an axis, whose values are round: 50.0 ms is 50 ms.
func Brief(label string) string {
	end := strings.LastIndexAny(label, "0123456789") + 1
	if number := label[:end]; strings.Contains(number, ".") {
		return strings.TrimRight(strings.TrimRight(number, "0"), ".") + label[end:]
	}
	return label
}

const day = 24 * time.Hour

// clockSteps are how far apart instants of an axis may be.
var clockSteps = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 364 * day,
}

// Instants returns the round instants of an axis of time from from to to, both
// included, at most most of them, in zone: full quarters, hours, days, or
// weeks from Monday on, as the clocks of the zone show them, also where they
// are changed in between.
func Instants(from, to time.Time, most int, zone *time.Location) []time.Time {
	if most <= 0 || to.Before(from) {
		return nil
	}
	from, to = from.In(zone), to.In(zone)
	for _, step := range clockSteps {
		if int64(to.Sub(from)/step) >= int64(most) {
			continue
		}
		walk := hours
		if step >= day {
			walk = days
		}
		list := walk(from, to, step)
		if len(list) <= most { // not so where a clock set back shows an hour twice
			return list
		}
	}
	return nil
}

// hours returns the instants at which the clock shows multiples of step, which
// is less than a day.
func hours(from, to time.Time, step time.Duration) []time.Time {
	var list []time.Time
	// Zones differ from UTC by quarters of an hour.
	grain := min(step, 15*time.Minute)
	at := from.Truncate(grain)
	if at.Before(from) {
		at = at.Add(grain)
	}
	for ; !at.After(to); at = at.Add(grain) {
		h, m, s := at.Clock()
		if clock := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second; clock%step == 0 {
			list = append(list, at)
		}
	}
	return list
}

// days returns the beginnings of days that are step apart, which is days.
func days(from, to time.Time, step time.Duration) []time.Time {
	var list []time.Time
	year, month, date := from.Date()
	for civil := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Truncate(step); ; civil = civil.Add(step) {
		at := midnight(civil, from.Location())
		if at.After(to) {
			return list
		}
		if !at.Before(from) {
			list = append(list, at)
		}
	}
}

// midnight returns the first instant of a day of the calendar in zone, which
// need not be 0:00 there.
func midnight(civil time.Time, zone *time.Location) time.Time {
	year, month, date := civil.Date()
	at := time.Date(year, month, date, 0, 0, 0, 0, zone)
	for i := 0; at.Day() != date && i < 8; i++ {
		at = at.Add(15 * time.Minute)
	}
	return at
}

// Instant is the label of an instant on an axis: the time of day in its zone,
// 15:04, and at the beginning of a day that day, Jan 2.
func Instant(at time.Time) string {
	if at.Add(-time.Minute).Day() != at.Day() {
		return at.Format("Jan 2")
	}
	return at.Format("15:04")
}

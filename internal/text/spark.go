package text

import (
	"math"
	"slices"
	"strings"
)

// emptyCell marks an hour in which nothing happened: visible, unlike a space,
// and different from the lowest bar, which means "a little".
const emptyCell = '·'

var (
	columns = []rune("▁▂▃▄▅▆▇█")
	eighths = []rune("▏▎▍▌▋▊▉█")
)

// Sparkline draws values as block characters, the largest as a full block and
// nought at the bottom. Values that are nought, negative or NaN show as a dot.
// More values than width cells are averaged into width groups of (nearly) equal
// length, in which NaN does not count; fewer take one cell each.
func Sparkline(values []float64, width int) string {
	cells := resample(values, width)
	highest := 0.0
	for _, v := range cells {
		if !math.IsInf(v, 0) && v > highest {
			highest = v
		}
	}
	var b strings.Builder
	for _, v := range cells {
		if math.IsNaN(v) || v <= 0 {
			b.WriteRune(emptyCell)
			continue
		}
		level := int(math.Ceil(min(v/highest, 1) * float64(len(columns))))
		b.WriteRune(columns[min(max(level, 1), len(columns))-1])
	}
	return b.String()
}

// Stretch returns values so that a [Sparkline] of them takes up width cells as
// far as whole cells go: few values take several cells each.
func Stretch(values []float64, width int) []float64 {
	if len(values) == 0 || width/len(values) < 2 {
		return values
	}
	each := width / len(values)
	stretched := make([]float64, 0, each*len(values))
	for _, v := range values {
		stretched = append(stretched, slices.Repeat([]float64{v}, each)...)
	}
	return stretched
}

// resample averages values into at most width groups.
func resample(values []float64, width int) []float64 {
	if width <= 0 || len(values) == 0 {
		return nil
	}
	if len(values) <= width {
		return values
	}
	groups := make([]float64, width)
	for i := range groups {
		from, to := i*len(values)/width, (i+1)*len(values)/width
		sum, n := 0.0, 0
		for _, v := range values[from:to] {
			if !math.IsNaN(v) {
				sum, n = sum+v, n+1
			}
		}
		groups[i] = sum / float64(n) // 0/0 is NaN: a group of nothing
	}
	return groups
}

// Bar draws a ratio of 0 to 1 as a horizontal bar in exactly width cells, to
// the eighth of a cell. A ratio above nought shows at least the thinnest bar.
func Bar(ratio float64, width int) string {
	if width <= 0 {
		return ""
	}
	if math.IsNaN(ratio) || ratio <= 0 {
		return spaces(width)
	}
	parts := max(int(math.Round(min(ratio, 1)*float64(width*8))), 1)
	bar := strings.Repeat("█", parts/8)
	if rest := parts % 8; rest > 0 {
		bar += string(eighths[rest-1])
	}
	return Left(bar, width)
}

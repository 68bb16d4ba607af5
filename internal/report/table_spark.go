package report

import (
	"math"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/appmetrics/appmetrics/internal/text"
)

const sparkLabel = 9

func (t *terminal) sparklines() {
	points := overTime(t.view.Report)
	if len(points) == 0 {
		return
	}
	per := per(t.view.TimeSeries)
	requests := series(t.view.Report, requestsOf, 0)
	failed := series(t.view.Report, errorsOf, 0)
	p95 := series(t.view.Report, p95Of, math.NaN())
	notes := []string{
		perInterval(highest(requests), per), perInterval(highest(failed), per), "up to " + text.Duration(highest(p95)),
	}
	room := widestSpark
	if t.width > 0 {
		room = min(room, t.width-sparkLabel-gap-text.Widest(notes...))
	}
	if room < 8 {
		return
	}
	t.WriteByte('\n')
	cells := t.sparkline("Traffic", requests, room, t.palette.plain, notes[0])
	if highest(failed) > 0 {
		t.sparkline("Errors", failed, room, t.palette.bad, notes[1])
	}
	if highest(p95) > 0 {
		t.sparkline("p95", p95, room, t.palette.plain, notes[2])
	}
	first, last := stampOf(t.view.TimeSeries, points[0].Timestamp), stampOf(t.view.TimeSeries, points[len(points)-1].Timestamp)
	if space := cells - text.Width(first) - text.Width(last); space >= gap {
		axis := text.Left("UTC", sparkLabel) + first + strings.Repeat(" ", space) + last
		t.line(t.palette.faint, axis)
	}
}

// sparkline writes a label, the values in at most room cells and a note, and
// returns how many cells the values took. Few values take several cells each.
func (t *terminal) sparkline(label string, values []float64, room int, style *lipgloss.Style, note string) int {
	line := text.Sparkline(text.Stretch(values, room), room)
	t.WriteString(text.Left(label, sparkLabel) + style.Render(line) + strings.Repeat(" ", gap))
	t.WriteString(t.palette.faint.Render(note) + "\n")
	return text.Width(line)
}

func perInterval(n float64, per string) string {
	article := "a "
	if per == "hour" {
		article = "an "
	}
	return "up to " + text.Count(int64(n)) + " " + article + per
}

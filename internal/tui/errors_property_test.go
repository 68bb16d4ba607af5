package tui

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/uuid"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// nasty is a source whose every name was drawn to break a terminal.
type nasty struct {
	query.Source
	usage    query.Usage
	errors   query.Errors
	requests query.RequestsPage
	status   query.Status
	series   query.TimeSeries
}

func (x *nasty) Usage(context.Context, query.UsageParams) (*query.Usage, error) { return &x.usage, nil }

func (x *nasty) Errors(context.Context, query.ErrorsParams) (*query.Errors, error) {
	return &x.errors, nil
}

func (x *nasty) Requests(context.Context, query.RequestsParams) (*query.RequestsPage, error) {
	return &x.requests, nil
}

func (x *nasty) Status(context.Context) (*query.Status, error) { return &x.status, nil }

func (x *nasty) TimeSeries(context.Context, query.TimeSeriesParams) (*query.TimeSeries, error) {
	return &x.series, nil
}

var names = rapid.OneOf(
	rapid.String(), rapid.StringN(0, 300, -1),
	rapid.SampledFrom([]string{"", "\x1b[2J", "\x1b]0;owned\a", "\u202eabc", "注文注文注文", "a\nb", "e\u0301\u0301\u0301\u0301\u0301\u0301", "👩‍👩‍👧", "\xff\xfe", "\u009b31m"}),
)

func drawNasty(r *rapid.T) *nasty {
	name := func() string { return names.Draw(r, "name") }
	count := func() int64 { return rapid.Int64Range(0, 1<<62).Draw(r, "count") }
	when := func() time.Time { return noon.Add(-time.Duration(rapid.Int64Range(-1e15, 1e17).Draw(r, "ago"))) }
	x := &nasty{usage: query.Usage{EventDistribution: map[string]int64{}, PageViews: map[string]int64{}}}
	x.usage.Metrics = query.UsageMetrics{TotalEvents: count(), UniqueUsers: count(), ActiveUsers: count(), ActiveUsersCurrentHour: count()}
	for range rapid.IntRange(0, 4).Draw(r, "rows") {
		x.usage.EventDistribution[name()], x.usage.PageViews[name()] = count()/64, count()/64
		x.usage.Elements = append(x.usage.Elements, query.ElementUsage{ElementID: name(), PageName: name(), Count: count(), UniqueUsers: count()})
		x.errors.Errors = append(x.errors.Errors, query.ErrorGroup{
			Endpoint: name(), Method: name(), ErrorType: name(), Count: count() / 64, UsersAffected: count(), FirstSeen: when(), LastSeen: when(),
		})
		x.series.DataPoints = append(x.series.DataPoints, query.Point{Timestamp: when(), UsagePoint: &query.UsagePoint{TotalEvents: count(), UniqueUsers: count()}})
	}
	if len(x.errors.Errors) > 0 {
		g := x.errors.Errors[0]
		for i := range byte(rapid.IntRange(0, 3).Draw(r, "requests")) {
			x.requests.Requests = append(x.requests.Requests, query.Request{
				ID: uuid.UUID{i}, Timestamp: when(), Endpoint: g.Endpoint, Method: g.Method, ErrorType: g.ErrorType, App: name(),
				UserID: name(), CorrelationID: name(), StatusCode: rapid.IntRange(0, 999).Draw(r, "status"), ResponseTimeMS: rapid.Float64().Draw(r, "ms"),
			})
		}
	}
	x.status = query.Status{
		Engine: name(), SchemaVersion: count(), DatabaseBytes: count(), Apps: []string{name(), name()}, CompleteUpTo: when(),
		Aggregation: query.Aggregation{LastRun: when(), Outcome: name(), LagSeconds: rapid.Float64().Draw(r, "lag")},
		SizeGuard:   query.SizeGuard{Rows: count(), Warn: count(), Limit: count()},
		Collection: query.Collection{Dropped: count(), Rejected: count(), Late: count(), Queue: query.Queue{
			Depth: count(), Capacity: count(), OldestUnsent: when(), Written: count(), Retries: count(), LastError: name(),
		}},
	}
	x.status.Tables.PerformanceMetrics = query.Table{Rows: count(), Oldest: when(), Newest: when()}
	return x
}

// styles are the sequences that our own look may send.
var styles = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestListsDrawWhatTheyAreGivenSafely draws Usage, Errors and Status of nasty
// names in any size: exactly that many lines and cells, and nothing but
// printable characters and our own styles.
func TestListsDrawWhatTheyAreGivenSafely(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		source := drawNasty(r)
		plain := rapid.Bool().Draw(r, "plain")
		d := drive(t, empty, 120, 40, func(o *Options) {
			o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
			o.Look.Profile, o.Look.Plain = termenv.TrueColor, plain
		})
		d.press(fmt.Sprint(rapid.SampledFrom([]int{3, 4, 6}).Draw(r, "screen")))
		for range 3 {
			d.press(rapid.SliceOfN(rapid.SampledFrom([]string{"up", "down", "left", "right", "enter", "esc", "s", "r", "G", "z", "n"}), 0, 4).Draw(r, "keys")...)
			width, height := rapid.IntRange(1, 220).Draw(r, "width"), rapid.IntRange(1, 70).Draw(r, "height")
			lines := d.screen().view(&d.shared, width, height)
			if len(lines) != height {
				r.Fatalf("%d lines, want %d", len(lines), height)
			}
			for i, line := range lines {
				if w := text.Width(line); w != width {
					r.Fatalf("line %d of %dx%d is %d cells wide: %q", i, width, height, w, line)
				}
				if bare := ansi.Strip(line); text.Terminal(bare) != bare || strings.Contains(bare, "\x1b") {
					r.Fatalf("line %d is not safe: %q", i, bare)
				}
				if rest := styles.ReplaceAllString(line, ""); strings.Contains(rest, "\x1b") {
					r.Fatalf("line %d holds more than styles: %q", i, line)
				}
			}
		}
	})
}

package tui

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// courses is a source that notes which courses of endpoints it was asked for,
// and how many of those questions were given up by then.
type courses struct {
	query.Source
	asked   []endpointName
	givenUp int
}

func (c *courses) TimeSeries(ctx context.Context, p query.TimeSeriesParams) (*query.TimeSeries, error) {
	if p.Endpoint != "" {
		c.asked = append(c.asked, endpointName{p.Method, p.Endpoint})
		if ctx.Err() != nil {
			c.givenUp++
		}
	}
	return c.Source.TimeSeries(ctx, p)
}

// listSlowly shows the endpoints up to where their courses are being asked for.
func listSlowly(t *testing.T, change ...func(*Options)) (*driver, *courses) {
	t.Helper()
	source := &courses{Source: sourceOf(t, filled)}
	d := drive(t, filled, 80, 24, append(change, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
	})...)
	d.press("1")
	d.send(keyOf("2"))
	d.View()
	d.send(tickMsg{})
	return d, source
}

// underWay names the endpoints whose courses are being asked for.
func (d *driver) underWay() []endpointName {
	var names []endpointName
	for _, p := range d.endpoints().built.now.Endpoints {
		if name := (endpointName{p.Method, p.Endpoint}); d.feed.underWay(name.course(d.scope).key) {
			names = append(names, name)
		}
	}
	return names
}

func TestTrendsAreAskedForAFewAtATime(t *testing.T) {
	t.Parallel()
	d, source := listSlowly(t)
	d.wantSeen("1 of 30", "loaded 12:34:56")
	for len(d.underWay()) > 0 {
		if n := len(d.underWay()); n > mostTrends {
			t.Fatalf("%d courses at the same time, want at most %d", n, mostTrends)
		}
		d.step()
	}
	if got, want := source.asked, d.endpoints().inSight(); !slices.Equal(got, want) || len(want) != 19 {
		t.Errorf("asked for the courses of %d rows: %v\nin sight are %d: %v", len(got), got, len(want), want)
	}
	d.press("G", "g", "G")
	if n := len(source.asked); n != 30 {
		t.Errorf("%d courses were asked for, want those of all 30 rows once", n)
	}
}

func TestTrendsDoNotDelayTheNextRefresh(t *testing.T) {
	t.Parallel()
	d, _ := listSlowly(t, func(o *Options) { o.Refresh = 5 * time.Second })
	load := d.feed.load
	d.clock = d.clock.Add(5 * time.Second)
	if len(d.underWay()) != mostTrends {
		t.Fatalf("%d courses are asked for", len(d.underWay()))
	}
	d.send(tickMsg{})
	if d.feed.load != load+1 {
		t.Error("the refresh waits for sparklines")
	}
}

func TestTrendsOutOfSightAreGivenUp(t *testing.T) {
	t.Parallel()
	d, source := listSlowly(t)
	first := d.underWay()
	d.send(keyOf("G"))
	second := d.underWay()
	for _, name := range first {
		if slices.Contains(second, name) {
			t.Errorf("the course of %s is still asked for", name)
		}
	}
	if len(first) != mostTrends || len(second) != mostTrends {
		t.Errorf("%d courses asked for at the top, %d at the bottom", len(first), len(second))
	}
	d.send(keyOf("enter"))
	if left := d.underWay(); len(left) != 1 || left[0] != d.endpoints().opened.name {
		t.Errorf("with an endpoint open, the courses of %v are asked for", left)
	}
	d.run()
	if source.givenUp != len(first)+len(second) {
		t.Errorf("%d questions were cancelled, want %d", source.givenUp, len(first)+len(second))
	}
	d.press("esc", "g")
	if got := len(d.endpoints().trends.courses); got != 30 {
		t.Errorf("%d courses in the end, want 30", got)
	}
}

func TestTheCourseOfAnOpenedEndpointIsNotGivenUp(t *testing.T) {
	t.Parallel()
	d, source := listSlowly(t)
	d.send(keyOf("enter"))
	d.run()
	if source.givenUp != mostTrends-1 {
		t.Errorf("%d questions were cancelled, want those of the other %d rows", source.givenUp, mostTrends-1)
	}
	d.wantUnseen("Loading")
}

func TestTrendsAreThoseOfTheRange(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	listEndpoints(d, filled)
	before := len(d.endpoints().trends.courses)
	d.rescope(func(c *scope) { c.rng = metric.Range{Name: "7d"} })
	d.View()
	d.send(tickMsg{})
	d.step() // the figures come, the courses are only asked for
	if after := len(d.endpoints().trends.courses); before != 30 || after != 0 {
		t.Errorf("%d courses, and %d right after another range was chosen", before, after)
	}
}

func TestTrendsThatFailAreTriedAgainInSilence(t *testing.T) {
	t.Parallel()
	w := &losing{Source: sourceOf(t, filled), lost: true}
	d := drive(t, filled, 120, 40, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) { return w, nil, nil }
	})
	listEndpoints(d, filled)
	d.wantSeen("1 of 30", "loaded 12:34:56")
	d.wantUnseen("lost since", "▇")
	if w.most > 30 {
		t.Errorf("%d questions for 30 rows", w.most)
	}
	w.lost = false
	d.pass(2)
	d.wantSeen("▇")
}

// losing is a source that loses the courses of endpoints.
type losing struct {
	query.Source
	lost bool
	most int
}

func (l *losing) TimeSeries(ctx context.Context, p query.TimeSeriesParams) (*query.TimeSeries, error) {
	if l.lost && p.Endpoint != "" {
		l.most++
		return nil, away{}.err()
	}
	return l.Source.TimeSeries(ctx, p)
}

package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/query"
)

// fading is a source that is lost when told to be.
type fading struct {
	query.Source
	lost bool
}

func (f *fading) Performance(ctx context.Context, p query.PerformanceParams) (*query.Performance, error) {
	if f.lost {
		return nil, away{}.err()
	}
	return f.Source.Performance(ctx, p)
}

func (f *fading) Requests(ctx context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	if f.lost {
		return nil, away{}.err()
	}
	return f.Source.Requests(ctx, p)
}

func TestOldEndpointsStayReadableAndTheCursorInSight(t *testing.T) {
	t.Parallel()
	source := &fading{Source: sourceOf(t, filled)}
	d := drive(t, filled, 120, 40, colours, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
	})
	listEndpoints(d, filled)
	d.press("j", "j")
	source.lost = true
	d.press("R")
	d.pass(3)
	coloured(t, "endpoints", "lost", d)
	d.wantSeen("lost since", "/checkout")
	d.press("j")
	if row := strings.Split(d.View(), "\n")[bodyTop+4]; !strings.Contains(row, "48;5;237") {
		t.Errorf("the selected row does not stand out: %q", row)
	}
	d.press("enter")
	d.wantSeen("Data temporarily unavailable")
	source.lost = false
	d.pass(5)
	d.wantUnseen("Data temporarily unavailable", "lost since", "Loading")
	source.lost = true
	d.press("R")
	coloured(t, "endpoint", "lost", d)
	d.wantSeen("lost since", "Slowest")
}

func TestSlowEndpointsAreSaidToBeCalculated(t *testing.T) {
	t.Parallel()
	d := drive(t, slow, 120, 40)
	d.send(keyOf("2"))
	d.clock = d.clock.Add(2 * time.Second)
	d.wantSeen("Calculating...")
	openEndpoint(d, orders, slow)
	d.clock = d.clock.Add(2 * time.Second)
	if n := strings.Count(ansi.Strip(d.View()), "Calculating..."); n != 5 {
		t.Errorf("%d parts of 5 are calculated:\n%s", n, d.View())
	}
}

func TestTheSlowestRequestsShareTheFailureOfTheFigures(t *testing.T) {
	t.Parallel()
	d := drive(t, broken, 200, 60)
	openEndpoint(d, orders, broken)
	if n := strings.Count(d.View(), "Data temporarily unavailable"); n != 7 {
		t.Errorf("%d parts of 7 are unavailable:\n%s", n, d.View())
	}
}

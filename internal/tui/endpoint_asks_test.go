package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// pages is a source that is asked for pages of requests while there is time for
// some of them.
type pages struct {
	query.Source
	left   int
	cancel context.CancelFunc
}

func (p *pages) Requests(ctx context.Context, params query.RequestsParams) (*query.RequestsPage, error) {
	if p.left--; p.left < 0 {
		p.cancel()
	}
	return p.Source.Requests(ctx, params)
}

func TestTheSlowestRequestsThatThereWasTimeFor(t *testing.T) {
	t.Parallel()
	var requests []metric.Request
	for i := range 1200 { // each is slower than those after it
		requests = append(requests, orderAt(time.Duration(i+1)*time.Second, float64(i+1), 200, "ada", ""))
	}
	var o Options
	holding(t, requests...)(&o)
	source, _, err := o.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	params := orders.requests(scope{rng: metric.Range{Name: "24h"}}.at(noon))
	params.Limit = query.MaxLimit
	for _, test := range []struct {
		pages, slowest int
		whole          bool
		fails          bool
	}{
		{pages: 0, fails: true},
		{pages: 1, slowest: 500},
		{pages: 2, slowest: 1000},
		{pages: 3, slowest: 1200, whole: true},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		got, err := askSlower(ctx, &pages{source, test.pages, cancel}, params, 0)
		cancel()
		if test.fails {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("without time for a page: %v, %v", got, err)
			}
			continue
		}
		if err != nil || len(got.requests) != listed || got.requests[0].ResponseTimeMS != float64(test.slowest) || got.whole != test.whole {
			t.Errorf("%d pages: the slowest took %v ms, whole %v, %v; want %d, %v", test.pages, got.requests[0].ResponseTimeMS, got.whole, err, test.slowest, test.whole)
		}
	}
}

func TestWhatListsLeaveOut(t *testing.T) {
	t.Parallel()
	s := drive(t, filled, 120, 40).shared
	part, whole := &found{requests: make([]query.Request, 100)}, &found{whole: true}
	for _, test := range []struct {
		of   section
		list *found
		days int
		want string
	}{
		{onFailing, nil, 30, ""}, {onFailing, part, 30, "the newest 100"}, {onSlowest, part, 1, "among the newest"},
		{onFailing, whole, 30, "of the last 7 days"}, {onSlowest, whole, 7, ""},
	} {
		s.scope.rng = metric.Range{Start: noon.AddDate(0, 0, -test.days), End: noon}
		if got := kept(&s, test.of, test.list); got != test.want {
			t.Errorf("%s over %d days: %q, want %q", partTitles[test.of], test.days, got, test.want)
		}
	}
}

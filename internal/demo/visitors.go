package demo

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// usualInterval makes three times the traffic of the history's busiest hour:
// enough to see something move, and little enough that the running hour does not
// dwarf the 90 days before it.
const usualInterval = time.Hour / (3 * peakPerHour)

// Visitors are people who use the demo application.
type Visitors struct {
	// URL is where the application is reached, through appmetrics.
	URL string
	// Client makes the requests.
	Client *http.Client
	// Sign puts the visitor's name on a request.
	Sign func(r *http.Request, user string)
	// Accept stores usage events.
	Accept func(context.Context, metric.Batch) error
	// Every is the mean time between two requests; usualInterval when zero.
	Every  time.Duration
	Seed   uint64
	Now    func() time.Time
	Logger *slog.Logger
}

// Run visits until ctx ends, and returns when every visit has.
func (v Visitors) Run(ctx context.Context) {
	every := v.Every
	if every <= 0 {
		every = usualInterval
	}
	g := newGenerator(v.Seed, time.Unix(0, 0))
	var visits sync.WaitGroup
	defer visits.Wait()
	// Slow answers must not slow the others' arrivals, nor pile up.
	free := make(chan struct{}, 32)
	for {
		timer := time.NewTimer(time.Duration(g.rand.ExpFloat64() * float64(every)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		to, user := g.route(), g.user()
		events := g.follow(nil, to, user, v.Now().UTC())
		path := concrete(to.endpoint, g.rand)
		select {
		case free <- struct{}{}:
		default:
			continue
		}
		visits.Go(func() {
			defer func() { <-free }()
			v.visit(ctx, to.method, path, user, events)
		})
	}
}

// concrete returns a path that belongs to an endpoint.
func concrete(endpoint string, r *rand.Rand) string {
	return strings.ReplaceAll(endpoint, "{id}", strconv.Itoa(1000+r.IntN(9000)))
}

func (v Visitors) visit(ctx context.Context, method, path, user string, events []metric.Event) {
	request, err := http.NewRequestWithContext(ctx, method, v.URL+path, nil)
	if err != nil {
		v.Logger.Error("demo visit", "error", err)
		return
	}
	v.Sign(request, user)
	response, err := v.Client.Do(request)
	if err != nil {
		v.report(ctx, err)
		return
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	_ = response.Body.Close()
	if err != nil {
		v.report(ctx, err)
		return
	}
	if len(events) == 0 {
		return
	}
	if err := v.Accept(ctx, metric.Batch{Events: events}); err != nil {
		v.report(ctx, err)
	}
}

// report logs what went wrong, unless the visitors are being sent home.
func (v Visitors) report(ctx context.Context, err error) {
	if ctx.Err() == nil {
		v.Logger.Warn("demo visit", "error", err)
	}
}

package demo

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// outcome is how one request to a route ends.
type outcome struct {
	status     int
	responseMS float64
	errorType  string
}

// generator draws believable behaviour from a seeded source. It is not safe
// for concurrent use.
type generator struct {
	rand     *rand.Rand
	ids      *rand.Rand // apart, so that names draw nothing from what happens
	now      time.Time
	incident incident
	users    []string
	routes   []route
	actions  []action
	byRoute  picker
	byAction picker
}

func newGenerator(seed uint64, now time.Time) *generator {
	g := &generator{
		rand:     rand.New(rand.NewPCG(seed, 90)), //nolint:gosec // believable data, not secrets
		ids:      rand.New(rand.NewPCG(seed, 91)), //nolint:gosec // names, not secrets
		now:      now,
		incident: incidentBefore(now),
		users:    users(),
		routes:   routes(),
		actions:  actions(),
	}
	for _, r := range g.routes {
		g.byRoute.add(r.weight)
	}
	for _, a := range g.actions {
		g.byAction.add(a.weight)
	}
	return g
}

// picker chooses an index with probability proportional to its weight.
type picker struct{ sums []float64 }

func (p *picker) add(weight float64) {
	if n := len(p.sums); n > 0 {
		weight += p.sums[n-1]
	}
	p.sums = append(p.sums, weight)
}

func (p *picker) pick(r *rand.Rand) int {
	x := r.Float64() * p.sums[len(p.sums)-1]
	for i, sum := range p.sums {
		if x < sum {
			return i
		}
	}
	return len(p.sums) - 1
}

func (g *generator) route() route { return g.routes[g.byRoute.pick(g.rand)] }

// user returns somebody, the busy ones more often, or "" for nobody.
func (g *generator) user() string {
	if g.rand.Float64() < anonymous {
		return ""
	}
	x := g.rand.Float64()
	return g.users[int(x*x*float64(len(g.users)))]
}

func (g *generator) outcome(r route, at time.Time) outcome {
	o := outcome{status: 200, responseMS: r.medianMS * math.Exp(r.spread*g.rand.NormFloat64())}
	if r.method == "POST" && r.endpoint != "/login" {
		o.status = 201
	}
	x := g.rand.Float64()
	if g.incident.covers(at) {
		broken := r.endpoint == "/checkout" || r.endpoint == "/orders"
		if broken {
			o.responseMS *= 5
		}
		if broken && x < 0.4 || x < 0.12 {
			o.status = 503
		}
	} else {
		switch {
		case r.refused != 0 && x < 0.012:
			o.status = r.refused
		case x > 0.9985:
			o.status = 500
		case x > 0.99 && r.medianMS > 1000:
			o.status, o.responseMS, o.errorType = 504, 30_000, metric.ErrorTimeout
		}
	}
	if o.errorType == "" {
		o.errorType = metric.ErrorTypeFor(o.status)
	}
	return o
}

// retried is how many requests an hour come at least while the incident lasts:
// everybody tries again, at night as well.
const retried = 300

// hour returns the samples of the hour that starts at start, in order of time
// and none after now.
func (g *generator) hour(start time.Time) metric.Batch {
	var b metric.Batch
	usual := requestsAt(start.Add(30*time.Minute), g.now)
	if g.incident.covers(start) {
		usual = max(usual, retried)
	}
	n := g.poisson(usual)
	for i := range n {
		at := start.Add(time.Duration((float64(i) + g.rand.Float64()) / float64(n) * float64(time.Hour))).Truncate(time.Microsecond)
		if at.After(g.now) {
			break
		}
		b.Requests, b.Events = g.visit(b.Requests, b.Events, at)
	}
	return b
}

// visit appends one request and what its user does on the page.
func (g *generator) visit(requests []metric.Request, events []metric.Event, at time.Time) ([]metric.Request, []metric.Event) {
	r, user := g.route(), g.user()
	o := g.outcome(r, at)
	requests = append(requests, metric.Request{
		Timestamp: at, App: metric.DefaultApp, Endpoint: r.endpoint, Method: r.method,
		StatusCode: o.status, ResponseTimeMS: o.responseMS, UserID: user, ErrorType: o.errorType,
		CorrelationID: g.correlationID(),
	})
	return requests, g.follow(events, r, user, at)
}

// correlationID names a request as the middleware names one.
func (g *generator) correlationID() string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], g.ids.Uint64())
	binary.BigEndian.PutUint64(id[8:], g.ids.Uint64())
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return id.String()
}

// follow appends the usage events that come with a request.
func (g *generator) follow(events []metric.Event, r route, user string, at time.Time) []metric.Event {
	if user == "" {
		return events
	}
	event := metric.Event{Timestamp: at, App: metric.DefaultApp, UserID: user, Success: true}
	if r.page {
		view := event
		view.EventType, view.PageName = "page_view", r.endpoint
		events = append(events, view)
	}
	if g.rand.Float64() < 0.3 {
		a := g.actions[g.byAction.pick(g.rand)]
		event.EventType, event.PageName, event.ElementID = a.eventType, a.page, a.element
		event.Success = g.rand.Float64() >= a.failing
		events = append(events, event)
	}
	return events
}

// poisson draws how many independent things happen when mean are usual; the
// normal approximation is good enough for a picture.
func (g *generator) poisson(mean float64) int {
	return max(0, int(math.Round(mean+math.Sqrt(mean)*g.rand.NormFloat64())))
}

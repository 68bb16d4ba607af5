package tui

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// mostArrivals is how many arrivals are kept.
const mostArrivals = 2000

// arrival is one request or one event: the other is nil.
type arrival struct {
	request *query.Request
	event   *query.Event
	row     table.Row // made when it is first shown
}

func (a *arrival) id() uuid.UUID {
	if a.request != nil {
		return a.request.ID
	}
	return a.event.ID
}

func (a *arrival) at() time.Time {
	if a.request != nil {
		return a.request.Timestamp
	}
	return a.event.Timestamp
}

func (a *arrival) failed() bool {
	if a.request != nil {
		return a.request.StatusCode >= 400
	}
	return !a.event.Success
}

// arrivals keeps the latest of them, newest first, each once.
type arrivals struct {
	list []*arrival
	seen recent
}

// add takes in what came and returns what of it is new, newest first.
func (x *arrivals) add(came *arrived) []*arrival {
	fresh := make([]*arrival, 0, len(came.requests)+len(came.events))
	for _, r := range came.requests { // copies: a page would stay in memory for one of its rows
		if x.seen.add(r.ID) {
			fresh = append(fresh, &arrival{request: &r})
		}
	}
	for _, e := range came.events {
		if x.seen.add(e.ID) {
			fresh = append(fresh, &arrival{event: &e})
		}
	}
	slices.SortStableFunc(fresh, func(a, b *arrival) int { return b.at().Compare(a.at()) })
	kept := make([]*arrival, 0, mostArrivals)
	kept = append(kept, fresh[:min(len(fresh), mostArrivals)]...)
	x.list = append(kept, x.list[:min(len(x.list), mostArrivals-len(kept))]...)
	return fresh
}

// recent remembers ids: at least the last mostRecent, at most twice as many.
type recent struct{ now, before map[uuid.UUID]struct{} }

// mostRecent is more than one question about arrivals can bring.
const mostRecent = 4 * mostArrivals

// add reports whether an id is new.
func (r *recent) add(id uuid.UUID) bool {
	if _, known := r.now[id]; known {
		return false
	}
	_, known := r.before[id]
	if r.now == nil || len(r.now) >= mostRecent {
		r.before, r.now = r.now, make(map[uuid.UUID]struct{}, mostRecent)
	}
	r.now[id] = struct{}{}
	return !known
}

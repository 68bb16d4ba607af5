package server

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/appmetrics/appmetrics/internal/level"
)

// placeWithin is how long a request waits when as many as there may be are
// being answered, before it is refused.
const placeWithin = time.Second

// searchEvery is how often requests are looked for that wait for their client.
const searchEvery = 100 * time.Millisecond

// room is a number of places. Who takes one of a part takes one of the whole.
type room struct {
	whole  *room // nil: it is no part
	size   int
	places *semaphore.Weighted
	used   atomic.Int64 // by requests that are being answered
	level  *level.Level // of used; nil in a line

	searched time.Time // when slow ones were last looked for; under inflight.mu
}

func newRoom(size int, whole *room) *room {
	return &room{whole: whole, size: size, places: semaphore.NewWeighted(int64(size))}
}

// holds reports whether what is taken in other is taken here.
func (r *room) holds(other *room) bool { return other == r || other.whole == r }

// tryTake takes a place if one is free.
func (r *room) tryTake() bool {
	if !r.places.TryAcquire(1) {
		return false
	}
	if r.whole != nil && !r.whole.tryTake() {
		r.places.Release(1)
		return false
	}
	return true
}

// giveBack gives back what was taken.
func (r *room) giveBack() {
	for ; r != nil; r = r.whole {
		r.places.Release(1)
	}
}

// share is how many requests are answered at once, and how many more may wait for
// that: over HTTP/2 more of them come than there are connections.
type share struct{ places, line *room }

const refusedThen = "further ones wait for 1 s and are then refused with 503"

func newShare(places, line int) share {
	s := share{newRoom(places, nil), newRoom(line, nil)}
	s.places.level = level.New("requests", refusedThen)
	return s
}

// half returns a share that leaves as much to the others.
func (s share) half() share {
	h := share{newRoom(s.places.size/2, s.places), newRoom((s.line.size+1)/2, s.line)}
	h.places.level = level.New("requests to appmetrics itself", refusedThen)
	return h
}

// admitting lets requests to next take a place of a share, and marks those for
// which there is none.
func (f *inflight) admitting(of share, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := trackedBy(w); t != nil {
			t.isRefused = !f.admit(r.Context(), t, of)
		}
		next.ServeHTTP(w, r)
	})
}

// atOnce is admitting for what is answered with a place or without, such as
// whether the process lives: nothing of that waits, or is refused.
func (f *inflight) atOnce(of share, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := trackedBy(w); t != nil && !f.tryAdmit(t, of) {
			t.heard()
		}
		next.ServeHTTP(w, r)
	})
}

// admit gives a request a place, or reports that there was none. Requests that
// wait for a client who takes too long make room for it.
func (f *inflight) admit(ctx context.Context, t *tracked, of share) bool {
	if f.tryAdmit(t, of) {
		return true
	}
	if !of.line.tryTake() {
		f.refused.Add(1)
		t.heard()
		return false
	}
	t.line = of.line
	t.begin()
	if !f.awaitPlace(ctx, of.places) {
		f.refused.Add(1)
		return false // it stays in the line until that has been said
	}
	of.line.giveBack()
	t.line = nil
	f.place(t, of.places)
	return true
}

func (f *inflight) tryAdmit(t *tracked, of share) bool {
	if !of.places.tryTake() {
		return false
	}
	t.begin()
	f.place(t, of.places)
	return true
}

func (f *inflight) place(t *tracked, in *room) {
	f.mu.Lock()
	t.place = in
	f.admitted[t] = struct{}{}
	f.mu.Unlock()
	f.use(in, 1)
}

// use keeps how many places are used, and warns when few are left.
func (f *inflight) use(r *room, n int64) {
	for ; r != nil; r = r.whole {
		r.level.Check(f.log, r.used.Add(n), int64(r.size))
	}
}

// leave takes back what the request has: a place, or one in the line.
func (f *inflight) leave(t *tracked) {
	if t.place == nil && t.line == nil {
		return
	}
	f.mu.Lock()
	delete(f.admitted, t)
	f.mu.Unlock()
	f.use(t.place, -1)
	if t.connection != nil {
		t.connection.end()
	}
	t.place.giveBack()
	t.line.giveBack()
}

// awaitPlace waits for a place, first of a part and then of the whole, while
// clients who take too long lose theirs.
func (f *inflight) awaitPlace(ctx context.Context, in *room) bool {
	ctx, cancel := context.WithTimeout(ctx, placeWithin)
	defer cancel()
	for r := in; r != nil; r = r.whole {
		if f.awaitIn(ctx, r) != nil {
			for taken := in; taken != r; taken = taken.whole {
				taken.places.Release(1)
			}
			return false
		}
	}
	return true
}

func (f *inflight) awaitIn(ctx context.Context, r *room) error {
	if r.places.TryAcquire(1) {
		return nil
	}
	searched, found := context.WithCancel(ctx)
	var searching sync.WaitGroup
	searching.Go(func() {
		tick := time.NewTicker(searchEvery)
		defer tick.Stop()
		for {
			f.hurry(time.Now(), r)
			select {
			case <-tick.C:
			case <-searched.Done():
				return
			}
		}
	})
	err := r.places.Acquire(ctx, 1)
	found()
	searching.Wait()
	return err
}

// hurry ends the requests in a room that wait for a client who takes too long.
func (f *inflight) hurry(now time.Time, in *room) {
	f.mu.Lock()
	var slow []*tracked
	if now.Sub(in.searched) >= searchEvery {
		in.searched = now
		for t := range f.admitted {
			if in.holds(t.place) && t.isSlow(now) {
				slow = append(slow, t)
			}
		}
	}
	f.mu.Unlock()
	for _, t := range slow {
		t.cutOff(now)
	}
}

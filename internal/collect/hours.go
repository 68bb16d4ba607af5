package collect

import (
	"hash/maphash"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/level"
	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// maxPerHour is how many names an hour keeps apart.
	maxPerHour = 1000

	// leeway is how far beyond its reach a sample may be named: clocks differ by
	// minutes, and a body may be seconds on its way.
	leeway = time.Hour
)

// HoursOptions say which hours are remembered, and who hears that one is nearly
// full. Every zero value works.
type HoursOptions struct {
	// Reach is how long ago a sample may be of; 0 means metric.Retention.
	Reach time.Duration

	// Now is the clock; nil means time.Now.
	Now func() time.Time

	// Logger is told, once for every hour, that 80 % of what it keeps apart is
	// there; nil means no log. What says in the plural what these are.
	Logger *slog.Logger
	What   string
}

// hours keep the first names of every hour apart that a sample may be of, so that
// nobody makes room for more by going around them. They are safe for concurrent
// use.
//
// Of a name its hash is kept, whatever its length: 10 KiB of an hour that is full,
// so 21 MiB of the 2,162 hours of metric.Retention, and 1.7 MiB of the 170 of
// metric.RawRetention, at worst. The seed is this process's, so that nobody can
// choose names with the same hash; that two of an hour have it by chance, and
// count as one, happens in one of 10¹³ hours.
type hours struct {
	HoursOptions

	seed maphash.Seed
	room int    // names of an hour
	then string // what becomes of further names, for the log

	mu    sync.Mutex
	names map[int64][]uint64 // sorted hashes, by hours since 1970
}

func newHours(o HoursOptions, room int, then string) *hours {
	if o.Reach == 0 {
		o.Reach = metric.Retention
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &hours{HoursOptions: o, seed: maphash.MakeSeed(), room: room, then: then, names: map[int64][]uint64{}}
}

// admit says whether the hour of a sample keeps a name apart, which it does from
// then on. An hour that no sample may be of keeps none.
func (h *hours) admit(hash uint64, at time.Time) bool {
	key := hourOf(at)
	h.mu.Lock()
	defer h.mu.Unlock()
	names, isKnown := h.names[key]
	place, isThere := slices.BinarySearch(names, hash)
	switch {
	case isThere:
		return true
	case len(names) >= h.room, !isKnown && !h.begin(key):
		return false
	}
	names = slices.Insert(names, place, hash)
	h.names[key] = names
	if h.Logger != nil && len(names) == (h.room*level.Nearly+99)/100 {
		level.New(h.What+" of an hour", h.then).Check(h.Logger, int64(len(names)), int64(h.room))
	}
	return true
}

// begin says whether a sample may be of an hour, and if so forgets those that
// none may be of any more.
func (h *hours) begin(key int64) bool {
	now := h.Now()
	first, last := hourOf(now.Add(-h.Reach-leeway)), hourOf(now.Add(leeway))
	if key < first || key > last {
		return false
	}
	maps.DeleteFunc(h.names, func(k int64, _ []uint64) bool { return k < first || k > last })
	return true
}

func hourOf(at time.Time) int64 { return at.Unix() / int64(time.Hour/time.Second) }

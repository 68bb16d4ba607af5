package ingest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// probeEvery is how often a post may find out whether a store that was
	// away is back.
	probeEvery = time.Second

	// maxRetryAfter bounds what refused posts are told: they find the store
	// back sooner than the backoff would.
	maxRetryAfter = 30 * time.Second

	// stopRetry is how far apart the tries are once Stop was called.
	stopRetry = time.Second
)

// outage is what the writers know together of a store that is away: since when,
// and when to try again. It is safe for concurrent use.
type outage struct {
	steps       []time.Duration
	unavailable func(error) bool
	keptIn      string // where samples wait meanwhile, for the log
	logger      *slog.Logger

	mu         sync.Mutex
	err        error // why the last write failed; nil when the store is there
	since      time.Time
	failures   int // in a row
	nextTry    time.Time
	probedAt   time.Time // when a post was last let through
	isStopping bool
	writing    int    // writes under way
	retries    int64  // writes repeated after a failure
	lastError  string // of the last write or question; empty when it succeeded
}

func newOutage(opts Options) *outage {
	o := &outage{steps: opts.Backoff, unavailable: opts.Unavailable, keptIn: "memory", logger: opts.Logger}
	if opts.Spool != nil {
		o.keptIn = "spool"
	}
	return o
}

// isAway says whether an error means that the store can take nothing now.
func (o *outage) isAway(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || o.unavailable(err)
}

// failed notes that the store was found away, and returns how long to wait
// before it is tried again. Whoever asked before it was time, as posts may,
// leaves that time as it is.
func (o *outage) failed(err error) time.Duration {
	o.mu.Lock()
	now := time.Now()
	isNew := o.err == nil
	o.err, o.probedAt, o.lastError = err, now, err.Error()
	if !isNew && now.Before(o.nextTry) {
		defer o.mu.Unlock()
		return max(o.nextTry.Sub(now), time.Second)
	}
	if isNew {
		o.since = now
	}
	wait := o.steps[min(o.failures, len(o.steps)-1)]
	if o.isStopping {
		wait = min(wait, stopRetry)
	}
	o.failures++
	o.nextTry = now.Add(wait)
	o.retries++
	o.mu.Unlock()
	if isNew {
		o.logger.Error("store is unavailable; what is collected is kept and written later",
			"error", err, "retry_in", wait, "kept_in", o.keptIn)
	}
	return wait
}

// isBack notes that the store has just taken something, and says whether it was
// away before.
func (o *outage) isBack() bool {
	o.mu.Lock()
	wasAway, since := o.err != nil, o.since
	o.failures = 0
	o.err, o.since, o.nextTry = nil, time.Time{}, time.Time{}
	o.mu.Unlock()
	if wasAway {
		o.logger.Info("store is available again", "away", time.Since(since))
	}
	return wasAway
}

// wait returns how long the store is not to be tried: 0 when it may be now.
func (o *outage) wait() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return 0
	}
	return max(time.Until(o.nextTry), 0)
}

// hurry ends a wait for the next try: there may be no other.
func (o *outage) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.isStopping = true
	o.nextTry = time.Time{}
}

// away returns why the store is away, or nil.
func (o *outage) away() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// refusal returns why a post is not let through to the store at present, or
// nil. One in a while is, so that it is found back.
func (o *outage) refusal() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return nil
	}
	now := time.Now()
	if o.writing > 0 || now.Sub(o.probedAt) < probeEvery {
		return &UnavailableError{RetryAfter: retryAfter(o.nextTry.Sub(now)), Err: o.err}
	}
	o.probedAt = now
	return nil
}

// retryAfter makes what a sender is told of the time until the next try.
func retryAfter(wait time.Duration) time.Duration {
	return min(max(wait, time.Second), maxRetryAfter)
}

// began and ended stand around every write.
func (o *outage) began() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing++
}

func (o *outage) ended(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing--
	o.lastError = ""
	if moved := (*metric.PositionError)(nil); err != nil && !errors.As(err, &moved) {
		o.lastError = err.Error()
	}
}

// describe fills in what Stats say of it.
func (o *outage) describe(s *Stats) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Away, s.AwaySince = o.err != nil, o.since
	s.Retries, s.LastError = o.retries, o.lastError
}

// repeated counts a write that is repeated at once.
func (o *outage) repeated() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.retries++
}

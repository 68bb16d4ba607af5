package aggregate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

const (
	// maxSkew is how far this machine's clock may be from the database's.
	maxSkew = store.MaxClockSkew

	// maxIdle is how long after the run before the clock is believed without a
	// second look: daily and weekly runs never wait.
	maxIdle = 8 * 24 * time.Hour

	// doubtFor is how long a process that goes on running does not believe a
	// clock that is further ahead.
	doubtFor = 24 * time.Hour
)

// Causes of ErrFailed: the clock says what is old enough to be deleted.
var (
	// ErrClockSkew: the database has another time.
	ErrClockSkew = errors.New("this machine's clock and the database's are more than an hour apart")
	// ErrClockAhead: nobody has run for so long that the clock may have jumped.
	ErrClockAhead = errors.New("the clock is far ahead of the last run: nothing is deleted yet")
)

// doubt is what a job remembers of a clock that it does not believe.
type doubt struct {
	mu    sync.Mutex
	since time.Time // by that clock; zero: none
}

// compareClocks returns ErrClockSkew when the database has another time.
func (r *run) compareClocks(ctx context.Context) error {
	skew, err := r.skew(ctx)
	if err == nil && skew.Abs() > maxSkew {
		err = fmt.Errorf("%w (%s)", ErrClockSkew, skew.Abs().Round(time.Second))
	}
	return err
}

// believeClock returns ErrClockAhead when nobody has run for so long that it is as
// likely that the clock has jumped. Time shows: a process waits for a day, which
// it measures by a clock that does not jump, and the next process goes on where
// another has doubted. A run that does not doubt ends every doubt.
func (r *run) believeClock() error {
	d := &r.doubt
	d.mu.Lock()
	defer d.mu.Unlock()
	isDoubted := r.last != nil && r.last.Outcome == OutcomeDoubted
	switch {
	case r.last == nil, !isDoubted && r.started.Sub(r.last.FinishedAt) <= maxIdle:
		d.since = time.Time{}
		return nil
	case isDoubted && d.since.IsZero():
		return nil
	case d.since.IsZero(), r.started.Round(0).Before(d.since.Round(0)): // it was set back
		d.since = r.started
	case r.started.Sub(d.since) >= doubtFor:
		return nil
	}
	if isDoubted {
		return fmt.Errorf("%w (doubted since %s)", ErrClockAhead, d.since.Format(time.RFC3339))
	}
	return fmt.Errorf("%w (the last run was at %s)", ErrClockAhead, r.last.FinishedAt.UTC().Format(time.RFC3339))
}

// Package ingest owns the way of samples into the store: a bounded queue in
// memory that never makes a request wait, posts that are acknowledged once they
// are in the store or in the spool, what the spool holds on its way into the
// store, each sample once, and the decoding of what clients post. It knows
// neither HTTP nor databases; what it writes goes to a Sink.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// Sink stores batches, each of them once.
//
// Append stores a batch in the transaction that moves its source to a position:
// all of it, or nothing and an error, a [*metric.PositionError] when the source
// does not stand where the batch begins. An empty batch only moves the source.
// Position says where a source stands, 0 when it is unknown. Forget says that
// nothing new will come of sources; where they stand is still known for as long
// as a copy of a spool may turn up.
//
// All of them must honour their context and keep nothing of what they are
// given, whose memory is used again. The queue calls them from up to three
// goroutines at a time, never with one source from two.
type Sink interface {
	Append(ctx context.Context, batch metric.Batch, at metric.Position) error
	Position(ctx context.Context, source uuid.UUID) (int64, error)
	Forget(ctx context.Context, sources ...uuid.UUID) error
}

// Ack is what a posted batch waits for before it is acknowledged.
type Ack int

// Kinds of acknowledgement.
const (
	AckDB   Ack = iota // committed to the database
	AckDisk            // on the disk, in the spool
)

// Options configure a Queue. Every zero value but Sink works.
type Options struct {
	Sink Sink

	// Spool, when there is one, takes every recorded request on its way to the
	// sink, and every posted one with AckDisk. It must be open until Stop has
	// returned.
	Spool *spool.Spool

	// Ack says what Accept waits for. AckDisk needs a spool.
	Ack Ack

	// Capacity and CapacityBytes bound what waits in memory: recorded requests
	// and posted samples, each for themselves. 0 means 100,000 samples and
	// 64 MiB (estimated).
	Capacity      int
	CapacityBytes int64

	// BatchSize is how many recorded requests one write carries, 0 means
	// 1,000. MaxAge is how long the first of them waits for more, 0 means
	// 500 ms.
	BatchSize int
	MaxAge    time.Duration

	// WriteTimeout bounds one call of the sink, 0 means 30 s.
	WriteTimeout time.Duration

	// Unavailable says whether an error of the sink means that the store
	// cannot take anything at present (database away, disk full, schema
	// pending), so that what is held is kept and written later. Nil means that
	// no error does.
	Unavailable func(error) bool

	// Backoff is how long to wait after the first, second, … failure in a row;
	// the last repeats. Empty means 30 s, 1 min, 2 min, 5 min.
	Backoff []time.Duration

	// Logger nil means no log.
	Logger *slog.Logger
}

// Reasons inside an UnavailableError.
var (
	ErrBusy    = errors.New("too many posted samples are waiting to be written")
	ErrStopped = errors.New("the queue is stopped")
)

// UnavailableError says that a batch was not stored for a reason that is not
// its own, and when to try again.
type UnavailableError struct {
	RetryAfter time.Duration
	Err        error // ErrBusy, ErrStopped, or what the sink or the spool said
}

// Error says why.
func (e *UnavailableError) Error() string { return fmt.Sprintf("not accepted: %v", e.Err) }

// Unwrap returns the reason.
func (e *UnavailableError) Unwrap() error { return e.Err }

// LostError says how many recorded requests Stop could not write.
type LostError struct {
	Requests int
	Err      error // why: what the sink said, or that of Stop's context
}

// Error says how many, and why.
func (e *LostError) Error() string {
	return fmt.Sprintf("%d recorded requests were not written: %v", e.Requests, e.Err)
}

// Unwrap returns the reason.
func (e *LostError) Unwrap() error { return e.Err }

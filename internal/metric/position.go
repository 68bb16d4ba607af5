package metric

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Position says which samples of a source a write carries, so that however
// often it is tried, they are stored once.
//
// A source is whoever numbers its samples 0, 1, 2 and so on: one run of a
// spool, or one process that writes directly. The position of a source is the
// number up to which everything of it is stored; a write moves it From one
// place To another, or stores nothing. The numbers of a write need not be
// without gaps.
type Position struct {
	Source   uuid.UUID
	From, To int64 // half open; From is where the source stands before the write

	// ReceivedAt is the time before which the source received nothing that is
	// still to be stored once this write is. It is zero for a source that
	// writes what it has or gives it up, and never comes with anything old.
	ReceivedAt time.Time
}

// PositionError reports that a source does not stand where a write begins, and
// that nothing was stored. Either an earlier attempt was stored after all, or
// another process writes the same samples.
type PositionError struct {
	Source       uuid.UUID
	Want, Actual int64
}

func (e *PositionError) Error() string {
	return fmt.Sprintf("source %s stands at position %d, not at %d", e.Source, e.Actual, e.Want)
}

package aggregate

import (
	"context"
	"errors"
	"fmt"

	"github.com/appmetrics/appmetrics/internal/store"
)

// Kinds of errors of a run.
var (
	// ErrUnreachable: the database could not be reached.
	ErrUnreachable = errors.New("database could not be reached")
	// ErrFailed: the run failed.
	ErrFailed = errors.New("aggregation failed")
	// ErrGrowthGuard: the run succeeded, but the database is too large and
	// grows too fast.
	ErrGrowthGuard = errors.New("growth guard fired")
)

// Error says why a run did not end well and what to do next, in one line.
type Error struct {
	// Kind is ErrUnreachable, ErrFailed or ErrGrowthGuard.
	Kind error
	// CorrelationID finds the run in the log.
	CorrelationID string
	// Next says what to do.
	Next string
	// Cause is what went wrong; nil when Kind says it all.
	Cause error
}

// Error is one line for a person.
func (e *Error) Error() string {
	text := e.Kind.Error()
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return fmt.Sprintf("%s (correlation id %s); %s", text, e.CorrelationID, e.Next)
}

// Unwrap makes errors.Is find the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

func (r *run) explain(err error) *Error {
	e := &Error{Kind: ErrFailed, CorrelationID: r.report.CorrelationID, Cause: err}
	switch {
	case errors.Is(err, ErrGrowthGuard):
		e.Kind, e.Cause = ErrGrowthGuard, nil
		e.Next = fmt.Sprintf("%d rows are left, limit %d: find out what writes so much, or raise the limit",
			r.report.Rows.Total(), r.thresholds.LimitRows)
	case errors.Is(err, store.ErrFull):
		e.Next = "the data is whole; make room on the disk of the database, then run again"
	case errors.Is(err, store.ErrUnavailable):
		e.Kind = ErrUnreachable
		e.Next = "check the database URL and that the database runs, then run again"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Next = "it was stopped; the data is whole, run it again"
	case errors.Is(err, ErrClockSkew):
		e.Next = "nothing was changed; synchronise both clocks (NTP), then run again"
	case errors.Is(err, ErrClockAhead):
		e.Next = "nothing was changed; set the clock, or, if it is right, run again: a process that goes on running does so after a day"
	case errors.Is(err, store.ErrPermission), errors.Is(err, store.ErrReadOnly):
		e.Next = "allow this user to change the tables, then run again"
	case errors.Is(err, store.ErrSchemaPending), errors.Is(err, store.ErrSchemaNewer):
		e.Next = "bring the schema and this program to the same version, then run again"
	default:
		e.Next = "the data is whole; read the cause, then run again"
	}
	return e
}

package ingest

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// MaxBodyBytes is the largest posted body, after decompression.
const MaxBodyBytes = 1 << 20

// DecodeOptions say how to read a posted body and what to put on its samples.
type DecodeOptions struct {
	// ContentEncoding is the body's: "", "identity" or "gzip".
	ContentEncoding string

	// Received is the time of receipt.
	Received time.Time

	// App, UserID and CorrelationID are put on every event; App and
	// CorrelationID on every request, whose user the body may name.
	App           string
	UserID        string
	CorrelationID string

	// EventTypes lists what event_type may be; nil means metric.EventTypes.
	EventTypes []string

	// Name makes an endpoint of a posted path; nil keeps it as it is.
	Name func(path string, at time.Time) string
}

// DecodeReport says what was taken, and what was changed on the way.
type DecodeReport struct {
	Received int  // samples in the body, also when it was refused
	Late     int  // timestamps replaced by the time of receipt
	HasIDs   bool // at least one sample brought its own id
}

// Reasons to refuse a whole body.
var (
	ErrTooLarge = errors.New("body exceeds 1 MiB after decompression")
	ErrEncoding = errors.New("content encoding is not supported; allowed: identity, gzip")
)

// ErrTooMany says that a body holds more samples than one post may.
type ErrTooMany struct{ Max, Received int }

// Error gives the words of the contract.
func (e *ErrTooMany) Error() string {
	return fmt.Sprintf("Batch size exceeds maximum of %d events", e.Max)
}

// BodyError says what is wrong with a body. Index is the sample's position, or
// -1 when the body as a whole is wrong; Value is cut to a printable length.
type BodyError struct {
	Index   int
	Field   string
	Value   string
	Allowed string
}

// Error is one line for the sender.
func (e *BodyError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("%s: %s", e.Field, e.Allowed)
	}
	return fmt.Sprintf("sample %d: %s: %s is not allowed; %s", e.Index, e.Field, e.Value, e.Allowed)
}

// DecodeEvents reads and validates the body of a post of usage events.
func DecodeEvents(r io.Reader, opts DecodeOptions) ([]metric.Event, DecodeReport, error) {
	return nil, DecodeReport{}, nil
}

// DecodeRequests reads and validates the body of a post of request samples.
func DecodeRequests(r io.Reader, opts DecodeOptions) ([]metric.Request, DecodeReport, error) {
	return nil, DecodeReport{}, nil
}

package ingest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// MaxBodyBytes is the largest posted body, after decompression.
	MaxBodyBytes = 1 << 20

	// MaxEncodedBytes bounds it as it comes over the network. Compression may
	// make an incompressible body slightly larger; it must not carry megabytes
	// that decompress to nothing.
	MaxEncodedBytes = MaxBodyBytes + 64<<10

	// maxAhead is how far ahead of this clock an event's may be; maxSkew is
	// the same for requests, which are refused beyond it.
	maxAhead = 5 * time.Minute
	maxSkew  = 5 * time.Second
)

// DecodeOptions say how to read a posted body and what to put on its samples.
type DecodeOptions struct {
	// Bodies bounds the memory of all bodies together; nil means no bound.
	Bodies *Bodies

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

	// Name makes an endpoint of a posted path, Page what is stored of the name of
	// a page, in at most metric.MaxPageName characters; nil keeps it as it is.
	Name, Page func(path string, at time.Time) string

	// Element makes what is stored of the id of an element on a page, as Page
	// named it, in at most metric.MaxElementID characters; nil keeps it as it is.
	Element func(page, id string, at time.Time) string
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

func bodyError(field, value, allowed string) error {
	return &BodyError{Index: -1, Field: field, Value: cut(value), Allowed: allowed}
}

// cut shortens what a client sent to a printable length.
func cut(value string) string {
	const most = 80
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "…"
	}
	return value
}

// sampleError adds a sample's position to what metric says about it.
func sampleError(index int, err error) error {
	var field *metric.FieldError
	if errors.As(err, &field) {
		return &BodyError{Index: index, Field: field.Field, Value: field.Value, Allowed: field.Allowed}
	}
	return fmt.Errorf("sample %d: %w", index, err)
}

// parseID returns the id a client chose, or the zero one.
func parseID(index int, text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 || id == uuid.Nil {
		return uuid.Nil, &BodyError{Index: index, Field: "id", Value: fmt.Sprintf("%.80q", text), Allowed: "a UUID"}
	}
	return id, nil
}

// parseTime reads RFC 3339 with any offset.
func parseTime(index int, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, &BodyError{Index: index, Field: "timestamp", Value: fmt.Sprintf("%.80q", text), Allowed: "required, RFC 3339"}
	}
	return t.UTC(), nil
}

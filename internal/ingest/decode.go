package ingest

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// readBody returns the decompressed body.
func readBody(r io.Reader, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip":
		unzip, err := gzip.NewReader(io.LimitReader(r, MaxEncodedBytes+1))
		if err != nil {
			return nil, bodyError("body", "", "not a gzip stream")
		}
		r = unzip
	default:
		return nil, ErrEncoding
	}
	body, err := io.ReadAll(io.LimitReader(r, MaxBodyBytes+1))
	var corrupt flate.CorruptInputError
	switch {
	case len(body) > MaxBodyBytes:
		return nil, ErrTooLarge
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, &corrupt):
		return nil, bodyError("body", "", "cut short or damaged")
	case err != nil:
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

// decodeList parses {"<field>": [sample, …]} into samples of wire type T. What
// is right is parsed once, by whole; what is not, again and step by step, to
// say where it is wrong.
func decodeList[T any](body []byte, field string, whole func([]byte) ([]T, error)) ([]T, error) {
	if bytes.Count(body, []byte{','}) > manyCommas {
		if n := countSamples(body, field); n > metric.MaxBatch {
			return nil, &ErrTooMany{Max: metric.MaxBatch, Received: n}
		}
	}
	if samples, err := whole(body); err == nil && len(samples) > 0 && len(samples) <= metric.MaxBatch {
		return samples, nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, syntaxError(err, "a JSON object with "+field)
	}
	allowed := fmt.Sprintf("required, an array of 1 to %d", metric.MaxBatch)
	list := bytes.TrimLeft(raw[field], " \t\r\n")
	if len(list) == 0 || list[0] != '[' {
		return nil, bodyError(field, string(list), allowed)
	}
	samples := make([]T, 0, 32)
	err := json.Unmarshal(list, &samples)
	switch {
	case len(samples) > metric.MaxBatch:
		return nil, &ErrTooMany{Max: metric.MaxBatch, Received: len(samples)}
	case err != nil:
		return nil, locate[T](list, err)
	case len(samples) == 0:
		return nil, bodyError(field, "[]", allowed)
	}
	return samples, nil
}

// manyCommas is how many a body may have before its samples are counted first:
// half a million of two bytes each would take hundreds of megabytes when parsed.
const manyCommas = 10 * metric.MaxBatch

// countSamples returns the length of the list in the given field, up to where
// the body is no JSON, keeping one sample at a time.
func countSamples(body []byte, field string) int {
	dec := json.NewDecoder(bytes.NewReader(body))
	var skipped json.RawMessage
	isNext := func(want json.Token) bool { got, err := dec.Token(); return err == nil && got == want }
	if !isNext(json.Delim('{')) {
		return 0
	}
	most := 0
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return most
		}
		if name, _ := key.(string); !strings.EqualFold(name, field) { // as json.Unmarshal compares
			if dec.Decode(&skipped) != nil {
				return most
			}
			continue
		}
		if !isNext(json.Delim('[')) {
			return most
		}
		n := 0
		for dec.More() && dec.Decode(&skipped) == nil {
			n++
		}
		most = max(most, n) // of a field that is there twice
		if !isNext(json.Delim(']')) {
			return most
		}
	}
	return most
}

// locate finds the sample that does not fit its wire type.
func locate[T any](list []byte, cause error) error {
	var each []json.RawMessage
	if err := json.Unmarshal(list, &each); err != nil {
		return syntaxError(err, "an array of objects")
	}
	for i, raw := range each {
		var sample T
		var wrong *json.UnmarshalTypeError
		if err := json.Unmarshal(raw, &sample); errors.As(err, &wrong) {
			field := wrong.Field
			if field == "" {
				field = "sample"
			}
			return &BodyError{Index: i, Field: field, Value: wrong.Value, Allowed: "a JSON " + jsonType(wrong.Type.Kind().String())}
		}
	}
	return fmt.Errorf("decode body: %w", cause)
}

// jsonType names a Go kind as JSON calls it.
func jsonType(kind string) string {
	switch {
	case kind == "struct":
		return "object"
	case kind == "bool":
		return "boolean"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "float"):
		return "number"
	}
	return kind
}

func bodyError(field, value, allowed string) error {
	const most = 80
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "…"
	}
	return &BodyError{Index: -1, Field: field, Value: value, Allowed: allowed}
}

func syntaxError(err error, allowed string) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return bodyError("body", "", fmt.Sprintf("not valid JSON at byte %d: %v", syntax.Offset, syntax))
	}
	return bodyError("body", "", "must be "+allowed)
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

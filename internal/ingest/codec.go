package ingest

import (
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// codecV1 is the version of the encoding of batches, the first byte of each.
// What follows is CBOR (RFC 8949), structs as arrays.
const codecV1 = 1

// errNewer is returned for batches that a newer version has put into the spool.
// They are for it to read.
var errNewer = errors.New("the spool holds samples of a newer version of appmetrics")

// errEncoding is returned for bytes that encode does not write.
var errEncoding = errors.New("not a valid encoding of a batch")

// Flags of batchV1.
const (
	flagRecorded = 1 << iota
	flagCheckIDs
)

type batchV1 struct {
	_        struct{} `cbor:",toarray"`
	Flags    uint64
	Requests []requestV1
	Events   []eventV1
}

type requestV1 struct {
	_              struct{} `cbor:",toarray"`
	ID             []byte
	Seconds        int64
	Nanoseconds    int64
	App            string
	Endpoint       string
	Method         string
	StatusCode     int
	ResponseTimeMS float64
	UserID         string
	ErrorType      string
	CorrelationID  string
}

type eventV1 struct {
	_             struct{} `cbor:",toarray"`
	ID            []byte
	Seconds       int64
	Nanoseconds   int64
	App           string
	EventType     string
	UserID        string
	PageName      string
	ElementID     string
	Success       bool
	Metadata      []byte
	CorrelationID string
}

// codec reads and writes batches. Strings are kept as they are, whatever their
// bytes: it is the sink that judges samples.
type codec struct {
	encoder cbor.EncMode
	decoder cbor.DecMode
}

// newCodec panics when the options below contradict each other.
func newCodec() codec {
	encoder, err := cbor.EncOptions{NilContainers: cbor.NilContainerAsEmpty}.EncMode()
	if err != nil {
		panic(err)
	}
	decoder, err := cbor.DecOptions{
		UTF8:             cbor.UTF8DecodeInvalid,
		MaxArrayElements: spool.MaxRecordBytes / 16, // a sample has more bytes
		MaxNestedLevels:  4,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return codec{encoder, decoder}
}

// encode makes records of a batch, more than one where it is too large for one.
// They have the batch's samples in the order of its numbers: all requests, then
// all events.
func (c codec) encode(b metric.Batch, isRecorded bool) ([]spool.Record, error) {
	payload, err := c.payload(b, isRecorded)
	if err != nil {
		return nil, fmt.Errorf("encode batch: %w", err)
	}
	n := b.Len()
	if len(payload) <= spool.MaxRecordBytes || n == 1 {
		return []spool.Record{{Payload: payload, Samples: n}}, nil
	}
	first, err := c.encode(slice(b, 0, n/2), isRecorded)
	if err != nil {
		return nil, err
	}
	second, err := c.encode(slice(b, n/2, n), isRecorded)
	return append(first, second...), err
}

func (c codec) payload(b metric.Batch, isRecorded bool) ([]byte, error) {
	wire := batchV1{Requests: make([]requestV1, len(b.Requests)), Events: make([]eventV1, len(b.Events))}
	if isRecorded {
		wire.Flags |= flagRecorded
	}
	if b.CheckIDs {
		wire.Flags |= flagCheckIDs
	}
	for i := range b.Requests {
		r := &b.Requests[i]
		wire.Requests[i] = requestV1{
			ID: idBytes(&r.ID), Seconds: r.Timestamp.Unix(), Nanoseconds: int64(r.Timestamp.Nanosecond()),
			App: r.App, Endpoint: r.Endpoint, Method: r.Method, StatusCode: r.StatusCode,
			ResponseTimeMS: r.ResponseTimeMS, UserID: r.UserID, ErrorType: r.ErrorType, CorrelationID: r.CorrelationID,
		}
	}
	for i := range b.Events {
		e := &b.Events[i]
		wire.Events[i] = eventV1{
			ID: idBytes(&e.ID), Seconds: e.Timestamp.Unix(), Nanoseconds: int64(e.Timestamp.Nanosecond()),
			App: e.App, EventType: e.EventType, UserID: e.UserID, PageName: e.PageName, ElementID: e.ElementID,
			Success: e.Success, Metadata: e.Metadata, CorrelationID: e.CorrelationID,
		}
	}
	body, err := c.encoder.Marshal(wire)
	if err != nil {
		return nil, err
	}
	return append([]byte{codecV1}, body...), nil
}

// decode reads what encode wrote. It returns errNewer for the encoding of a
// newer version, and errEncoding for anything else that it cannot read.
func (c codec) decode(payload []byte) (b metric.Batch, isRecorded bool, err error) {
	if len(payload) == 0 {
		return b, false, errEncoding
	}
	if payload[0] > codecV1 {
		return b, false, errNewer
	}
	var wire batchV1
	if err := c.decoder.Unmarshal(payload[1:], &wire); err != nil || payload[0] != codecV1 {
		return b, false, errors.Join(errEncoding, err)
	}
	b.CheckIDs = wire.Flags&flagCheckIDs != 0
	if len(wire.Requests) > 0 {
		b.Requests = make([]metric.Request, len(wire.Requests))
	}
	if len(wire.Events) > 0 {
		b.Events = make([]metric.Event, len(wire.Events))
	}
	for i := range wire.Requests {
		w, r := &wire.Requests[i], &b.Requests[i]
		*r = metric.Request{
			Timestamp: instant(w.Seconds, w.Nanoseconds), App: w.App, Endpoint: w.Endpoint, Method: w.Method,
			StatusCode: w.StatusCode, ResponseTimeMS: w.ResponseTimeMS,
			UserID: w.UserID, ErrorType: w.ErrorType, CorrelationID: w.CorrelationID,
		}
		if r.ID, err = readID(w.ID); err != nil {
			return metric.Batch{}, false, err
		}
	}
	for i := range wire.Events {
		w, e := &wire.Events[i], &b.Events[i]
		*e = metric.Event{
			Timestamp: instant(w.Seconds, w.Nanoseconds), App: w.App, EventType: w.EventType, UserID: w.UserID,
			PageName: w.PageName, ElementID: w.ElementID, Success: w.Success, CorrelationID: w.CorrelationID,
		}
		if len(w.Metadata) > 0 {
			e.Metadata = w.Metadata
		}
		if e.ID, err = readID(w.ID); err != nil {
			return metric.Batch{}, false, err
		}
	}
	return b, wire.Flags&flagRecorded != 0, nil
}

func instant(seconds, nanoseconds int64) time.Time {
	return time.Unix(seconds, nanoseconds).UTC()
}

// idBytes returns nothing for the id that is none.
func idBytes(id *uuid.UUID) []byte {
	if *id == uuid.Nil {
		return nil
	}
	return id[:]
}

func readID(b []byte) (uuid.UUID, error) {
	if len(b) == 0 {
		return uuid.Nil, nil
	}
	id, err := uuid.FromBytes(b)
	if err != nil {
		return uuid.Nil, errors.Join(errEncoding, err)
	}
	return id, nil
}

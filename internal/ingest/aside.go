package ingest

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// asideLine is a refused sample, or a record that cannot be read, as a line of
// JSON for people. Its fields are named as in the tables.
type asideLine struct {
	RefusedAt time.Time `json:"refused_at"`
	Error     string    `json:"error"`

	Request *asideRequest `json:"request,omitempty"`
	Event   *asideEvent   `json:"event,omitempty"`
	Record  []byte        `json:"record,omitempty"` // in base64
}

type asideRequest struct {
	ID             *uuid.UUID `json:"id,omitempty"`
	Timestamp      time.Time  `json:"timestamp"`
	App            string     `json:"app"`
	Endpoint       string     `json:"endpoint"`
	Method         string     `json:"method"`
	StatusCode     int        `json:"status_code"`
	ResponseTimeMS any        `json:"response_time_ms"` // a string when JSON has no such number
	UserID         string     `json:"user_id,omitempty"`
	ErrorType      string     `json:"error_type,omitempty"`
	CorrelationID  string     `json:"correlation_id,omitempty"`
}

type asideEvent struct {
	ID            *uuid.UUID `json:"id,omitempty"`
	Timestamp     time.Time  `json:"timestamp"`
	App           string     `json:"app"`
	EventType     string     `json:"event_type"`
	UserID        string     `json:"user_id,omitempty"`
	PageName      string     `json:"page_name,omitempty"`
	ElementID     string     `json:"element_id,omitempty"`
	Success       bool       `json:"success"`
	Metadata      any        `json:"metadata,omitempty"` // a string when it is no JSON
	CorrelationID string     `json:"correlation_id,omitempty"`
}

// asideLines returns a batch that was refused, a line for each sample.
func asideLines(b metric.Batch, cause error) []byte {
	var text bytes.Buffer
	lines := json.NewEncoder(&text) // each with its newline
	now := time.Now().UTC()
	for i := range b.Requests {
		r := &b.Requests[i]
		line := asideLine{RefusedAt: now, Error: cause.Error(), Request: &asideRequest{
			ID: known(&r.ID), Timestamp: r.Timestamp, App: r.App, Endpoint: r.Endpoint, Method: r.Method,
			StatusCode: r.StatusCode, ResponseTimeMS: r.ResponseTimeMS, UserID: r.UserID,
			ErrorType: r.ErrorType, CorrelationID: r.CorrelationID,
		}}
		if _, err := json.Marshal(r.ResponseTimeMS); err != nil {
			line.Request.ResponseTimeMS = err.Error()
		}
		encodeLine(lines, line)
	}
	for i := range b.Events {
		e := &b.Events[i]
		line := asideLine{RefusedAt: now, Error: cause.Error(), Event: &asideEvent{
			ID: known(&e.ID), Timestamp: e.Timestamp, App: e.App, EventType: e.EventType, UserID: e.UserID,
			PageName: e.PageName, ElementID: e.ElementID, Success: e.Success, CorrelationID: e.CorrelationID,
		}}
		if json.Valid(e.Metadata) {
			line.Event.Metadata = e.Metadata
		} else if len(e.Metadata) > 0 {
			line.Event.Metadata = string(e.Metadata)
		}
		encodeLine(lines, line)
	}
	return text.Bytes()
}

// encodeLine adds a line, or one that says why there is none: a time out of the
// years that JSON knows.
func encodeLine(lines *json.Encoder, line asideLine) {
	if err := lines.Encode(line); err != nil {
		_ = lines.Encode(asideLine{RefusedAt: line.RefusedAt, Error: line.Error + "; " + err.Error()})
	}
}

func known(id *uuid.UUID) *uuid.UUID {
	if *id == uuid.Nil {
		return nil
	}
	return id
}

// setAside keeps for people what the spool has to give up.
func (d *drainer) setAside(lines []byte) {
	if err := d.spool.SetAside(lines); err != nil {
		d.q.opts.Logger.Error("refused samples could not be kept for people to look at", "error", err)
	}
}

// setAsideBatch is setAside for samples.
func (d *drainer) setAsideBatch(b metric.Batch, cause error) { d.setAside(asideLines(b, cause)) }

// setAsideRecord is setAside for a record that cannot be read.
func (d *drainer) setAsideRecord(payload []byte, cause error) {
	var text bytes.Buffer
	encodeLine(json.NewEncoder(&text), asideLine{RefusedAt: time.Now().UTC(), Error: cause.Error(), Record: payload})
	d.setAside(text.Bytes())
}

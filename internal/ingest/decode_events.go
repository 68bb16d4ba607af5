package ingest

import (
	"encoding/json"
	"io"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// wireEvent is a usage event as clients send it. Other fields are ignored, so
// that newer trackers can talk to older servers.
type wireEvent struct {
	ID        string          `json:"id"`
	EventType string          `json:"event_type"`
	Timestamp string          `json:"timestamp"`
	PageName  string          `json:"page_name"`
	ElementID string          `json:"element_id"`
	Success   *bool           `json:"success"`
	Metadata  json.RawMessage `json:"metadata"`
}

func wholeEvents(body []byte) ([]wireEvent, error) {
	var whole struct {
		Events []wireEvent `json:"events"`
	}
	err := json.Unmarshal(body, &whole)
	return whole.Events, err
}

// DecodeEvents reads and validates the body of a post of usage events. All of
// it is right, or none is returned. Errors: ErrTooLarge, ErrEncoding,
// *ErrTooMany, *BodyError, or what reading r returned. A timestamp out of the
// raw retention or more than five minutes ahead is replaced by the time of
// receipt, and counted.
func DecodeEvents(r io.Reader, opts DecodeOptions) ([]metric.Event, DecodeReport, error) {
	var report DecodeReport
	body, err := readBody(r, opts.ContentEncoding)
	if err != nil {
		return nil, report, err
	}
	wire, err := decodeList(body, "events", wholeEvents)
	if err != nil {
		return nil, report, err
	}
	report.Received = len(wire)
	if opts.EventTypes == nil {
		opts.EventTypes = metric.EventTypes()
	}
	received := opts.Received.UTC()
	events := make([]metric.Event, len(wire))
	for i, w := range wire {
		e := &events[i]
		*e = metric.Event{
			App: opts.App, UserID: opts.UserID, CorrelationID: opts.CorrelationID,
			EventType: w.EventType, PageName: w.PageName, ElementID: w.ElementID,
			Success: w.Success == nil || *w.Success,
		}
		if string(w.Metadata) != "null" {
			e.Metadata = w.Metadata
		}
		if e.ID, err = parseID(i, w.ID); err != nil {
			return nil, report, err
		}
		if e.Timestamp, err = parseTime(i, w.Timestamp); err != nil {
			return nil, report, err
		}
		if err := e.Validate(opts.EventTypes); err != nil {
			return nil, report, sampleError(i, err)
		}
		report.HasIDs = report.HasIDs || w.ID != ""
		if age := received.Sub(e.Timestamp); age > metric.RawRetention || age < -maxAhead {
			e.Timestamp = received
			report.Late++
		}
	}
	return events, report, nil
}

package ingest

import (
	"encoding/json"
	"io"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// wireEvent is a usage event as clients send it. Other fields are ignored, so
// that newer trackers can talk to older servers.
type wireEvent struct {
	ID, EventType, Timestamp, PageName, ElementID string

	Success  *bool // nil when absent
	Metadata json.RawMessage
}

func readEvent(s *strict, field []byte, e *wireEvent) error {
	switch string(field) {
	case "id":
		return s.text(&e.ID)
	case "event_type":
		return s.text(&e.EventType)
	case "timestamp":
		return s.text(&e.Timestamp)
	case "page_name":
		return s.text(&e.PageName)
	case "element_id":
		return s.text(&e.ElementID)
	case "success":
		return s.flag(&e.Success)
	case "metadata":
		return s.raw(&e.Metadata)
	}
	return s.skip()
}

// DecodeEvents reads and validates the body of a post of usage events. All of
// it is right, or none is returned. Errors: ErrTooLarge, ErrEncoding,
// *ErrTooMany, *BodyError, a *UnavailableError when there is no room for the
// body at present, or what reading r returned. A timestamp out of the
// raw retention or more than five minutes ahead is replaced by the time of
// receipt, and counted.
func DecodeEvents(r io.Reader, opts DecodeOptions) ([]metric.Event, DecodeReport, error) {
	var report DecodeReport
	b := body{all: opts.Bodies}
	defer b.release()
	if err := b.read(r, opts.ContentEncoding); err != nil {
		return nil, report, err
	}
	wire, received, err := decodeList(b.data, "events", readEvent)
	report.Received = received
	if err != nil {
		return nil, report, err
	}
	if opts.EventTypes == nil {
		opts.EventTypes = metric.EventTypes()
	}
	now := opts.Received.UTC()
	events := make([]metric.Event, len(wire))
	for i, w := range wire {
		e := &events[i]
		*e = metric.Event{
			App: opts.App, UserID: opts.UserID, CorrelationID: opts.CorrelationID,
			EventType: w.EventType, PageName: w.PageName, ElementID: w.ElementID,
			Success: w.Success == nil || *w.Success, Metadata: w.Metadata,
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
		if age := now.Sub(e.Timestamp); age > metric.RawRetention || age < -maxAhead {
			e.Timestamp = now
			report.Late++
		}
	}
	// Names are taken only now: a refused body must not use up any.
	for i := range events {
		e := &events[i]
		if opts.Page != nil {
			e.PageName = opts.Page(e.PageName, e.Timestamp)
		}
		if opts.Element != nil {
			e.ElementID = opts.Element(e.PageName, e.ElementID, e.Timestamp)
		}
	}
	return events, report, nil
}

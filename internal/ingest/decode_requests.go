package ingest

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// wireRequest is a request sample as clients send it.
type wireRequest struct {
	ID, Timestamp, Endpoint, Method, UserID, ErrorType string

	StatusCode     *int     // nil when absent
	ResponseTimeMS *float64 // nil when absent
}

func readRequest(s *strict, field []byte, r *wireRequest) error {
	switch string(field) {
	case "id":
		return s.text(&r.ID)
	case "timestamp":
		return s.text(&r.Timestamp)
	case "endpoint":
		return s.text(&r.Endpoint)
	case "method":
		return s.text(&r.Method)
	case "status_code":
		return s.integer(&r.StatusCode)
	case "response_time_ms":
		return s.number(&r.ResponseTimeMS)
	case "user_id":
		return s.text(&r.UserID)
	case "error_type":
		return s.text(&r.ErrorType)
	}
	return s.skip()
}

// DecodeRequests reads and validates the body of a post of request samples.
// All of it is right, or none is returned; errors are those of DecodeEvents. A
// timestamp out of the retention or in the future is refused; one that is
// ahead by no more than clocks differ becomes the time of receipt.
func DecodeRequests(r io.Reader, opts DecodeOptions) ([]metric.Request, DecodeReport, error) {
	var report DecodeReport
	b := body{all: opts.Bodies}
	defer b.release()
	if err := b.read(r, opts.ContentEncoding); err != nil {
		return nil, report, err
	}
	wire, received, err := decodeList(b.data, "requests", readRequest)
	report.Received = received
	if err != nil {
		return nil, report, err
	}
	requests := make([]metric.Request, len(wire))
	for i, w := range wire {
		if requests[i], err = w.request(i, opts); err != nil {
			return nil, report, err
		}
		report.HasIDs = report.HasIDs || w.ID != ""
	}
	// Names are taken only now: a refused body must not use up endpoints.
	if opts.Name != nil {
		for i := range requests {
			r := &requests[i]
			r.Endpoint = opts.Name(r.Endpoint, r.Timestamp)
		}
	}
	return requests, report, nil
}

func (w *wireRequest) request(index int, opts DecodeOptions) (metric.Request, error) {
	r := metric.Request{
		App: opts.App, CorrelationID: opts.CorrelationID,
		Endpoint: w.Endpoint, Method: strings.ToUpper(w.Method),
		UserID: w.UserID, ErrorType: w.ErrorType,
	}
	if w.StatusCode == nil {
		return r, &BodyError{Index: index, Field: "status_code", Value: `""`, Allowed: "required, 100 to 599"}
	}
	if w.ResponseTimeMS == nil {
		return r, &BodyError{Index: index, Field: "response_time_ms", Value: `""`, Allowed: "required, a number of milliseconds"}
	}
	r.StatusCode, r.ResponseTimeMS = *w.StatusCode, *w.ResponseTimeMS
	var err error
	if r.ID, err = parseID(index, w.ID); err != nil {
		return r, err
	}
	if r.Timestamp, err = parseTime(index, w.Timestamp); err != nil {
		return r, err
	}
	check := r
	if opts.Name != nil && check.Endpoint != "" {
		check.Endpoint = "/" // its name will fit, however long the path
	}
	if err := check.Validate(); err != nil {
		return r, sampleError(index, err)
	}
	if r.ErrorType == "" {
		r.ErrorType = metric.ErrorTypeFor(r.StatusCode)
	}
	return r, w.checkTime(index, &r, opts.Received.UTC())
}

// checkTime holds the timestamp against the retention.
func (w *wireRequest) checkTime(index int, r *metric.Request, received time.Time) error {
	age := received.Sub(r.Timestamp)
	switch {
	case age > metric.Retention:
		return &BodyError{Index: index, Field: "timestamp", Value: fmt.Sprintf("%q", w.Timestamp),
			Allowed: "not before " + received.Add(-metric.Retention).Format(time.RFC3339)}
	case age < -maxSkew:
		return &BodyError{Index: index, Field: "timestamp", Value: fmt.Sprintf("%q", w.Timestamp),
			Allowed: "not in the future"}
	case age < 0:
		r.Timestamp = received
	}
	return nil
}

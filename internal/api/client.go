//nolint:bodyclose // ask closes every body
package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/appmetrics/appmetrics/internal/api/contract"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// clientTimeout is more than a server takes for a question, and its answer for
// the network.
const clientTimeout = 30 * time.Second

// Client asks a remote server. It is a query.Source, safe for concurrent use,
// and returns the errors that the server's own source returned: a
// *metric.FieldError, a *metric.RangeError, query.ErrTimeout,
// store.ErrUnavailable, admin's three refusals; or ErrUnreachable.
type Client struct {
	remote *contract.Client
	server string
}

var _ query.Source = (*Client)(nil)

// NewClient returns a client of the server at an http or https URL, which may
// have a path under which the server lies. token is sent as a bearer token
// unless it is empty. A nil httpClient means one with sensible timeouts;
// redirects are never followed, as nobody but the server gets the token.
func NewClient(server, token string, httpClient *http.Client) (*Client, error) {
	at, err := url.Parse(server)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.RawQuery != "" || at.Fragment != "" {
		return nil, fmt.Errorf("server %q: want a URL such as http://127.0.0.1:8080", server)
	}
	if httpClient == nil {
		httpClient = &http.Client{Timeout: clientTimeout}
	}
	straight := *httpClient
	straight.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	remote, err := contract.NewClient(server, contract.WithHTTPClient(&straight),
		contract.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Accept", "application/json")
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}))
	if err != nil {
		return nil, fmt.Errorf("server %q: %w", server, err)
	}
	return &Client{remote: remote, server: at.Redacted()}, nil
}

// Performance implements query.Source.
func (c *Client) Performance(ctx context.Context, p query.PerformanceParams) (*query.Performance, error) {
	within := periodOf(p.Range)
	return ask[query.Performance](c)(c.remote.GetPerformance(ctx, &contract.GetPerformanceParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end,
		App: given(p.App), Endpoint: given(p.Endpoint), Method: given(p.Method),
		IncludeAnonymous: given(p.IncludeAnonymous), Compare: previous(p.Compare),
	}))
}

// Usage implements query.Source.
func (c *Client) Usage(ctx context.Context, p query.UsageParams) (*query.Usage, error) {
	within := periodOf(p.Range)
	return ask[query.Usage](c)(c.remote.GetUsage(ctx, &contract.GetUsageParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end,
		App: given(p.App), EventType: given(p.EventType), PageName: given(p.PageName),
		IncludeAnonymous: given(p.IncludeAnonymous), Compare: previous(p.Compare),
	}))
}

// TimeSeries implements query.Source.
func (c *Client) TimeSeries(ctx context.Context, p query.TimeSeriesParams) (*query.TimeSeries, error) {
	within := periodOf(p.Range)
	return ask[query.TimeSeries](c)(c.remote.GetTimeSeries(ctx, &contract.GetTimeSeriesParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end,
		App: given(p.App), MetricType: string(p.MetricType), Interval: given(string(p.Interval)),
		Endpoint: given(p.Endpoint), Method: given(p.Method), EventType: given(p.EventType),
	}))
}

// Errors implements query.Source.
func (c *Client) Errors(ctx context.Context, p query.ErrorsParams) (*query.Errors, error) {
	within := periodOf(p.Range)
	return ask[query.Errors](c)(c.remote.GetErrors(ctx, &contract.GetErrorsParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end,
		App: given(p.App), Endpoint: given(p.Endpoint), Method: given(p.Method),
	}))
}

// Requests implements query.Source.
func (c *Client) Requests(ctx context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	within := periodOf(p.Range)
	return ask[query.RequestsPage](c)(c.remote.GetRequests(ctx, &contract.GetRequestsParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end,
		App: given(p.App), Endpoint: given(p.Endpoint), Method: given(p.Method), Status: given(p.Status),
		UserID: given(p.UserID), MinMS: given(p.MinMS), Limit: given(p.Limit), Cursor: given(p.Cursor),
	}))
}

// Events implements query.Source.
func (c *Client) Events(ctx context.Context, p query.EventsParams) (*query.EventsPage, error) {
	within := periodOf(p.Range)
	return ask[query.EventsPage](c)(c.remote.GetEvents(ctx, &contract.GetEventsParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end,
		App: given(p.App), EventType: given(p.EventType), PageName: given(p.PageName),
		UserID: given(p.UserID), Limit: given(p.Limit), Cursor: given(p.Cursor),
	}))
}

// Count implements query.Source. The user is the one whom the token belongs to.
func (c *Client) Count(ctx context.Context, p query.CountParams) (*query.Count, error) {
	within := periodOf(p.Range)
	return ask[query.Count](c)(c.remote.GetUsageCount(ctx, &contract.GetUsageCountParams{
		TimeRange: within.name, StartTime: within.start, EndTime: within.end, App: given(p.App),
	}))
}

// Status implements query.Source.
func (c *Client) Status(ctx context.Context) (*query.Status, error) {
	return ask[query.Status](c)(c.remote.GetStatus(ctx, nil))
}

// periodOf is the reverse of metric.ParseRange: a named range ends at the
// server's now.
func periodOf(r metric.Range) period {
	for _, name := range metric.RangeNames() {
		if r.Name == name {
			return period{name: &name}
		}
	}
	start, end := r.Start.UTC().Format(time.RFC3339Nano), r.End.UTC().Format(time.RFC3339Nano)
	return period{start: &start, end: &end}
}

// given returns nil for a zero value, which means that nothing was asked for.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func previous(compare bool) *string {
	if !compare {
		return nil
	}
	return given("previous")
}

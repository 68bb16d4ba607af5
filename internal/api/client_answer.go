package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api/contract"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

// ErrUnreachable is wrapped by every error of a Client that means that the
// server could not be reached, or did not answer as a server of appmetrics.
var ErrUnreachable = errors.New("server cannot be reached")

// maxAnswerBytes bounds what a client reads: far more than 90 days of hours or
// tens of thousands of endpoints take.
const maxAnswerBytes = 64 << 20

// ask returns a function that makes an answer, or a typed error, of what the
// generated client returns.
func ask[A any](c *Client) func(*http.Response, error) (*A, error) {
	return func(r *http.Response, err error) (*A, error) {
		if err != nil {
			return nil, c.unreachable(err)
		}
		defer r.Body.Close() //nolint:errcheck // read to the end, or of no more use
		body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswerBytes))
		if err != nil {
			return nil, c.unreachable(err)
		}
		if r.StatusCode != http.StatusOK {
			return nil, c.refused(r.StatusCode, body)
		}
		answer := new(A)
		if err := json.Unmarshal(body, answer); err != nil || !ours(body) {
			return nil, c.stranger(r.StatusCode)
		}
		return answer, nil
	}
}

// ours reports whether an answer names its range, or its database, as all of
// ours do. Without, any JSON object would read as a server that has no data.
func ours(body []byte) bool {
	var mark struct {
		TimeRange string `json:"time_range"`
		Engine    string `json:"engine"`
	}
	return json.Unmarshal(body, &mark) == nil && (mark.TimeRange != "" || mark.Engine != "")
}

// unreachable says why there is no answer. The question is left out: it is in
// the URL that the standard library puts into its error.
func (c *Client) unreachable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("%w: %s: %w", ErrUnreachable, c.server, err)
}

// stranger says that whoever answered is no appmetrics.
func (c *Client) stranger(status int) error {
	return fmt.Errorf("%w: %s answered %d, but not as appmetrics does; is the URL right?", ErrUnreachable, c.server, status)
}

// refused turns an error answer into the error that it was made of. A 401 means
// the same from whatever stands in front of the server.
func (c *Client) refused(status int, body []byte) error {
	var e contract.Error
	foreign := json.Unmarshal(body, &e) != nil || e.StatusCode != status || e.Message == ""
	if foreign && status != http.StatusUnauthorized {
		return c.stranger(status)
	}
	switch {
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%s: %w", c.server, admin.WithHint(admin.ErrUnauthenticated, e.Details.Hint))
	case status == http.StatusForbidden:
		return fmt.Errorf("%s: %w", c.server, admin.WithHint(admin.ErrForbidden, e.Details.Hint))
	case status == http.StatusBadRequest && e.Details.Field != "":
		return &metric.FieldError{Field: e.Details.Field, Value: e.Details.Value, Allowed: e.Details.Allowed}
	case status == http.StatusBadRequest:
		return &metric.RangeError{Message: e.Message}
	case status == http.StatusServiceUnavailable && e.Message == admin.ErrUnverifiable.Error():
		return fmt.Errorf("%s: %w", c.server, admin.ErrUnverifiable)
	case status == http.StatusServiceUnavailable:
		return &awayError{server: c.server}
	}
	return fmt.Errorf("%s: %s (correlation id %s)", c.server, e.Message, e.CorrelationID)
}

// awayError is a remote question that took too long, or whose database is
// away: the server words both alike.
type awayError struct{ server string }

func (e *awayError) Error() string   { return e.server + ": " + unavailableMessage }
func (e *awayError) Unwrap() []error { return []error{query.ErrTimeout, store.ErrUnavailable} }

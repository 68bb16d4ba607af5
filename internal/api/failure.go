package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api/contract"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

var (
	errNoSuchPath  = errors.New("There is nothing at this path; see /api/docs")                                  //nolint:staticcheck // shown as it is
	errCrossOrigin = errors.New("Requests from other sites are refused; configure their origin in cors.origins") //nolint:staticcheck // shown as it is
)

// methodError is a method that a path does not have.
type methodError struct{ method, allowed string }

func (e *methodError) Error() string {
	return fmt.Sprintf("%s is not allowed here; %s", e.method, e.allowed)
}

// mediaTypeError is a Content-Type that is not read.
type mediaTypeError struct{ *metric.FieldError }

const (
	internalMessage    = "Something went wrong; the log has the details under this correlation id"
	unavailableMessage = "Data temporarily unavailable" // the words of query.ErrTimeout
	busyMessage        = "Too many questions at once; ask again in a moment"
	defaultRetryAfter  = 30 * time.Second
)

// titles are the kinds of errors in words.
var titles = map[int]string{
	http.StatusBadRequest:            "Bad Request",
	http.StatusUnauthorized:          "Authentication Required",
	http.StatusForbidden:             "Access Denied",
	http.StatusNotFound:              "Not Found",
	http.StatusMethodNotAllowed:      "Method Not Allowed",
	http.StatusRequestTimeout:        "Request Timeout",
	http.StatusRequestEntityTooLarge: "Payload Too Large",
	http.StatusUnsupportedMediaType:  "Unsupported Media Type",
	http.StatusInternalServerError:   "Internal Server Error",
	http.StatusServiceUnavailable:    "Service Unavailable",
}

// fail answers with an error: the only place that writes one, and the only one
// that logs it.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && context.Cause(r.Context()) == context.Canceled { //nolint:errorlint // its own, not one that wraps it
		panic(http.ErrAbortHandler) // nobody is there, or somebody who must not take silence for an answer
	}
	f := describe(err)
	id := w.Header().Get(correlationHeader)
	h.log(r, f, id, err)
	for name, value := range f.headers {
		w.Header().Set(name, value)
	}
	body := f.body
	body.Error = titles[f.status]
	body.StatusCode = f.status
	body.CorrelationID = id
	writeJSON(w, f.status, body)
}

// log leaves out what the sender alone has to mend, and warnings of which there
// are too many.
func (h *handler) log(r *http.Request, f failure, id string, err error) {
	level, unlogged := slog.LevelError, 0
	if f.status != http.StatusInternalServerError {
		thin := h.warnings[f.status]
		if thin == nil {
			return
		}
		var ok bool
		if unlogged, ok = thin.admit(time.Now()); !ok {
			return
		}
		level = slog.LevelWarn
	}
	attrs := []any{"method", methodOf(r), "path", h.pathOf(r), "status", f.status, "error", err, "correlation_id", id}
	if unlogged > 0 {
		attrs = append(attrs, "unlogged", unlogged)
	}
	h.Logger.Log(r.Context(), level, "request not answered", attrs...)
}

// methodOf returns the method of a request as the log shows it: anybody can send
// any word, of any length.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
		return r.Method
	}
	return "OTHER"
}

// pathOf returns the path of a request as the log shows it: anybody can ask for
// any path, also for one with personal data in it.
func (h *handler) pathOf(r *http.Request) string {
	for _, method := range [...]string{http.MethodGet, http.MethodPost} {
		if _, pattern := h.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "" {
			return strings.TrimPrefix(pattern, method+" ")
		}
	}
	return "another"
}

// failure is an error as the caller may see it.
type failure struct {
	status  int
	body    contract.Error
	headers map[string]string
}

// describe decides which answer an error becomes.
func describe(err error) failure {
	var (
		field   *metric.FieldError
		body    *ingest.BodyError
		ranged  *metric.RangeError
		tooMany *ingest.ErrTooMany
		media   *mediaTypeError
		method  *methodError
		away    *ingest.UnavailableError
	)
	switch {
	case errors.As(err, &media):
		return withField(http.StatusUnsupportedMediaType, media.FieldError)
	case errors.As(err, &field):
		return withField(http.StatusBadRequest, field)
	case errors.As(err, &body):
		return withEntry(body)
	case errors.As(err, &ranged):
		return withMessage(http.StatusBadRequest, ranged.Error())
	case errors.As(err, &tooMany):
		f := withMessage(http.StatusRequestEntityTooLarge, tooMany.Error())
		f.body.Detail, f.body.MaxBatchSize, f.body.Received = tooMany.Error(), tooMany.Max, tooMany.Received
		return f
	case errors.Is(err, ingest.ErrTooLarge):
		return withMessage(http.StatusRequestEntityTooLarge, ingest.ErrTooLarge.Error())
	case errors.Is(err, ingest.ErrTooSlow):
		return withMessage(http.StatusRequestTimeout, ingest.ErrTooSlow.Error())
	case errors.Is(err, ingest.ErrEncoding):
		return withMessage(http.StatusUnsupportedMediaType, ingest.ErrEncoding.Error())
	case errors.Is(err, errNoSuchPath):
		return withMessage(http.StatusNotFound, errNoSuchPath.Error())
	case errors.As(err, &method):
		return withMessage(http.StatusMethodNotAllowed, method.Error()).with("Allow", method.allowed)
	case errors.Is(err, errCrossOrigin):
		return withMessage(http.StatusForbidden, errCrossOrigin.Error())
	case errors.Is(err, admin.ErrUnauthenticated):
		return withHint(http.StatusUnauthorized, admin.ErrUnauthenticated, err).with("WWW-Authenticate", "Bearer")
	case errors.Is(err, admin.ErrForbidden):
		return withHint(http.StatusForbidden, admin.ErrForbidden, err)
	case errors.Is(err, admin.ErrUnverifiable):
		return unavailable(admin.ErrUnverifiable.Error(), defaultRetryAfter)
	case errors.As(err, &away):
		return unavailable(unavailableMessage, away.RetryAfter)
	case errors.Is(err, errBusy):
		return unavailable(busyMessage, questionPatience)
	case errors.Is(err, query.ErrTimeout), errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return unavailable(unavailableMessage, defaultRetryAfter)
	}
	return withMessage(http.StatusInternalServerError, internalMessage)
}

func withMessage(status int, message string) failure {
	return failure{status: status, body: contract.Error{Message: message}, headers: map[string]string{}}
}

// withHint is the answer to a caller who is not let in.
func withHint(status int, kind, err error) failure {
	f := withMessage(status, kind.Error())
	f.body.Details.Hint = admin.Hint(err)
	return f
}

func withField(status int, e *metric.FieldError) failure {
	f := withMessage(status, e.Error())
	f.body.Details = contract.ErrorDetails{Field: e.Field, Value: e.Value, Allowed: e.Allowed}
	return f
}

func withEntry(e *ingest.BodyError) failure {
	f := withMessage(http.StatusBadRequest, e.Error())
	f.body.Details = contract.ErrorDetails{Field: e.Field, Value: e.Value, Allowed: e.Allowed}
	if e.Index >= 0 {
		f.body.Details.Index = &e.Index
	}
	return f
}

func unavailable(message string, after time.Duration) failure {
	seconds := max(1, int(math.Ceil(after.Seconds())))
	return withMessage(http.StatusServiceUnavailable, message).with("Retry-After", strconv.Itoa(seconds))
}

func (f failure) with(header, value string) failure {
	f.headers[header] = value
	return f
}

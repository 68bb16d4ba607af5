// Package collect owns the observation of HTTP requests: the middleware that
// makes one sample of each, the response recorder, route naming, exclusions
// and the request timeout. It refuses to fail or slow the observed
// application, and it does not store anything: samples go to a Recorder.
package collect

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// requestIDHeader carries the correlation id, in and out.
const requestIDHeader = "X-Request-Id"

// Recorder takes the sample of a request. It must not block; what it panics
// with is logged and goes no further.
type Recorder interface {
	Record(metric.Request)
}

// Options configure a Collector. Every zero value but Recorder works.
type Options struct {
	Recorder Recorder

	// App is put on every sample; empty means metric.DefaultApp.
	App string

	// Exclude lists paths that are never recorded: exact, or prefixes when
	// they end in "/". Nil means DefaultExclude.
	Exclude []string

	// Namer makes endpoints of paths; nil means one without routes.
	Namer *Namer

	// Timeout is how long a response may take to begin; 0 means no limit.
	Timeout time.Duration

	// Identify returns the user id of a request, empty when anonymous. It is
	// called before the handler and must be quick; nil means all anonymous.
	Identify func(*http.Request) string

	// Logger nil means no log. Now nil means time.Now.
	Logger *slog.Logger
	Now    func() time.Time
}

// DefaultExclude returns the paths that are not recorded unless configured
// otherwise.
func DefaultExclude() []string {
	return []string{"/health", "/ready", "/ping", "/internal/", "/admin/system/"}
}

// Collector makes samples of requests. It is safe for concurrent use.
type Collector struct{ opts Options }

// New returns a collector.
func New(opts Options) *Collector {
	if opts.App == "" {
		opts.App = metric.DefaultApp
	}
	if opts.Exclude == nil {
		opts.Exclude = DefaultExclude()
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Namer == nil {
		kept := HoursOptions{Reach: metric.RawRetention, Now: opts.Now}
		opts.Namer, _ = NewNamer(nil, kept) // no routes, nothing to be wrong
	}
	return &Collector{opts: opts}
}

// Middleware returns a handler that observes next: exactly one sample of every
// request whose path is not excluded. It gives request and response a
// correlation id, which a handler may replace in the response; the sample has
// the one that the client sees. It answers panics with 500 and responses that do not begin in time with 504.
// Excluded requests pass untouched.
func (c *Collector) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.isExcluded(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		c.observe(next, w, r)
	})
}

func (c *Collector) observe(next http.Handler, w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get(requestIDHeader)
	if !isCorrelationID(id) {
		id = newCorrelationID()
		r.Header[requestIDHeader] = []string{id}
	}
	rec := &recorder{
		collector: c,
		w:         w,
		header:    make(http.Header),
		client:    r.Context(),
		request:   r,
		path:      r.URL.EscapedPath(),
		start:     c.opts.Now(),
		id:        id,
		user:      c.identify(r, id),
		isJSON:    strings.Contains(r.Header.Get("Accept"), "json"),
	}
	maps.Copy(rec.header, w.Header()) // what outer handlers have set
	rec.header[requestIDHeader] = []string{id}
	ctx := context.Context(requestContext{r.Context(), id})
	if c.opts.Timeout > 0 {
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		rec.cancel = cancel
		inner := r.WithContext(ctx) //nolint:contextcheck // requestContext inherits
		rec.watchBody(inner)
		r = inner
		rec.armTimeout()
	} else {
		r = r.WithContext(ctx) //nolint:contextcheck // requestContext inherits
	}
	defer rec.finish()
	next.ServeHTTP(rec.writer(), r)
	rec.isReturned = true
}

// isExcluded says whether requests for a path are not recorded.
func (c *Collector) isExcluded(path string) bool {
	return slices.ContainsFunc(c.opts.Exclude, func(e string) bool {
		return path == e || strings.HasSuffix(e, "/") && strings.HasPrefix(path, e)
	})
}

func (c *Collector) identify(r *http.Request, id string) (user string) {
	if c.opts.Identify == nil {
		return ""
	}
	defer func() {
		if p := recover(); p != nil {
			c.opts.Logger.Error("identify panicked", "correlation_id", id, "panic", p)
			user = ""
		}
	}()
	return clean(c.opts.Identify(r), metric.MaxUserID)
}

// record makes the sample. It must not harm the request: R4.
func (c *Collector) record(rec *recorder, o outcome) {
	defer func() {
		if p := recover(); p != nil {
			c.opts.Logger.Error("recorder panicked", "correlation_id", rec.id, "panic", p)
		}
	}()
	if o.errorType == "" {
		o.errorType = metric.ErrorTypeFor(o.status)
	}
	c.opts.Recorder.Record(metric.Request{
		Timestamp:      rec.start.UTC(),
		App:            c.opts.App,
		Endpoint:       c.opts.Namer.Name(rec.path, rec.start),
		Method:         methodName(rec.request.Method),
		StatusCode:     o.status,
		ResponseTimeMS: float64(max(o.took, 0)) / float64(time.Millisecond),
		UserID:         rec.user,
		ErrorType:      o.errorType,
		CorrelationID:  rec.id,
	})
}

// methodName keeps the methods that are in use and calls all others OTHER:
// clients may send any word, and each would be a series of its own.
func methodName(method string) string {
	switch method {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
		"QUERY", "PURGE", "REPORT", "SEARCH", "LINK", "UNLINK", "COPY", "MOVE", "LOCK", "UNLOCK",
		"MKCOL", "PROPFIND", "PROPPATCH", "MKCALENDAR":
		return method
	}
	return "OTHER"
}

// clean makes a text fit for a column: valid, no NUL, at most so many
// characters.
func clean(s string, most int) string {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	}
	if len(s) > most && utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most])
	}
	return s
}

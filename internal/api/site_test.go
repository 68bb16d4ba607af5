package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// now is when every test takes place.
var now = time.Date(2025, 10, 18, 12, 35, 2, 0, time.UTC)

func clock() time.Time { return now }

// site is a running handler over a real store and a real queue.
type site struct {
	t      testing.TB
	url    string
	http   *http.Client
	wire   http.RoundTripper // the transport below the check
	store  *store.Store
	engine *query.Engine
	queue  *ingest.Queue

	database string // the URL of the store
}

// sink is the store as the queue writes to it.
type sink struct{ *store.Store }

func (s sink) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	_, err := s.AppendAt(ctx, b, at)
	return err
}

// open starts a site. change may set options of the handler.
func open(t testing.TB, engine string, change ...func(*api.Options)) *site {
	t.Helper()
	s := &site{t: t, database: storetest.URL(t, engine)}
	s.store = storetest.OpenAt(t, store.Options{URL: s.database, Now: clock})
	if _, err := s.store.MigrateUp(t.Context(), nil); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	s.queue = ingest.New(ingest.Options{
		Sink: sink{s.store},
	})
	s.queue.Start(context.Background())
	t.Cleanup(func() {
		if err := s.queue.Stop(context.Background()); err != nil {
			t.Errorf("stop queue: %v", err)
		}
	})
	s.engine = query.New(query.Options{
		Store: s.store, Now: clock, WarnRows: 800_000, LimitRows: 1_000_000,
		Collection: func() query.Collection {
			stats := s.queue.Stats()
			return query.Collection{Rejected: stats.Rejected, Late: stats.Late}
		},
	})
	o := api.Options{Source: s.engine, Intake: s.queue, Now: clock}
	for _, f := range change {
		f(&o)
	}
	h, err := api.New(o)
	if err != nil {
		t.Fatalf("new handler: %v", err)
	}
	s.serve(h)
	return s
}

// over starts a site over a source and an intake of the test's own.
func over(t testing.TB, o api.Options) *site {
	t.Helper()
	o.Now = clock
	h, err := api.New(o)
	if err != nil {
		t.Fatalf("new handler: %v", err)
	}
	s := &site{t: t}
	s.serve(h)
	return s
}

func (s *site) serve(h http.Handler) {
	server := httptest.NewServer(h)
	s.t.Cleanup(server.Close)
	s.url = server.URL
	s.http = server.Client()
	s.wire = s.http.Transport
	s.http.Transport = checked{t: s.t, next: s.wire}
}

// interrupted starts a site whose senders are too slow: the time for a body is up
// before it has begun.
func interrupted(t testing.TB) *site {
	t.Helper()
	h, err := api.New(api.Options{Source: broken{}, Intake: broken{}, Now: clock})
	if err != nil {
		t.Fatalf("new handler: %v", err)
	}
	s := &site{t: t}
	s.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = io.NopCloser(iotest.ErrReader(os.ErrDeadlineExceeded))
		h.ServeHTTP(w, r)
	}))
	return s
}

// answer is a response that was read.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// fault is an error answer as any client sees it.
type fault struct {
	Error, Message string
	StatusCode     int    `json:"status_code"`
	CorrelationID  string `json:"correlation_id"`
	Details        map[string]any
	Detail         string
	MaxBatchSize   int `json:"max_batch_size"`
	Received       int
}

func (a answer) fault(t testing.TB) fault {
	t.Helper()
	var f fault
	if err := json.Unmarshal(a.Body, &f); err != nil {
		t.Fatalf("error answer %q: %v", a.Body, err)
	}
	return f
}

// do sends a request. headers are pairs of name and value.
func (s *site) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, read}
}

func (s *site) get(path string, headers ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, "", headers...)
}

func (s *site) post(path, body string, headers ...string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, path, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// fill stores a small history whose figures are easy to see.
func (s *site) fill() {
	s.t.Helper()
	id := func(n int) uuid.UUID { return uuid.MustParse("0197f9d2-6f3a-7c31-9d0e-0000000000" + strconv.Itoa(n)) }
	at := func(ago time.Duration) time.Time { return now.Add(-ago) }
	batch := metric.Batch{
		Requests: []metric.Request{
			{ID: id(10), Timestamp: at(3 * time.Hour), App: "orders", Endpoint: "/orders/{id}", Method: "GET", StatusCode: 200, ResponseTimeMS: 120, UserID: "ada"},
			{ID: id(11), Timestamp: at(2 * time.Hour), App: "orders", Endpoint: "/orders/{id}", Method: "GET", StatusCode: 200, ResponseTimeMS: 80, UserID: "bob"},
			{ID: id(12), Timestamp: at(time.Hour), App: "orders", Endpoint: "/orders", Method: "POST", StatusCode: 500, ResponseTimeMS: 900, UserID: "ada", ErrorType: "SERVER_ERROR_500", CorrelationID: "c-1"},
			{ID: id(13), Timestamp: at(time.Minute), App: "shop", Endpoint: "/", Method: "GET", StatusCode: 404, ResponseTimeMS: 2, ErrorType: "CLIENT_ERROR_404"},
			{ID: id(14), Timestamp: at(26 * time.Hour), App: "orders", Endpoint: "/orders", Method: "POST", StatusCode: 201, ResponseTimeMS: 60, UserID: "eve"},
		},
		Events: []metric.Event{
			{ID: id(20), Timestamp: at(3 * time.Hour), App: "orders", EventType: "page_view", UserID: "ada", PageName: "/orders", Success: true},
			{ID: id(21), Timestamp: at(time.Hour), App: "orders", EventType: "button_click", UserID: "local", PageName: "/orders", ElementID: "add-order", Success: true, Metadata: json.RawMessage(`{"rows":3}`), CorrelationID: "c-2"},
			{ID: id(22), Timestamp: at(time.Minute), App: "orders", EventType: "form_submit", PageName: "/orders", ElementID: "form", Success: false},
		},
	}
	if _, err := s.store.Append(s.t.Context(), batch); err != nil {
		s.t.Fatalf("append: %v", err)
	}
}

func unmarshal(b []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(b))
	return decoder.Decode(v)
}

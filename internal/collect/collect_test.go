package collect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// samples is a Recorder that hands samples to the test.
type samples chan metric.Request

func (s samples) Record(r metric.Request) { s <- r }

// one returns the only sample; none may follow.
func (s samples) one(t *testing.T) metric.Request {
	t.Helper()
	select {
	case r := <-s:
		if len(s) > 0 {
			t.Errorf("a second sample: %+v", <-s)
		}
		return r
	case <-time.After(time.Minute):
		t.Fatal("no sample")
		return metric.Request{}
	}
}

type fixture struct {
	*httptest.Server
	samples samples
	log     *logBuffer
}

// logBuffer is safe for the handlers' goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve runs the middleware around handler on a real server of the protocol.
func serve(t *testing.T, protocol string, opts collect.Options, handler http.HandlerFunc) *fixture {
	t.Helper()
	return serveOn(t, nil, nil, protocol, opts, handler)
}

// dial is how a client gets a connection.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// serveOn is serve on a listener that dial reaches; nil is the machine's
// network.
func serveOn(t *testing.T, listener net.Listener, dial dial, protocol string, opts collect.Options, handler http.HandlerFunc) *fixture {
	t.Helper()
	f := &fixture{samples: make(samples, 100), log: &logBuffer{}}
	if opts.Recorder == nil {
		opts.Recorder = f.samples
	}
	opts.Logger = slog.New(slog.NewTextHandler(f.log, nil))
	f.Server = httptest.NewUnstartedServer(collect.New(opts).Middleware(handler))
	if listener != nil {
		_ = f.Listener.Close() // never used
		f.Listener = listener
	}
	f.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	f.Config.Protocols = new(http.Protocols)
	f.Config.Protocols.SetHTTP1(true)
	f.Config.Protocols.SetUnencryptedHTTP2(true)
	f.Start()
	transport := &http.Transport{Protocols: new(http.Protocols), DialContext: dial}
	transport.Protocols.SetHTTP1(protocol == "HTTP/1.1")
	transport.Protocols.SetUnencryptedHTTP2(protocol == "h2c")
	client := &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		f.Close()
	})
	f.Client().Transport = client.Transport
	return f
}

// each runs a test on both protocols.
func each(t *testing.T, test func(t *testing.T, protocol string)) {
	t.Helper()
	for _, protocol := range []string{"HTTP/1.1", "h2c"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			test(t, protocol)
		})
	}
}

func get(t *testing.T, f *fixture, path string) (*http.Response, string) {
	t.Helper()
	resp, err := f.Client().Get(f.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

func TestSampleOfARequest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, protocol string) {
		var seen, inContext string
		f := serve(t, protocol, collect.Options{App: "shop", Timeout: time.Minute, Identify: func(r *http.Request) string { return r.Header.Get("X-User") + "\x00" }},
			func(w http.ResponseWriter, r *http.Request) {
				seen, inContext = r.Header.Get("X-Request-Id"), collect.CorrelationID(r.Context())
				w.Header().Set("X-Answer", "42")
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "short and stout")
			})
		req, _ := http.NewRequest(http.MethodGet, f.URL+"/orders/17?q=secret", nil)
		req.Header.Set("X-User", "ann")
		req.Header.Set("X-Request-Id", "from-the-client")
		resp, err := f.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusTeapot || string(body) != "short and stout" || resp.Header.Get("X-Answer") != "42" {
			t.Errorf("response %d %q %v", resp.StatusCode, body, resp.Header)
		}
		if got := resp.Header["X-Request-Id"]; len(got) != 1 || got[0] != "from-the-client" {
			t.Errorf("X-Request-Id returned: %q", got)
		}
		s := f.samples.one(t)
		if seen != "from-the-client" || inContext != seen || s.CorrelationID != seen {
			t.Errorf("correlation id %q in the request, %q in the context, %q in the sample", seen, inContext, s.CorrelationID)
		}
		if s.App != "shop" || s.Endpoint != "/orders/{id}" || s.Method != "GET" || s.StatusCode != 418 ||
			s.ErrorType != "CLIENT_ERROR_418" || s.UserID != "ann\uFFFD" || s.ResponseTimeMS <= 0 || s.Timestamp.Location() != time.UTC {
			t.Errorf("sample %+v", s)
		}
	})
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, path string
		handler    http.HandlerFunc
		status     int
		method     string
	}{
		{"nothing written", "/a", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Late", "1") }, 200, "GET"},
		{"written only", "/a", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) }, 200, "GET"},
		{"no content", "/a", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, "DELETE"},
		{"twice", "/a", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); w.WriteHeader(500) }, 201, "GET"},
		{"early hints", "/a", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</a.css>")
			w.WriteHeader(103)
			w.WriteHeader(404)
		}, 404, "GET"},
		{"unknown method", "/a", func(http.ResponseWriter, *http.Request) {}, 200, "FROBNICATE"},
		{"head", "/a", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "5") }, 200, "HEAD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, protocol string) {
				f := serve(t, protocol, collect.Options{Timeout: time.Minute}, tt.handler)
				req, _ := http.NewRequest(tt.method, f.URL+tt.path, nil)
				resp, err := f.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				s := f.samples.one(t)
				want := tt.method
				if want == "FROBNICATE" {
					want = "OTHER"
				}
				if resp.StatusCode != tt.status || s.StatusCode != tt.status || s.Method != want {
					t.Errorf("answered %d, recorded %d %s; want %d", resp.StatusCode, s.StatusCode, s.Method, tt.status)
				}
				if id := resp.Header.Get("X-Request-Id"); uuid.Validate(id) != nil || s.CorrelationID != id {
					t.Errorf("X-Request-Id %q, sample has %q", id, s.CorrelationID)
				}
				if tt.name == "nothing written" && resp.Header.Get("X-Late") != "1" {
					t.Error("header of an empty response is lost")
				}
			})
		})
	}
}

func TestExclusions(t *testing.T) {
	t.Parallel()
	f := serve(t, "HTTP/1.1", collect.Options{}, func(http.ResponseWriter, *http.Request) {})
	for _, path := range []string{"/health", "/ready", "/ping", "/internal/x", "/admin/system/y"} {
		get(t, f, path)
	}
	if len(f.samples) != 0 {
		t.Errorf("recorded %+v", <-f.samples)
	}
	for _, path := range []string{"/healthy", "/health/", "/internal", "/admin/systems"} {
		get(t, f, path)
		if s := f.samples.one(t); s.Endpoint != path {
			t.Errorf("%s recorded as %s", path, s.Endpoint)
		}
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, protocol string) {
		f := serve(t, protocol, collect.Options{Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/begun":
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic("too late")
			case "/upstream-died":
				w.Header().Set("Content-Length", "10")
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
			panic("at once")
		})
		req, _ := http.NewRequest(http.MethodGet, f.URL+"/fresh", nil)
		req.Header.Set("Accept", "application/json")
		resp, err := f.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			StatusCode    int    `json:"status_code"`
			CorrelationID string `json:"correlation_id"`
		}
		_ = json.NewDecoder(resp.Body).Decode(&body)
		_ = resp.Body.Close()
		s := f.samples.one(t)
		if resp.StatusCode != 500 || s.StatusCode != 500 || s.ErrorType != metric.ErrorPanic {
			t.Errorf("answered %d, recorded %+v", resp.StatusCode, s)
		}

		if log := f.log.String(); !strings.Contains(log, s.CorrelationID) || !strings.Contains(log, "at once") || !strings.Contains(log, "collect_test.go") {
			t.Errorf("log lacks id, panic or stack: %s", log)
		}
		if body.CorrelationID != s.CorrelationID {
			t.Errorf("body names %q, want %q", body.CorrelationID, s.CorrelationID)
		}
		for path, want := range map[string]struct {
			status int
			kind   string
		}{"/begun": {500, metric.ErrorPanic}, "/upstream-died": {502, "SERVER_ERROR_502"}} {
			resp, err := f.Client().Get(f.URL + path)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if err == nil {
				t.Errorf("%s: the client was not told that the response is cut", path)
			}
			if s := f.samples.one(t); s.StatusCode != want.status || s.ErrorType != want.kind {
				t.Errorf("%s: recorded %d %s, want %v", path, s.StatusCode, s.ErrorType, want)
			}
		}
	})
}

func TestClientGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, protocol string) {
		entered := make(chan struct{})
		f := serve(t, protocol, collect.Options{Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done()
			w.WriteHeader(http.StatusBadGateway) // what a proxy does
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-entered
			cancel()
		}()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, f.URL+"/a", nil)
		if _, err := f.Client().Do(req); err == nil {
			t.Error("the client got an answer")
		}
		if s := f.samples.one(t); s.StatusCode != 499 || s.ErrorType != metric.ErrorClientClosed {
			t.Errorf("recorded %d %s", s.StatusCode, s.ErrorType)
		}
	})
}

func TestPanickingRecorderAndIdentifyDoNoHarm(t *testing.T) {
	t.Parallel()
	f := serve(t, "HTTP/1.1", collect.Options{
		Recorder: recorderFunc(func(metric.Request) { panic("full") }),
		Identify: func(*http.Request) string { panic("nobody") },
	}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	resp, body := get(t, f, "/a")
	if resp.StatusCode != 200 || body != "fine" {
		t.Errorf("answered %d %q", resp.StatusCode, body)
	}
	if log := f.log.String(); strings.Count(log, resp.Header.Get("X-Request-Id")) != 2 {
		t.Errorf("log: %s", log)
	}
}

type recorderFunc func(metric.Request)

func (f recorderFunc) Record(r metric.Request) { f(r) }

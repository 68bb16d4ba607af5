package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/server"
)

// TestMain also plays the applications that the tests start as commands: the
// test binary runs itself, told by the environment which one to be.
func TestMain(m *testing.M) {
	if name := os.Getenv("SERVER_TEST_APPLICATION"); name != "" {
		time.AfterFunc(5*patience, func() { os.Exit(1) }) // when a test fails to end it
		os.Exit(applications[name](os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what should happen at once, unless the
// machine is busy.
const patience = time.Minute

// samples keeps what was recorded.
type samples struct {
	mu   sync.Mutex
	all  []metric.Request
	more chan struct{}
}

func newSamples() *samples { return &samples{more: make(chan struct{})} }

func (s *samples) Record(r metric.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, r)
	close(s.more)
	s.more = make(chan struct{})
}

func (s *samples) taken() []metric.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]metric.Request(nil), s.all...)
}

// wait returns the samples once there are n of them.
func (s *samples) wait(t *testing.T, n int) []metric.Request {
	t.Helper()
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		all, more := append([]metric.Request(nil), s.all...), s.more
		s.mu.Unlock()
		if len(all) >= n {
			return all
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("got %d samples, want %d: %+v", len(all), n, all)
		}
	}
}

// rig is a running server and what it records.
type rig struct {
	*server.Server
	URL     string
	samples *samples
	client  *http.Client
}

func testOptions(recorded *samples) server.Options {
	observed := collect.New(collect.Options{Recorder: recorded, App: "shop"})
	self := collect.New(collect.Options{Recorder: recorded, App: metric.SelfApp})
	return server.Options{
		Listen: "127.0.0.1:0",
		API: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if w.Header().Get("X-Request-Id") == "" { // as the real one does
				w.Header().Set("X-Request-Id", "made-by-the-api")
			}
			_, _ = io.WriteString(w, "api "+r.URL.Path)
		}),
		Checker:     admin.Local{},
		Observe:     observed.Middleware,
		ObserveSelf: self.Middleware,
		Grace:       time.Minute,
	}
}

// serve starts a server and stops it when the test ends.
func serve(t testing.TB, change func(*server.Options)) *rig {
	t.Helper()
	recorded := newSamples()
	options := testOptions(recorded)
	if change != nil {
		change(&options)
	}
	s, err := server.New(options)
	if err != nil {
		t.Fatalf("new server: %v", err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatalf("start: %v", err)
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return &rig{Server: s, URL: "http://" + s.Addr().String(), samples: recorded, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// before starts a server in front of an application.
func before(t testing.TB, application http.HandlerFunc, change func(*server.Options)) *rig {
	t.Helper()
	upstream := httptest.NewServer(application)
	t.Cleanup(upstream.Close)
	return serve(t, func(o *server.Options) {
		o.Upstream = parse(t, upstream.URL)
		if change != nil {
			change(o)
		}
	})
}

func parse(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// get returns the response to a GET, its body read.
func (g *rig) get(t testing.TB, path string, header ...string) (*http.Response, string) {
	t.Helper()
	return g.do(t, http.MethodGet, path, http.NoBody, header...)
}

func (g *rig) do(t testing.TB, method, path string, body io.Reader, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, g.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	res, err := g.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: read body: %v", method, path, err)
	}
	return res, string(text)
}

// within fails the test when c does not deliver.
func within[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("no sign of: %s", what)
		panic("unreachable")
	}
}

// awake returns what tells how long this process has run since. A machine that
// is busy with something else, or stands still, adds nothing to that: a ticker
// drops the ticks that nobody took.
func awake(t testing.TB) func() time.Duration {
	const beat = 10 * time.Millisecond
	var beats atomic.Int64
	over := make(chan struct{})
	var counting sync.WaitGroup
	counting.Go(func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				beats.Add(1)
			case <-over:
				return
			}
		}
	})
	t.Cleanup(func() {
		close(over)
		counting.Wait()
	})
	return func() time.Duration { return time.Duration(beats.Load()) * beat }
}

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// desk is a server that is used without a network, so that it can be in a bubble
// whose time passes by itself. Its requests last until the test lets them end.
type desk struct {
	handler http.Handler
	log     logged
	release chan struct{}
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{release: make(chan struct{})}
	o := testOptions(newSamples())
	bounded(&o)
	o.Logger = d.log.logger()
	o.API = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-d.release })
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d.handler = s.Handler()
	return d
}

// ask asks what lasts.
func (d *desk) ask() <-chan int { return d.get("/api/v1/metrics/usage") }

// get delivers the status of the answer.
func (d *desk) get(path string) <-chan int {
	answer := make(chan int, 1)
	go func() {
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		answer <- w.Code
	}()
	synctest.Wait()
	return answer
}

// A request for which there is no place waits for one, for a second.
func TestRequestsWaitForAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		for range places {
			d.ask()
		}
		began := time.Now()
		if status := <-d.ask(); status != http.StatusServiceUnavailable || time.Since(began) != time.Second {
			t.Errorf("got %d after %v, want 503 after a second", status, time.Since(began))
		}
		patient := d.ask()
		time.Sleep(time.Second / 2)
		d.release <- struct{}{} // of one that is being answered
		synctest.Wait()
		close(d.release)
		if status := <-patient; status != http.StatusOK {
			t.Errorf("who found a place after half a second got %d", status)
		}
		synctest.Wait()
		if status := <-d.ask(); status != http.StatusOK {
			t.Errorf("afterwards: got %d", status)
		}
	})
}

// No more of them wait than there are connections left: over HTTP/2 there would be
// 250 for each.
func TestFewRequestsWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		for range places {
			d.ask()
		}
		d.ask()
		began := time.Now()
		if status := <-d.ask(); status != http.StatusServiceUnavailable || time.Since(began) != 0 {
			t.Errorf("one more got %d after %v, want 503 at once", status, time.Since(began))
		}
		close(d.release)
	})
}

// What says that the process lives waits for nobody.
func TestHealthDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		for range places {
			d.ask()
		}
		for _, path := range []string{"/internal/appmetrics/health", "/internal/appmetrics/ready", "/health", "/ready", "/ping"} {
			began := time.Now()
			if status := <-d.get(path); status != http.StatusOK || time.Since(began) != 0 {
				t.Errorf("%s: got %d after %v, want 200 at once", path, status, time.Since(began))
			}
		}
		close(d.release)
	})
}

// Before requests are refused the log says so, once.
func TestWarningOfRequestsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		const warning = `level=WARN msg="nearly full" what=requests percent=85 used=12 capacity=14 when_full="further ones wait for 1 s and are then refused with 503"`
		for n := 1; n <= places; n++ {
			d.ask()
			want := 0
			if n >= 12 {
				want = 1
			}
			if got := strings.Count(d.log.String(), warning); got != want {
				t.Errorf("%d requests: warned %d times, want %d: %s", n, got, want, d.log.String())
			}
		}
		close(d.release)
		synctest.Wait()
		if n := strings.Count(d.log.String(), "level=INFO msg=\"there is room again\" what=requests"); n != 1 {
			t.Errorf("said %d times that there is room, want once: %s", n, d.log.String())
		}
	})
}

// There are fewer requests than connections, so that some can wait and one can
// always give way.
func TestBoundOfRequests(t *testing.T) {
	t.Parallel()
	for connections, want := range map[int]int{10: 8, 16: 14, 10_000: 8750} {
		if got := server.RequestBound(connections); got != want {
			t.Errorf("%d connections: got %d, want %d", connections, got, want)
		}
	}
}

// Who stops a server waits ten seconds at most, unless they say otherwise: nine
// until what was recorded must be written.
func TestTimeToStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for grace, want := range map[time.Duration]time.Duration{0: 9 * time.Second, time.Minute: 54 * time.Second} {
			o := testOptions(newSamples())
			o.Grace = grace
			var left time.Duration
			o.Flush = func(ctx context.Context) error {
				until, _ := ctx.Deadline()
				left = time.Until(until)
				return nil
			}
			s, err := server.New(o)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Stop(t.Context()); err != nil || left != want {
				t.Errorf("%v: %v for writing (%v), want %v", grace, left, err, want)
			}
		}
	})
}

// A handler that does not hear that its request is over is not waited for.
func TestStopDoesNotWaitForWhoHearsNothing(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	var log logged
	g := serve(t, func(o *server.Options) {
		o.Grace, o.Logger = 200*time.Millisecond, log.logger()
		o.API = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			close(arrived)
			<-release
		})
	})
	t.Cleanup(func() { close(release) })
	g.open(t, "GET /api/v1/metrics/usage HTTP/1.1\r\nHost: x\r\n\r\n")
	within(t, "request in flight", arrived)
	stopped := make(chan error, 1)
	go func() { stopped <- g.Stop(context.Background()) }()
	if err := within(t, "stop", stopped); err != nil || !strings.Contains(log.String(), "requests cut off") {
		t.Errorf("stop: %v, log: %s", err, log.String())
	}
}

// What the application may take its time with has an end before it answers.
func TestTimesOfTheApplication(t *testing.T) {
	t.Parallel()
	transport := server.NewTransport()
	for name, test := range map[string]struct{ got, want time.Duration }{
		"silence":           {transport.IdleConnTimeout, 1500 * time.Millisecond},
		"TLS":               {transport.TLSHandshakeTimeout, 5 * time.Second},
		"the word to go on": {transport.ExpectContinueTimeout, time.Second},
		"an answer":         {transport.ResponseHeaderTimeout, 0},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %v, want %v", name, test.got, test.want)
		}
	}
}

// A body for the dashboard has the time of one for the API, also where there is no
// application.
func TestSlowBodiesOfTheDashboard(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	g := serve(t, func(o *server.Options) {
		o.Dashboard = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			read <- err
		})
	})
	l := g.open(t, "POST /metrics/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	if err := within(t, "reading ends", read); err == nil {
		t.Error("half a body looks whole")
	}
	l.ended()
}

// Clients that send fast enough keep their place, however long it takes.
func TestFastSendersKeepTheirPlace(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answers(w, r)
	}, bounded)
	const size = 300_000
	lines := make([]*line, places)
	for i := range lines {
		lines[i] = g.open(t, fmt.Sprintf("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size)+strings.Repeat("a", size-1))
	}
	g.taken(t, places)
	if res, _ := g.open(t, hello).answer(); res.StatusCode != http.StatusServiceUnavailable { // once it has waited for a slow one
		t.Errorf("newcomer got %d, want 503", res.StatusCode)
	}
	for i, l := range lines {
		l.say("a")
		if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
			t.Errorf("client %d got %d %q", i, res.StatusCode, body)
		}
	}
}

// However many connections give way, the log says so once a minute.
func TestOneWarningOfManyConnections(t *testing.T) {
	t.Parallel()
	var log logged
	g := before(t, answers, func(o *server.Options) {
		bounded(o)
		o.Logger = log.logger()
	})
	for range 2 * fewest {
		g.open(t, "")
	}
	g.newcomer(t)
	if n := strings.Count(log.String(), "too many connections"); n != 1 {
		t.Errorf("%d warnings, want 1: %s", n, log.String())
	}
}

package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/appmetrics/appmetrics/internal/server"
)

func TestAddressesThatCannotBeListenedOn(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	for _, test := range []struct{ name, listen, want string }{
		{"in use", busy.Addr().String(), "another program uses this port"},
		{"of another machine", "192.0.2.7:8080", "does not have the address"},
		{"no port", "127.0.0.1", "HOST:PORT"},
		{"port out of range", "127.0.0.1:99999", "HOST:PORT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := testOptions(newSamples())
			options.Listen = test.listen
			var flushed atomic.Int32
			options.Flush = func(context.Context) error { flushed.Add(1); return nil }
			s, err := server.New(options)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.listen) {
				t.Errorf("got %v, want one that names the address and says %q", err, test.want)
			}
			if n := flushed.Load(); n != 1 {
				t.Errorf("flushed %d times, want once", n)
			}
		})
	}
}

func TestUpstreamIsTheServerItself(t *testing.T) {
	t.Parallel()
	address := freePort(t)
	_, port, _ := net.SplitHostPort(address)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "127.0.0.9"} {
		options := testOptions(newSamples())
		options.Listen, options.Upstream = address, parse(t, "http://"+host+":"+port)
		s, err := server.New(options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "itself listens") {
			t.Errorf("%s: got %v", host, err)
		}
	}
}

func TestStopLetsRequestsEndAndFlushesLast(t *testing.T) {
	t.Parallel()
	arrived, proceed := make(chan struct{}), make(chan struct{})
	var recorded *samples
	flushed := make(chan int, 2)
	upstream := before(t, func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-proceed
		_, _ = io.WriteString(w, "answered")
	}, func(o *server.Options) {
		o.Flush = func(context.Context) error { flushed <- len(recorded.taken()); return nil }
	})
	recorded = upstream.samples
	answer := make(chan string, 1)
	go func() {
		_, body := upstream.get(t, "/slow")
		answer <- body
	}()
	within(t, "request in flight", arrived)
	stopped := make(chan error, 2)
	for range 2 { // Stop may be called twice, and waits twice
		go func() { stopped <- upstream.Stop(context.Background()) }()
	}
	eventually(t, "no new connections", func() bool { return !listens(upstream.Addr().String()) })
	if len(flushed) > 0 {
		t.Error("flushed before the last request was answered")
	}
	close(proceed)
	if got := within(t, "answer", answer); got != "answered" {
		t.Errorf("got %q", got)
	}
	for range 2 {
		if err := within(t, "stop", stopped); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	if n := within(t, "flush", flushed); n != 1 || len(flushed) > 0 {
		t.Errorf("flushed %d samples and %d times more, want 1 and none", n, len(flushed))
	}
}

func TestStopReportsWhatCouldNotBeWritten(t *testing.T) {
	t.Parallel()
	options := testOptions(newSamples())
	lost := errors.New("12 samples lost")
	options.Flush = func(context.Context) error { return lost }
	s, err := server.New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Run(ctx); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
}

// Streams never end by themselves: with nothing else in flight, stopping does
// not wait for them.
func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/socket" {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer conn.CloseNow()
			_, _, _ = conn.Read(r.Context())
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: first\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, func(o *server.Options) { o.Grace = time.Hour })
	events, err := g.client.Get(g.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	if line, _ := bufio.NewReader(events.Body).ReadString('\n'); line != "data: first\n" {
		t.Fatalf("got %q", line)
	}
	over2, err := h2c(t).Get(g.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer over2.Body.Close()
	socket, _, err := websocket.Dial(t.Context(), g.URL+"/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()

	stopped := make(chan error, 1)
	go func() { stopped <- g.Stop(context.Background()) }()
	if err := within(t, "stop", stopped); err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, _, err := socket.Read(t.Context()); err == nil {
		t.Error("the socket is still open")
	}
	for _, sample := range g.samples.wait(t, 3) {
		if sample.StatusCode != http.StatusOK && sample.StatusCode != http.StatusSwitchingProtocols {
			t.Errorf("recorded %d %s for %s", sample.StatusCode, sample.ErrorType, sample.Endpoint)
		}
	}
}

func TestStopCutsOffWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	var log logged
	g := before(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}, func(o *server.Options) { o.Grace, o.Logger = 200*time.Millisecond, log.logger() })
	broken := make(chan error, 1)
	go func() {
		res, err := g.client.Get(g.URL + "/for-ever")
		if err == nil {
			_ = res.Body.Close()
		}
		broken <- err
	}()
	within(t, "request in flight", arrived)
	if err := g.Stop(context.Background()); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := within(t, "client learns it", broken); err == nil {
		t.Error("a request that was cut off looks answered")
	}
	if sample := g.samples.wait(t, 1)[0]; sample.StatusCode != http.StatusBadGateway {
		t.Errorf("recorded %d %s: the client did not go away", sample.StatusCode, sample.ErrorType)
	}
	if !strings.Contains(log.String(), "requests did not end in time") {
		t.Errorf("log: %s", log.String())
	}
}

// Browsers connect in advance; nobody waits for what they never ask.
func TestStopDoesNotWaitForSilentConnections(t *testing.T) {
	t.Parallel()
	g := serve(t, func(o *server.Options) { o.Grace = time.Hour })
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	g.get(t, "/health") // accepted after the silent one
	took := awake(t)
	if err := g.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if took := took(); took > 4*time.Second { // net/http by itself takes five and more
		t.Errorf("took %v", took)
	}
}

// TERM under load: every request that a client saw answered is recorded, and
// recorded once.
func TestNoAnsweredRequestIsLost(t *testing.T) {
	for name, client := range map[string]func() *http.Client{
		"keep-alive":      func() *http.Client { return &http.Client{Transport: &http.Transport{}} },
		"new connections": func() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} },
		"HTTP/2":          func() *http.Client { return h2c(t) },
	} {
		t.Run(name, func(t *testing.T) {
			var flushed atomic.Int64
			r := start(t, "web", nil, nil)
			r.answers(t)
			var answered, failed, refused atomic.Int64
			var clients sync.WaitGroup
			enough := make(chan struct{})
			for i := range 16 {
				clients.Go(func() {
					c := client()
					defer c.CloseIdleConnections()
					for n := 0; ; n++ {
						res, err := c.Post(fmt.Sprintf("%s/load/%c/%c", r.URL, 'a'+i, 'a'+n%20), "text/plain", strings.NewReader("body"))
						if err != nil {
							refused.Add(1)
							return
						}
						_, err = io.Copy(io.Discard, res.Body)
						_ = res.Body.Close()
						switch {
						case err != nil:
							failed.Add(1)
						case res.StatusCode != http.StatusOK:
							failed.Add(1)
							t.Errorf("got %d", res.StatusCode)
						default:
							if answered.Add(1) == 400 {
								close(enough)
							}
						}
					}
				})
			}
			within(t, "load", enough)
			r.signals <- syscall.SIGTERM
			if got := within(t, "run ends", r.ended); got.code != 7 || got.err != nil {
				t.Errorf("got %+v", got)
			}
			flushed.Store(int64(len(r.samples.taken())))
			clients.Wait()
			ok := int64(0)
			for _, sample := range r.samples.taken() {
				if sample.StatusCode == http.StatusOK {
					ok++
				}
			}
			if failed.Load() > 0 {
				t.Errorf("%d requests were begun and not answered whole", failed.Load())
			}
			if ok < answered.Load() || ok > answered.Load()+refused.Load() {
				t.Errorf("recorded %d, clients saw %d answered, %d broken, %d refused", ok, answered.Load(), failed.Load(), refused.Load())
			}
			if flushed.Load() != int64(len(r.samples.taken())) {
				t.Error("something was recorded after the flush")
			}
		})
	}
}

package server_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/appmetrics/appmetrics/internal/server"
)

// Each event must have arrived before the next is written.
func TestServerSentEventsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	received := make(chan struct{})
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			_ = http.NewResponseController(w).Flush()
			within(t, "client has the event", received)
		}
	}, nil)
	res, err := g.client.Get(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for i := range 3 {
		lines.Scan()
		if want := fmt.Sprint("data: ", i); lines.Text() != want {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
		lines.Scan()
		received <- struct{}{}
	}
}

// A response of known length is not held back for long either.
func TestSlowResponseOfKnownLength(t *testing.T) {
	t.Parallel()
	received := make(chan struct{})
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "8")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		within(t, "client has the first half", received)
		_, _ = io.WriteString(w, "rest")
	}, nil)
	res, err := g.client.Get(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	half := make([]byte, 4)
	if _, err := io.ReadFull(res.Body, half); err != nil {
		t.Fatal(err)
	}
	close(received)
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "rest" {
		t.Errorf("got %q, %v", rest, err)
	}
}

// Both directions at once, on HTTP/1.1 too: what the application answers early
// takes nothing away from what the client still sends.
func TestBothDirectionsAtOnce(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.EnableFullDuplex()
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			fmt.Fprintln(w, strings.ToUpper(lines.Text()))
			_ = control.Flush()
		}
	}, nil)
	for name, client := range map[string]*http.Client{"HTTP/1.1": g.client, "HTTP/2": h2c(t)} {
		t.Run(name, func(t *testing.T) {
			body, send := io.Pipe()
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL, body)
			first := make(chan struct{})
			go func() {
				fmt.Fprintln(send, "zero")
				close(first)
			}()
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			<-first
			answers := bufio.NewScanner(res.Body)
			answers.Scan()
			for i := range 3 {
				fmt.Fprintln(send, "line", i)
				answers.Scan()
				if want := fmt.Sprint("LINE ", i); answers.Text() != want {
					t.Errorf("got %q, want %q", answers.Text(), want)
				}
			}
			_ = send.Close()
			if answers.Scan() {
				t.Errorf("got %q after the end", answers.Text())
			}
		})
	}
}

func TestUploadRefusedEarly(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	}, nil)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL, io.LimitReader(zeros{}, 64<<20))
	r.ContentLength = 64 << 20
	res, err := g.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusRequestEntityTooLarge || string(body) != "too large\n" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func (z zeros) ReadAt(p []byte, _ int64) (int, error) { return z.Read(p) }

// Not parallel: it looks at the memory of the whole process.
func TestBodiesOfAnySizeAtConstantMemory(t *testing.T) {
	const size, most = 256 << 20, 24 << 20
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, n, err)
			return
		}
		_, _ = io.Copy(w, io.LimitReader(zeros{}, size))
	}, nil)

	var peak atomic.Uint64
	watched := func(r io.Reader) io.Reader { return &memoryWatcher{reader: r, peak: &peak} }
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before := stats.HeapAlloc

	res, err := g.client.Post(g.URL, "application/octet-stream", watched(io.LimitReader(zeros{}, size)))
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if string(answer) != fmt.Sprint(size, nil) {
		t.Errorf("uploaded %s", answer)
	}

	res, err = g.client.Get(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, watched(res.Body))
	_ = res.Body.Close()
	if n != size || err != nil {
		t.Errorf("downloaded %d, %v", n, err)
	}
	if grown := int64(peak.Load()) - int64(before); grown > most {
		t.Errorf("the heap grew by %d MiB for %d MiB each way", grown>>20, size>>20)
	}
}

// memoryWatcher looks at the heap every 16 MiB.
type memoryWatcher struct {
	reader io.Reader
	peak   *atomic.Uint64
	n, due int64
}

func (m *memoryWatcher) Read(p []byte) (int, error) {
	n, err := m.reader.Read(p)
	if m.n += int64(n); m.n >= m.due {
		m.due += 16 << 20
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		m.peak.Store(max(m.peak.Load(), stats.HeapAlloc))
	}
	return n, err
}

func TestBodiesArriveWhole(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		hash := sha256.New()
		_, _ = io.Copy(hash, r.Body)
		fmt.Fprintf(w, "%x", hash.Sum(nil))
	}, nil)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			body := strings.Repeat(fmt.Sprint("part ", i, " "), i*i*300)
			if _, got := g.do(t, http.MethodPut, "/", strings.NewReader(body)); got != fmt.Sprintf("%x", sha256.Sum256([]byte(body))) {
				t.Errorf("body of %d bytes arrived changed", len(body))
			}
		})
	}
	all.Wait()
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Announced")
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s, %s", body, r.Trailer.Get("X-Sum"))
		w.Header().Set("X-Announced", "one")
		w.Header().Set(http.TrailerPrefix+"X-Late", "two")
	}, nil)
	for name, client := range map[string]*http.Client{"HTTP/1.1": g.client, "HTTP/2": h2c(t)} {
		t.Run(name, func(t *testing.T) {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL, io.MultiReader(strings.NewReader("body")))
			r.Trailer = http.Header{"X-Sum": {"sum"}}
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, _ := io.ReadAll(res.Body); string(body) != "body, sum" {
				t.Errorf("got %q: the request's trailer is missing", body)
			}
			if res.Trailer.Get("X-Announced") != "one" || res.Trailer.Get("X-Late") != "two" {
				t.Errorf("got trailers %v", res.Trailer)
			}
		})
	}
}

// h2c returns a client that speaks HTTP/2 without TLS.
func h2c(t testing.TB) *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols), DisableCompression: true}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// h2cApplication starts an application that speaks HTTP/2 without TLS, and
// HTTP/1.1.
func h2cApplication(t testing.TB, application http.HandlerFunc) string {
	upstream := httptest.NewUnstartedServer(application)
	upstream.Config.Protocols = new(http.Protocols)
	upstream.Config.Protocols.SetHTTP1(true)
	upstream.Config.Protocols.SetUnencryptedHTTP2(true)
	upstream.Start()
	t.Cleanup(upstream.Close)
	return strings.Replace(upstream.URL, "http://", "h2c://", 1)
}

// What gRPC needs: HTTP/2 to the end, and a status in the trailers, also when
// there is no body.
func TestHTTP2ToTheEnd(t *testing.T) {
	t.Parallel()
	address := h2cApplication(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("X-Proto", r.Proto)
		w.Header().Set("Trailer", "Grpc-Status")
		if r.URL.Path == "/with-body" {
			_, _ = io.Copy(w, r.Body)
		}
		w.Header().Set("Grpc-Status", "7")
	})
	g := serve(t, func(o *server.Options) { o.Upstream = parse(t, address) })
	client := h2c(t)
	for _, path := range []string{"/with-body", "/without"} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+path, strings.NewReader("message"))
		r.Header.Set("Te", "trailers")
		r.Header.Set("Content-Type", "application/grpc")
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.ProtoMajor != 2 || res.Header.Get("X-Proto") != "HTTP/2.0" || res.Trailer.Get("Grpc-Status") != "7" {
			t.Errorf("%s: got %s, application saw %s, trailers %v", path, res.Proto, res.Header.Get("X-Proto"), res.Trailer)
		}
		if want := map[string]string{"/with-body": "message"}[path]; string(body) != want {
			t.Errorf("%s: got body %q", path, body)
		}
	}
}

func TestTLSUpstream(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewTLSServer(http.HandlerFunc(echo))
	t.Cleanup(upstream.Close)
	g := serve(t, func(o *server.Options) { o.Upstream = parse(t, upstream.URL) })
	if res, body := g.get(t, "/"); res.StatusCode != http.StatusBadGateway {
		t.Errorf("a certificate that nobody vouches for was believed: %d %q", res.StatusCode, body)
	}
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	socket := func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			kind, message, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			if err := conn.Write(r.Context(), kind, append([]byte("echo "), message...)); err != nil {
				return
			}
		}
	}
	h2cUpstream := h2cApplication(t, socket)
	for name, g := range map[string]*rig{
		"HTTP/1.1": before(t, socket, nil),
		"h2c":      serve(t, func(o *server.Options) { o.Upstream = parse(t, h2cUpstream) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			conn, res, err := websocket.Dial(ctx, g.URL+"/socket", &websocket.DialOptions{Subprotocols: []string{"chat"}})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			conn.SetReadLimit(-1)
			if conn.Subprotocol() != "chat" || res.StatusCode != http.StatusSwitchingProtocols {
				t.Errorf("got subprotocol %q, status %d", conn.Subprotocol(), res.StatusCode)
			}
			for _, size := range []int{0, 1, 30_000} {
				if err := conn.Write(ctx, websocket.MessageBinary, make([]byte, size)); err != nil {
					t.Fatal(err)
				}
				kind, message, err := conn.Read(ctx)
				if err != nil || kind != websocket.MessageBinary || len(message) != size+5 {
					t.Fatalf("got %d bytes of kind %v, %v", len(message), kind, err)
				}
			}
			if err := conn.Close(websocket.StatusNormalClosure, "bye"); err != nil {
				t.Errorf("close: %v", err)
			}
			if sample := g.samples.wait(t, 1)[0]; sample.StatusCode != http.StatusSwitchingProtocols {
				t.Errorf("recorded %d", sample.StatusCode)
			}
		})
	}
}

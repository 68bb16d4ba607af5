package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/appmetrics/appmetrics/internal/server"
)

func TestApplicationAway(t *testing.T) {
	t.Parallel()
	gone := "http://" + freePort(t)
	var log logged
	g := serve(t, func(o *server.Options) { o.Upstream, o.Logger = parse(t, gone), log.logger() })

	res, body := g.get(t, "/orders", "X-Request-Id", "e5f6a7b8-0000-4000-8000-000000000001")
	if res.StatusCode != http.StatusBadGateway || !strings.HasPrefix(body, "502 Bad Gateway: The application does not answer.") {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	id := res.Header.Get("X-Request-Id")
	if id == "" || !strings.Contains(body, id) || !strings.Contains(log.String(), id) {
		t.Errorf("correlation id %q is not in the page %q and the log %q", id, body, log.String())
	}
	res, body = g.get(t, "/orders", "Accept", "text/html,*/*")
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(body, "<h1>Bad Gateway</h1>") {
		t.Errorf("browser got %v %q", res.Header, body)
	}
	for _, sample := range g.samples.wait(t, 2) {
		if sample.StatusCode != http.StatusBadGateway || sample.ErrorType != "SERVER_ERROR_502" {
			t.Errorf("recorded %d %s", sample.StatusCode, sample.ErrorType)
		}
	}
}

func TestUnsafeRequestsAreNotRepeated(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			panic(http.ErrAbortHandler) // after the request was read, before any answer
		}
	}, nil)
	g.get(t, "/") // leaves a connection that a client might think stale
	if res, _ := g.do(t, http.MethodPost, "/", strings.NewReader("pay")); res.StatusCode != http.StatusBadGateway {
		t.Errorf("got %d", res.StatusCode)
	}
	if n := posts.Load(); n != 1 {
		t.Errorf("the application saw %d posts, want 1", n)
	}
}

func TestApplicationBreaksOff(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}, nil)
	res, err := g.client.Get(g.URL)
	if err != nil {
		return // nothing had been passed on yet
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("half a body looks whole: %q", body)
	}
}

func TestClientBreaksOff(t *testing.T) {
	t.Parallel()
	arrived, ended := make(chan struct{}), make(chan error, 1)
	g := before(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		ended <- r.Context().Err()
	}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, g.URL+"/slow", http.NoBody)
	if res, err := g.client.Do(r); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v and %v", res, err)
	}
	within(t, "the application learns that the client went away", ended)
	sample := g.samples.wait(t, 1)[0]
	if sample.StatusCode != 499 || sample.ErrorType != "ClientClosed" {
		t.Errorf("recorded %d %s", sample.StatusCode, sample.ErrorType)
	}
}

// A client that goes away while it sends is no failure of the application.
func TestClientBreaksOffItsUpload(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	var log logged
	g := before(t, func(_ http.ResponseWriter, r *http.Request) {
		one := make([]byte, 1)
		_, _ = r.Body.Read(one)
		close(arrived)
		_, _ = io.Copy(io.Discard, r.Body)
	}, func(o *server.Options) { o.Logger = log.logger() })
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome")
	within(t, "upload has begun", arrived)
	_ = conn.Close()
	if sample := g.samples.wait(t, 1)[0]; sample.StatusCode != 499 || sample.ErrorType != "ClientClosed" {
		t.Errorf("recorded %d %s", sample.StatusCode, sample.ErrorType)
	}
	if strings.Contains(log.String(), "does not answer") {
		t.Errorf("log: %s", log.String())
	}
}

func TestNoTunnels(t *testing.T) {
	t.Parallel()
	g := before(t, echo, nil)
	if answer := raw(t, g, "CONNECT 192.0.2.7:443 HTTP/1.1\r\nHost: 192.0.2.7:443\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 405 ") {
		t.Errorf("got %q", answer)
	}
}

// Requests whose end is a matter of opinion must not be read in two ways.
func TestAmbiguousRequests(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		echo(w, r)
	}, nil)
	const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, head := range map[string]string{
		"two lengths":          "Content-Length: 0\r\nContent-Length: 36\r\n",
		"length list":          "Content-Length: 0, 36\r\n",
		"negative length":      "Content-Length: -1\r\n",
		"signed length":        "Content-Length: +36\r\n",
		"unknown coding":       "Transfer-Encoding: xchunked\r\n",
		"two codings":          "Transfer-Encoding: gzip, chunked\r\n",
		"coding twice":         "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"space before colon":   "Content-Length : 36\r\n",
		"control in a value":   "X-A: b\x00c\r\n",
		"no host":              "Host: y\r\n",
		"bare CR in the value": "X-A: b\rTransfer-Encoding: chunked\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			answer := raw(t, g, "POST /first HTTP/1.1\r\nHost: x\r\n"+head+"\r\n"+smuggled)
			if !strings.HasPrefix(answer, "HTTP/1.1 400 ") && !strings.HasPrefix(answer, "HTTP/1.1 501 ") || strings.Contains(answer, "smuggled") {
				t.Errorf("got %q", answer)
			}
		})
	}

	// Both: the coding wins (RFC 9112, section 6.3), the length goes no further.
	text := raw(t, g, "POST /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	if seen := decode(t, body); seen.Body != "hello" || seen.Header.Get("Content-Length") != "" {
		t.Errorf("application saw %+v", seen)
	}

	// A folded line belongs to the header before it, for both sides.
	text = raw(t, g, "POST /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: b\r\n Content-Length: 36\r\n\r\n")
	_, body, _ = strings.Cut(text, "\r\n\r\n")
	if seen := decode(t, body); seen.Header.Get("X-A") != "b Content-Length: 36" || seen.Body != "" {
		t.Errorf("application saw %+v", seen)
	}
}

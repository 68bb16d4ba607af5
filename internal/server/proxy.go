package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/collect"
)

// flushInterval is the longest that bytes of a response of known length wait
// for more to follow. Responses of unknown length, Server-Sent Events among
// them, are passed on at once whatever it is.
const flushInterval = 50 * time.Millisecond

// proxy passes requests to the application as they came. It never retries what
// might not be safe to repeat.
type proxy struct {
	upstream *url.URL
	trusted  admin.TrustedProxies
	endToEnd []string
	log      *slog.Logger
	reverse  *httputil.ReverseProxy
	idle     interface{ CloseIdleConnections() }

	starting atomic.Bool // the command has been started and does not answer yet
}

func newProxy(upstream *url.URL, trusted admin.TrustedProxies, identity []string, log *slog.Logger) *proxy {
	transport := newTransport(upstream.Scheme)
	target := *upstream
	if target.Scheme == "h2c" {
		target.Scheme = "http"
	}
	p := &proxy{upstream: &target, trusted: trusted, endToEnd: endToEnd(identity), log: log, idle: transport}
	p.reverse = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		ModifyResponse: checkUpgrade,
		Transport:      transport,
		ErrorHandler:   p.unreachable,
		FlushInterval:  flushInterval,
		BufferPool:     &bufferPool{},
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	return p
}

// ServeHTTP passes one request on. While the command starts it answers 503.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.starting.Load() {
		w.Header().Set("Retry-After", "1")
		errorPage(w, r, http.StatusServiceUnavailable, "The application is starting. Try again in a moment.")
		return
	}
	if r.Method == http.MethodConnect {
		errorPage(w, r, http.StatusMethodNotAllowed, "This server opens no tunnels.")
		return
	}
	if r.ProtoMajor == 1 {
		// Otherwise the first byte of the response would throw away what the
		// application has not read of the request yet.
		_ = http.NewResponseController(w).EnableFullDuplex() // not every writer under test can
	}
	w.Header()["Content-Type"] = nil // the application's, or none: never a guess
	w.Header().Del("X-Request-Id")   // the application's would come on top; without one ours returns
	p.reverse.ServeHTTP(w, r)
}

func (p *proxy) rewrite(pr *httputil.ProxyRequest) {
	pr.SetURL(p.upstream)
	pr.Out.URL.RawQuery = pr.In.URL.RawQuery // as it came; nothing here reads it
	pr.Out.Host = pr.In.Host                 // what the browser asked for: links, cookies and origin checks rest on it
	pr.Out.Trailer = pr.In.Trailer           // filled in when the body ends, so the same map
	p.setForwarded(pr)

	if strings.EqualFold(pr.Out.Header.Get("Upgrade"), "h2c") {
		// RFC 9113 dropped this upgrade. Passed on, it would open a tunnel
		// whose requests nobody records.
		pr.Out.Header.Del("Upgrade")
		pr.Out.Header.Del("Connection")
		pr.Out.Header.Del("Http2-Settings")
	}
}

// checkUpgrade refuses an upgrade to something else than was asked for, which
// closes the connection to the application. It also takes the application's
// correlation id off the answer: such a request is recorded before that is known.
func checkUpgrade(res *http.Response) error {
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil
	}
	asked, got := upgradeOf(res.Request.Header), upgradeOf(res.Header)
	if !strings.EqualFold(asked, got) {
		return fmt.Errorf("asked for an upgrade to %q, got one to %q", asked, got)
	}
	if collect.CorrelationID(res.Request.Context()) != "" {
		res.Header.Del("X-Request-Id")
	}
	return nil
}

// upgradeOf returns the protocol that a header upgrades the connection to.
func upgradeOf(h http.Header) string {
	if !httpguts.HeaderValuesContainsToken(h["Connection"], "Upgrade") {
		return ""
	}
	return h.Get("Upgrade")
}

// unreachable answers when the application could not be asked.
func (p *proxy) unreachable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		// The client went away, or the request timed out and is answered
		// already: there is nobody to tell.
		panic(http.ErrAbortHandler)
	}
	if errors.Is(err, errTooSlow) {
		errorPage(w, r, http.StatusRequestTimeout, "The request came too slowly while others were waiting.")
		return
	}
	p.log.ErrorContext(r.Context(), "application does not answer",
		"correlation_id", collect.CorrelationID(r.Context()), "upstream", p.upstream.Host, "error", err)
	errorPage(w, r, http.StatusBadGateway, "The application does not answer.")
}

// bufferPool lends the buffers through which bodies are copied.
type bufferPool struct{ pool sync.Pool }

const bufferBytes = 32 << 10

func (p *bufferPool) Get() []byte {
	if b, ok := p.pool.Get().(*[bufferBytes]byte); ok {
		return b[:]
	}
	return make([]byte, bufferBytes)
}

func (p *bufferPool) Put(b []byte) { p.pool.Put((*[bufferBytes]byte)(b)) }

package server

import (
	"log/slog"
	"net/http"
	"time"
)

// Bounds of what a client may take its time with, or send, before a request has
// begun. 64 KiB of header are more than the applications behind take (Node.js 16,
// nginx 32, Envoy 60), and 10,000 clients that send as much fit into memory.
const (
	headerWithin   = 5 * time.Second
	idleFor        = 60 * time.Second
	maxHeaderBytes = 64 << 10
)

// Bounds of HTTP/2. The streams are what net/http has by default: enough for
// proxies that send all they have over one connection. A client that opens and
// cancels them faster than they end (rapid reset, CVE-2023-39325) waits for its
// handlers, and loses the connection when it does not.
const (
	maxStreams  = 250
	takesWithin = 60 * time.Second // some of what is sent to a client
)

// ownBodyWithin is how long the body of a post to appmetrics itself may take:
// 1 MiB at 100 KiB/s.
const ownBodyWithin = 10 * time.Second

// publish lets Prometheus see how near the bounds are.
func (s *Server) publish(m *Metrics) {
	m.Gauge("appmetrics_connections", "Connections of clients that are open.", func() float64 {
		open, _ := s.clients.counts()
		return float64(open)
	})
	m.Gauge("appmetrics_connections_limit", "How many connections may be open at once.", func() float64 {
		return float64(s.clients.most)
	})
	m.Counter("appmetrics_connections_closed_total", "Silent connections that were closed to make room for others.", func() float64 {
		_, gaveWay := s.clients.counts()
		return float64(gaveWay)
	})
	m.Gauge("appmetrics_requests", "Requests that are being answered, streams among them.", func() float64 {
		return float64(s.inflight.count())
	})
	m.Counter("appmetrics_requests_refused_total", "Requests answered with 503 because there were too many at once.", func() float64 {
		return float64(s.inflight.refused.Load())
	})
}

// newHTTPServer returns a server without limits on how long a body may take:
// uploads, downloads and streams last as long as they last.
func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         &protocols,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: takesWithin},
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

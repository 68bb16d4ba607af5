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

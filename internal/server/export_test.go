package server

import (
	"log/slog"
	"net"
	"net/http"
	"time"
)

// AwaitContinue is how long the proxy waits for the application to ask for an
// announced body before it sends that unasked. Set it before any request.
func (s *Server) AwaitContinue(d time.Duration) {
	s.proxy.reverse.Transport.(*transport).plain.ExpectContinueTimeout = d
}

// ConnectionBound is how many connections may be open.
var ConnectionBound = connectionBound

// NewHTTPServer is what answers on the connections.
func NewHTTPServer(h http.Handler) *http.Server {
	return newHTTPServer(h, slog.New(slog.DiscardHandler))
}

// Limit holds the connections of a listener within a bound.
func Limit(l net.Listener, most int) net.Listener {
	return newConnections(most, slog.New(slog.DiscardHandler)).limit(l)
}

// Open returns how many connections of such a listener are open.
func Open(l net.Listener) int {
	open, _ := l.(*limited).connections.counts()
	return open
}

// SpareIsFresh reports whether the next connection to give way is one that has
// asked nothing.
func SpareIsFresh(s *Server) bool {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	c := s.clients.spare(time.Now())
	return c != nil && c.waits == &s.clients.fresh
}

// Places returns how many requests have a place.
func Places(s *Server) int {
	s.inflight.mu.Lock()
	defer s.inflight.mu.Unlock()
	return len(s.inflight.admitted)
}

// Waiting returns how many requests wait for a place, or have waited in vain.
func Waiting(s *Server) int {
	return s.inflight.count() - Places(s)
}

// Slow returns how many requests with a place wait for a client who takes too
// long.
func Slow(s *Server) int {
	s.inflight.mu.Lock()
	defer s.inflight.mu.Unlock()
	now, slow := time.Now(), 0
	for t := range s.inflight.admitted {
		if t.isSlow(now) {
			slow++
		}
	}
	return slow
}

// Connections returns how many connections are open.
func Connections(s *Server) int {
	open, _ := s.clients.counts()
	return open
}

// RequestBound is how many requests are answered at once.
var RequestBound = requestBound

// NewTransport is what reaches the application.
func NewTransport() *http.Transport { return dialing() }

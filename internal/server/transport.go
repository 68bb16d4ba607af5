package server

import (
	"net"
	"net/http"
	"time"
)

// transport reaches the application: over scheme's protocol, and over HTTP/1.1
// for upgrades, which HTTP/2 does not have.
type transport struct {
	plain    *http.Transport
	upgrades *http.Transport
}

func newTransport(scheme string) *transport {
	if scheme != "h2c" {
		// For https net/http itself keeps upgrades on HTTP/1.1.
		t := dialing()
		return &transport{plain: t, upgrades: t}
	}
	plain := dialing()
	plain.Protocols = new(http.Protocols)
	plain.Protocols.SetUnencryptedHTTP2(true)
	return &transport{plain: plain, upgrades: dialing()}
}

func dialing() *http.Transport {
	return &http.Transport{
		// No Proxy: the application is reached directly, whatever HTTP_PROXY says.
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 1024,
		// Shorter than the keep-alive of common servers (gunicorn 2 s, Node
		// 5 s): a connection that they close while a POST is on its way would
		// fail that POST, and dialling again costs microseconds nearby.
		IdleConnTimeout:       1500 * time.Millisecond,
		TLSHandshakeTimeout:   5 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // bodies pass as they are
	}
}

// RoundTrip sends one request.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Upgrade") != "" {
		return t.upgrades.RoundTrip(r)
	}
	return t.plain.RoundTrip(r)
}

// CloseIdleConnections closes connections that carry no request.
func (t *transport) CloseIdleConnections() {
	t.plain.CloseIdleConnections()
	t.upgrades.CloseIdleConnections()
}

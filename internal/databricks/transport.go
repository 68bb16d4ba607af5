package databricks

import (
	"net"
	"net/http"
	"time"
)

const (
	// maxBody bounds an answer. A user in 10,000 groups takes about 1 MB.
	maxBody = 4 << 20
	// maxHeader bounds an answer's header, far above what a workspace sends.
	maxHeader = 64 << 10
	// maxIdle is how many connections to a workspace stay open for later.
	maxIdle = 32
)

// Failures that the guard makes of answers.
var (
	errRedirected = unusable("the answer is a redirect: is the host right, and may this network reach it?")
	errTooLarge   = unusable("the answer is larger than 4 MiB")
)

// newTransport returns a pool of connections that callers with different
// tokens share: the token is in each request, never part of a connection.
// Every phase of a request ends by timeout, whatever its context says.
func newTransport(timeout time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: timeout}).DialContext,
		TLSHandshakeTimeout:    timeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		// All requests share one HTTP/2 connection. If its peer is gone without
		// a word, pings find out before TCP does, a quarter of an hour later.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: timeout},
	}
}

// guard is the transport below every client. It turns what no workspace sends
// into errors: redirects, which net/http would follow with the token as long
// as the name of the other host is similar, and bodies without end. It hides
// what exactly went wrong on the network: to authenticate, the SDK would try
// again for a minute after a refused connection, with each of its methods. It
// also keeps the SDK from looking at the transport below: one that has a method
// SkipRetryOnIO would switch off authentication without a word.
type guard struct{ next http.RoundTripper }

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := g.next.RoundTrip(r)
	switch {
	case err != nil && r.Context().Err() != nil:
		return nil, err
	case err != nil:
		return nil, unusable(scrub(err.Error(), nil))
	}
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		_ = response.Body.Close()
		return nil, errRedirected
	case response.ContentLength > maxBody:
		_ = response.Body.Close()
		return nil, errTooLarge
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxBody)
	return response, nil
}

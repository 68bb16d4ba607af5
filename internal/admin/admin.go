// Package admin owns the answer to "who is asking, and may they see the
// metrics?": identities and their pseudonyms, the Checker that every face asks,
// service tokens, and which peers may speak for a user. It answers no HTTP
// requests itself and knows neither the store nor the questions.
package admin

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
)

// The three refusals. Their texts are shown to the caller as they are; test
// for them with errors.Is, since a Checker may wrap them with the reason.
var (
	// ErrUnauthenticated: no token, or one that the workspace does not accept.
	// Answered with 401, and with exit code 4 on the command line.
	ErrUnauthenticated = errors.New("A valid access token is required") //nolint:staticcheck // shown to the caller word for word

	// ErrForbidden: the caller is known and is not an administrator.
	// Answered with 403.
	ErrForbidden = errors.New("Administrator privileges required to access metrics") //nolint:staticcheck // shown to the caller word for word

	// ErrUnverifiable: whoever knows the administrators does not answer.
	// Answered with 503.
	ErrUnverifiable = errors.New("Unable to verify admin privileges") //nolint:staticcheck // shown to the caller word for word
)

// Identity says who is asking.
type Identity struct {
	UserID  string // stored with the user's events; empty for services
	Admin   bool   // may ask every question
	Local   bool   // vouched for by local mode, not by a token
	Service bool   // a program that holds a service token
}

// Credentials are what a caller shows. The zero value shows nothing.
type Credentials struct {
	Token      string         // access token, empty when absent
	RemoteAddr netip.AddrPort // the peer of the connection; invalid when unknown
	Host       string         // the Host that the caller asked for; empty outside HTTP
	HTTP10     bool           // asked by HTTP/1.0, which no browser speaks
	Header     http.Header    // the request's headers; nil outside HTTP, never changed
}

// Checker says who the holder of credentials is. It returns an Identity that
// is not an administrator's, with a nil error, for a user who is known but may
// not see the metrics: RequireAdmin turns that into ErrForbidden.
// Other errors wrap ErrUnauthenticated, ErrForbidden or ErrUnverifiable, or
// are those of the context. Implementations are safe for concurrent use.
type Checker interface {
	Check(ctx context.Context, c Credentials) (Identity, error)
}

// RequireAdmin returns the identity of an administrator, ErrForbidden for
// everyone else who is known, or the checker's error.
func RequireAdmin(ctx context.Context, checker Checker, c Credentials) (Identity, error) {
	identity, err := checker.Check(ctx, c)
	if err != nil {
		return Identity{}, err
	}
	if !identity.Admin {
		return identity, ErrForbidden
	}
	return identity, nil
}

// FromRequest returns the credentials that an HTTP request shows: the token of
// X-Forwarded-Access-Token, else that of "Authorization: Bearer". A header that
// is there twice shows nothing: which of the two counted would depend on who
// reads.
func FromRequest(r *http.Request) Credentials {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // stays invalid when unknown, which no check accepts
	return Credentials{
		Token:      token(r.Header),
		RemoteAddr: peer,
		Host:       r.Host,
		HTTP10:     r.ProtoMajor == 1 && r.ProtoMinor == 0,
		Header:     r.Header,
	}
}

func token(h http.Header) string {
	if len(h["X-Forwarded-Access-Token"]) > 1 || len(h["Authorization"]) > 1 {
		return ""
	}
	if t := strings.TrimSpace(h.Get("X-Forwarded-Access-Token")); t != "" {
		return t
	}
	scheme, t, ok := strings.Cut(h.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(t)
}

package admin

import (
	"context"
	"errors"
	"fmt"
)

const (
	strangerHint = "the request does not come from a trusted proxy; trusted_proxies lists those whose headers are believed"
	namelessHint = "the proxy names no user, or more than one; auth.user_headers lists the headers that are read"
)

// ProxyOptions configures a Proxy.
type ProxyOptions struct {
	Trusted TrustedProxies // required: whose headers are believed
	Headers Headers        // which those are
	Groups  []string       // names of the administrators' groups
	Admins  []string       // e-mail addresses, or other ids, of more administrators
}

// Proxy is the Checker of proxy mode (R18a): an authenticating proxy says by
// headers who the user is and which groups they belong to.
type Proxy struct {
	trusted        TrustedProxies
	headers        Headers
	groups, admins names
}

// NewProxy returns the Checker, or an error when no proxy is trusted: then
// whoever reaches the port could name themselves.
func NewProxy(o ProxyOptions) (*Proxy, error) {
	if len(o.Trusted) == 0 {
		return nil, errors.New("auth.mode proxy needs trusted_proxies:" +
			" set it to the address or network of the authenticating proxy, such as 10.0.0.7 or 10.0.0.0/8")
	}
	return &Proxy{
		trusted: o.Trusted, headers: o.Headers,
		groups: newNames(o.Groups), admins: newNames(o.Admins),
	}, nil
}

// Check returns the user that a trusted proxy names, or ErrUnauthenticated
// with a hint.
func (p *Proxy) Check(_ context.Context, c Credentials) (Identity, error) {
	if !p.trusted.contains(c.RemoteAddr.Addr()) {
		return Identity{}, WithHint(fmt.Errorf("%w: peer %v", ErrUnauthenticated, c.RemoteAddr.Addr()), strangerHint)
	}
	user := p.headers.UserOf(c.Header)
	if user == "" {
		return Identity{}, WithHint(ErrUnauthenticated, namelessHint)
	}
	return Identity{
		UserID: user,
		Admin:  p.admins.has(user) || p.groups.hasAny(p.headers.GroupsOf(c.Header)),
	}, nil
}

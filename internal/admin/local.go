package admin

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// LocalUser is the user id of whoever sits at the machine in local mode.
const LocalUser = "local"

// Local is the Checker of local mode (no authentication configured): every
// caller on the loopback interface is the local administrator, everyone else
// is refused. The zero value is ready to use.
//
// A peer on loopback is not proof enough. A page from elsewhere can reach it
// through the user's own browser by DNS rebinding, and then shows its own name
// in Host; a proxy on this machine can pass on callers from outside, and then
// names them in X-Forwarded-For. Both are refused.
type Local struct {
	// Hosts are names, besides localhost and the loopback addresses, by which
	// callers may ask, without port: what /etc/hosts points at this machine.
	Hosts []string
}

// Check returns the local administrator, or ErrForbidden wrapped with the
// reason.
func (l Local) Check(_ context.Context, c Credentials) (Identity, error) {
	if !c.RemoteAddr.IsValid() || !c.RemoteAddr.Addr().Unmap().IsLoopback() {
		return Identity{}, fmt.Errorf("%w: local mode answers callers on this machine only", ErrForbidden)
	}
	if c.Host != "" && !l.knows(c.Host) {
		return Identity{}, fmt.Errorf("%w: local mode answers to localhost only", ErrForbidden)
	}
	if forwardedFromElsewhere(c.Header) {
		return Identity{}, fmt.Errorf("%w: local mode does not answer callers behind a proxy", ErrForbidden)
	}
	return Identity{UserID: LocalUser, Admin: true, Local: true}, nil
}

// LocalCredentials are those of a program run by the local user, such as the
// report subcommand.
func LocalCredentials() Credentials {
	return Credentials{RemoteAddr: netip.AddrPortFrom(netip.IPv6Loopback(), 0)}
}

func (l Local) knows(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	return loopbackHost(host) || slices.ContainsFunc(l.Hosts, func(known string) bool {
		return strings.EqualFold(known, host)
	})
}

// loopbackHost reports whether a host without port is localhost, a name below
// it (RFC 6761, section 6.3), or a loopback address.
func loopbackHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func forwardedFromElsewhere(h http.Header) bool {
	if len(h.Values("Forwarded")) > 0 || len(h.Values("X-Real-Ip")) > 0 {
		// Proxies that send these two send X-Forwarded-For as well, or are
		// set up with care; without it nothing shows that the caller is local.
		if len(h.Values("X-Forwarded-For")) == 0 {
			return true
		}
	}
	for _, line := range h.Values("X-Forwarded-For") {
		for hop := range strings.SplitSeq(line, ",") {
			addr, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil || !addr.Unmap().IsLoopback() {
				return true
			}
		}
	}
	return false
}

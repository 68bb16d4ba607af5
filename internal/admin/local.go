package admin

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
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
// names itself, them, or the host that they asked for, in headers such as Via and
// X-Forwarded-For. Both are refused, and so is HTTP/1.0, which nginx before 1.29.7
// speaks that was told nothing but where to pass requests on.
//
// Newer ones, and other proxies that were told no more, speak HTTP/1.1, name
// their upstream in Host, and nobody in a header. What they pass on of a browser's
// requests names the site that its page is of, in Origin or Referer: the page of
// appmetrics sends these with every request. What is no browser need not send
// them. So this notices that a proxy stands in front by mistake; it is no defence
// of one that does, against whoever knows.
type Local struct {
	// Origins are those of other sites, SCHEME://HOST or SCHEME://HOST:PORT, whose
	// pages may ask: with what effect is for whoever checks origins to say.
	Origins []string
}

// Check returns the local administrator, or ErrForbidden with the reason as a
// hint.
func (l Local) Check(_ context.Context, c Credentials) (Identity, error) {
	if !c.RemoteAddr.IsValid() || !c.RemoteAddr.Addr().Unmap().IsLoopback() {
		return Identity{}, WithHint(ErrForbidden, "local mode answers callers on this machine only")
	}
	if c.Host != "" && !localHost(c.Host) {
		return Identity{}, WithHint(ErrForbidden, "local mode answers to localhost only")
	}
	if c.HTTP10 || forwardedFromElsewhere(c.Header) {
		return Identity{}, WithHint(ErrForbidden, "local mode does not answer callers behind a proxy; auth.mode proxy does")
	}
	if l.fromPageElsewhere(c.Header) {
		return Identity{}, WithHint(ErrForbidden, "local mode answers pages of localhost only; behind a proxy, auth.mode proxy does")
	}
	return Identity{UserID: LocalUser, Admin: true, Local: true}, nil
}

// LocalCredentials are those of a program run by the local user, such as the
// report subcommand.
func LocalCredentials() Credentials {
	return Credentials{RemoteAddr: netip.AddrPortFrom(netip.IPv6Loopback(), 0)}
}

// localHost reports whether a Host header names this machine.
func localHost(hostport string) bool {
	host := hostport
	if h, port, err := net.SplitHostPort(hostport); err == nil {
		if strings.Trim(port, "0123456789") != "" {
			return false // what looks like a host may be the user name before one
		}
		host = h
	}
	return loopbackHost(strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), "."))
}

// loopbackHost reports whether a host without port is localhost, a name below
// it (RFC 6761, section 6.3), or a loopback address.
func loopbackHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return !strings.ContainsFunc(host, outsideOfNames)
	}
	return loopbackAddr(host)
}

// outsideOfNames reports whether a character has no place in the name of a host,
// written in lower case: what holds one is cut there by whoever reads it.
func outsideOfNames(c rune) bool {
	isIn := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
	return !isIn
}

func loopbackAddr(text string) bool {
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback() // a zone may hold any character
}

// forwardedFromElsewhere reports whether a proxy acts for somebody who is not,
// or may not be, on this machine. A proxy writes one of these headers and lets
// the caller's own words in the others through, so that each has to be local.
func forwardedFromElsewhere(h http.Header) bool {
	// No proxy of a developer's machine sends these.
	for _, name := range [...]string{"Forwarded", "Via", "X-Forwarded-Access-Token"} {
		if len(h.Values(name)) > 0 {
			return true
		}
	}
	for _, name := range [...]string{"X-Forwarded-For", "X-Real-Ip"} {
		if anyElsewhere(h.Values(name), loopbackAddr) {
			return true
		}
	}
	return anyElsewhere(h.Values("X-Forwarded-Host"), localHost)
}

// fromPageElsewhere reports whether a browser says that a page which is not of
// this machine asks. That somebody followed a link from there to here says
// nothing of the kind. A page that the browser, or somebody on the way, keeps
// to itself (null, or nothing) does not either. What is no browser may say what
// it likes: origins are checked where something depends on them.
func (l Local) fromPageElsewhere(h http.Header) bool {
	const anyBrowser = "Mozilla/" // since 1994
	if !strings.HasPrefix(h.Get("User-Agent"), anyBrowser) {
		return false
	}
	names := []string{"Origin", "Referer"}
	if h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Site") != "same-origin" {
		names = names[:1]
	}
	for _, name := range names {
		for _, page := range h.Values(name) {
			if page != "" && page != "null" && !l.knowsPage(page) {
				return true
			}
		}
	}
	return false
}

// knowsPage reports whether an address is of this machine, or of a site that was
// named.
func (l Local) knowsPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (localHost(u.Host) || slices.Contains(l.Origins, u.Scheme+"://"+u.Host))
}

// anyElsewhere reports whether an entry of lines, separated by commas, is not
// local.
func anyElsewhere(lines []string, local func(string) bool) bool {
	for _, line := range lines {
		for entry := range strings.SplitSeq(line, ",") {
			if !local(strings.TrimSpace(entry)) {
				return true
			}
		}
	}
	return false
}

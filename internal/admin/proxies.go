package admin

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// TrustedProxies are the peers whose forwarding and identity headers are
// believed. The zero value trusts nobody.
type TrustedProxies []netip.Prefix

// ParseTrustedProxies reads addresses (10.0.0.7, ::1) and networks
// (10.0.0.0/8). The error names the entry and what is allowed.
func ParseTrustedProxies(entries []string) (TrustedProxies, error) {
	var proxies TrustedProxies
	for _, entry := range entries {
		prefix, err := parsePrefix(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %q is not allowed; want an address such as 10.0.0.7"+
				" or a network such as 10.0.0.0/8", entry)
		}
		proxies = append(proxies, prefix)
	}
	return proxies, nil
}

func parsePrefix(entry string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(entry); err == nil {
		addr = addr.Unmap().WithZone("")
		return addr.Prefix(addr.BitLen())
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("parse network: %w", err)
	}
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("network %s is wider than IPv4", prefix)
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), nil
}

// Contains reports whether remoteAddr, in the form of http.Request.RemoteAddr,
// is a trusted peer.
func (p TrustedProxies) Contains(remoteAddr string) bool {
	if len(p) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	return err == nil && p.contains(peer.Addr())
}

// contains reports whether an address, which may be invalid, is trusted.
func (p TrustedProxies) contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// ObservedUser returns the user on whose behalf a trusted peer sent r, by the
// standard headers. It returns "" (anonymous) for other peers.
func (p TrustedProxies) ObservedUser(r *http.Request) string {
	return p.UserOf(r, Headers{})
}

// UserOf is ObservedUser by other headers.
func (p TrustedProxies) UserOf(r *http.Request, h Headers) string {
	if !p.Contains(r.RemoteAddr) {
		return ""
	}
	return h.UserOf(r.Header)
}

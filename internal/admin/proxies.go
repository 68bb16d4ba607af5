package admin

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
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
	if err != nil {
		return false
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// ObservedUser returns the user on whose behalf a trusted peer sent r:
// X-Forwarded-Email, else X-Forwarded-User. It returns "" (anonymous) for
// other peers, and for a header that is there twice, is longer than
// metric.MaxUserID or holds control characters: two names are none.
func (p TrustedProxies) ObservedUser(r *http.Request) string {
	if !p.Contains(r.RemoteAddr) {
		return ""
	}
	for _, name := range [...]string{"X-Forwarded-Email", "X-Forwarded-User"} {
		values := r.Header[name]
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 || !printable(values[0]) {
			return ""
		}
		if user := strings.TrimSpace(values[0]); user != "" {
			return user
		}
	}
	return ""
}

func printable(user string) bool {
	return utf8.ValidString(user) &&
		utf8.RuneCountInString(user) <= metric.MaxUserID &&
		!strings.ContainsFunc(user, unicode.IsControl)
}

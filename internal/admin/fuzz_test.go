package admin_test

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// Whatever Host local mode accepts is this machine to everyone else as well.
func FuzzLocalHost(f *testing.F) {
	for _, host := range []string{
		"localhost:8080", "LOCALHOST.", "a.localhost", "[::1]:8080", "127.1.2.3", "[::ffff:127.0.0.1]:1",
		"localhost.evil.example", "localhost@evil.example", "127.0.0.1.evil.example:80", "[::1]evil.example", "::1%lo",
		"localhost:8@", "localhost:80@evil.example", "localhost:",
		"a#.localhost", "evil.example/.localhost", "::1%000@", "[::1%lo@evil.example]:80",
	} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		credentials := admin.LocalCredentials()
		credentials.Host = host
		if _, err := (admin.Local{}).Check(t.Context(), credentials); err != nil || host == "" {
			return
		}
		u, err := url.Parse("http://" + host + "/")
		if err != nil {
			return // no client can ask for it
		}
		name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		if name == "localhost" || strings.HasSuffix(name, ".localhost") {
			return
		}
		if addr, err := netip.ParseAddr(name); err != nil || !addr.Unmap().IsLoopback() {
			t.Errorf("%q was accepted, and is %q", host, u.Hostname())
		}
	})
}

// Whatever networks are read contain their own address, and nobody unknown.
func FuzzParseTrustedProxies(f *testing.F) {
	for _, entry := range []string{"10.0.0.0/8", "::1", "fd00::/8", "::ffff:10.0.0.0/104", "fe80::1%eth0", "0.0.0.0/0"} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		proxies, err := admin.ParseTrustedProxies([]string{entry})
		if err != nil {
			return
		}
		peer := netip.AddrPortFrom(proxies[0].Addr(), 1)
		if !proxies.Contains(peer.String()) {
			t.Errorf("%q does not contain %v", entry, peer)
		}
		if proxies.Contains("") || proxies.Contains("@") {
			t.Errorf("%q contains who has no address", entry)
		}
	})
}

// Whatever a proxy sends, who it names can be stored, and is an administrator
// by one of the names that are configured, letter for letter but for the case.
func FuzzProxy(f *testing.F) {
	for _, email := range []string{"ada@example.com", " ", "grace@example.com ", "ada\x00", "\xff", strings.Repeat("ü", 256)} {
		for _, groups := range []string{"", "admins", "users, ADMINS", "admin\u017f", ",,", "\xff,admins"} {
			f.Add(email, groups)
		}
	}
	asciiEqual := func(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }
	f.Fuzz(func(t *testing.T, email, groups string) {
		got, err := newProxy(t, admin.Headers{}).Check(t.Context(), admin.Credentials{
			RemoteAddr: netip.MustParseAddrPort(oauth2Proxy),
			Header:     http.Header{"X-Forwarded-Email": {email}, "X-Forwarded-Groups": {groups}},
		})
		if err != nil {
			if !errors.Is(err, admin.ErrUnauthenticated) || got != (admin.Identity{}) {
				t.Errorf("got %+v and error %v", got, err)
			}
			return
		}
		if got.UserID != strings.TrimSpace(email) || got.UserID == "" || utf8.RuneCountInString(got.UserID) > metric.MaxUserID ||
			!utf8.ValidString(got.UserID) || strings.ContainsFunc(got.UserID, unicode.IsControl) {
			t.Errorf("%q is %q", email, got.UserID)
		}
		want := asciiEqual(got.UserID, "grace@example.com")
		for group := range strings.SplitSeq(groups, ",") {
			group = strings.TrimSpace(group)
			want = want || asciiEqual(group, "admins") || asciiEqual(group, "workspace_admins")
		}
		if got.Admin != want {
			t.Errorf("%q of %q: got admin %v", email, groups, got.Admin)
		}
	})
}

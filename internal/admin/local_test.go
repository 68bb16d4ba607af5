package admin_test

import (
	"bufio"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

func TestLocal(t *testing.T) {
	t.Parallel()
	const loopback = "127.0.0.1:5000"
	for _, test := range []struct {
		name, peer, host string
		header           http.Header
		admin            bool
	}{
		{"loopback", loopback, "localhost:8080", nil, true},
		{"any address of loopback", "127.8.8.8:1", "127.8.8.8:8080", nil, true},
		{"IPv6", "[::1]:5000", "[::1]:8080", nil, true},
		{"IPv6 without port", "[::1]:5000", "[::1]", nil, true},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:5000", "localhost", nil, true},
		{"name below localhost", loopback, "shop.localhost:8080", nil, true},
		{"name in any case, with its dot", loopback, "LocalHost.:8080", nil, true},
		{"outside HTTP", loopback, "", nil, true},
		{"local proxy", loopback, "localhost", http.Header{
			"X-Forwarded-For": {"127.0.0.1, ::1"}, "X-Real-Ip": {"127.0.0.1"}, "X-Forwarded-Host": {"localhost:5173"},
		}, true},

		{"unknown peer", "", "localhost", nil, false},
		{"other machine", "192.0.2.7:5000", "localhost", nil, false},
		{"DNS rebinding", loopback, "evil.example:8080", nil, false},
		{"lookalike", loopback, "localhost.evil.example", nil, false},
		{"lookalike without dot", loopback, "notlocalhost", nil, false},
		{"address of another machine", loopback, "192.0.2.7:8080", nil, false},
		{"proxied from elsewhere", loopback, "localhost", http.Header{"X-Forwarded-For": {"192.0.2.7"}}, false},
		{"proxied twice", loopback, "localhost", http.Header{"X-Forwarded-For": {"127.0.0.1", "192.0.2.7"}}, false},
		{"proxied from nobody knows", loopback, "localhost", http.Header{"X-Forwarded-For": {"unknown"}}, false},
		{"Forwarded alone", loopback, "localhost", http.Header{"Forwarded": {"for=192.0.2.7"}}, false},
		{"X-Real-Ip alone", loopback, "localhost", http.Header{"X-Real-Ip": {"192.0.2.7"}}, false},
		{"X-Real-Ip beside what the caller wrote", loopback, "localhost",
			http.Header{"X-Real-Ip": {"192.0.2.7"}, "X-Forwarded-For": {"127.0.0.1"}}, false},
		{"Forwarded beside what the caller wrote", loopback, "localhost",
			http.Header{"Forwarded": {"for=192.0.2.7"}, "X-Forwarded-For": {"127.0.0.1"}}, false},
		{"DNS rebinding behind a proxy", loopback, "localhost", http.Header{"X-Forwarded-Host": {"evil.example"}}, false},
		{"two hosts behind a proxy", loopback, "localhost", http.Header{"X-Forwarded-Host": {"localhost, evil.example"}}, false},
		{"Databricks", loopback, "localhost", http.Header{"X-Forwarded-Access-Token": {"token"}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			peer, _ := netip.ParseAddrPort(test.peer)
			got, err := admin.Local{}.Check(t.Context(), admin.Credentials{RemoteAddr: peer, Host: test.host, Header: test.header})
			if !test.admin {
				if !errors.Is(err, admin.ErrForbidden) || got.Admin || admin.Hint(err) == "" {
					t.Errorf("got %+v and error %v, want ErrForbidden with a hint", got, err)
				}
				return
			}
			if want := (admin.Identity{UserID: admin.LocalUser, Admin: true, Local: true}); err != nil || got != want {
				t.Errorf("got %+v and error %v, want %+v", got, err, want)
			}
		})
	}
}

// nginx with no more than proxy_pass names its upstream in Host, and nobody in
// a header; what shows it is the version.
func TestLocalBehindAnUnconfiguredProxy(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]error{"HTTP/1.0": admin.ErrForbidden, "HTTP/1.1": nil} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(
			"GET /api/v1/metrics/status " + version + "\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr = "127.0.0.1:5000"
		if _, err := admin.RequireAdmin(t.Context(), admin.Local{}, admin.FromRequest(r)); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", version, err, want)
		}
	}
}

func TestLocalCredentialsAreTheLocalAdmins(t *testing.T) {
	t.Parallel()
	if _, err := admin.RequireAdmin(t.Context(), admin.Local{}, admin.LocalCredentials()); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestCheckListen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, listen  string
		authenticated bool
		ok            bool
	}{
		{"loopback", "127.0.0.1:8080", false, true},
		{"another address of loopback", "127.0.0.2:8080", false, true},
		{"IPv6", "[::1]:8080", false, true},
		{"name", "LOCALHOST:8080", false, true},
		{"every address", ":8080", false, false},
		{"every IPv4 address", "0.0.0.0:8080", false, false},
		{"every IPv6 address", "[::]:8080", false, false},
		{"this machine's address", "192.0.2.7:8080", false, false},
		{"another name", "app.example:8080", false, false},
		{"every address with authentication", ":8080", true, true},
		{"no port", "127.0.0.1", false, false},
		{"no port with authentication", "127.0.0.1", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := admin.CheckListen(test.listen, test.authenticated); (err == nil) != test.ok {
				t.Errorf("got error %v, want ok %v", err, test.ok)
			}
		})
	}
}

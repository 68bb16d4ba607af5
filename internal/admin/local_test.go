package admin_test

import (
	"bufio"
	"errors"
	"maps"
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

		{"page of localhost", loopback, "localhost:8080", http.Header{
			"Origin": {"http://localhost:8080"}, "Referer": {"http://localhost:8080/metrics?range=24h"}, "Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"cors"},
		}, true},
		{"page of 127.0.0.1", loopback, "127.0.0.1:8080", http.Header{"Origin": {"http://127.0.0.1:8080"}, "Referer": {"http://127.0.0.1:8080/orders/7"}}, true},
		{"page of [::1]", loopback, "[::1]:8080", http.Header{"Origin": {"http://[::1]:8080"}, "Referer": {"http://[::1]:8080/"}}, true},
		{"page of another port", loopback, "localhost:8080", http.Header{"Origin": {"http://localhost:5173"}, "Referer": {"http://localhost:5173/"}}, true},
		{"page whose address was taken off", loopback, "localhost:8080", http.Header{"Origin": {""}, "Referer": {""}}, true},
		{"page with an origin of its own", loopback, "localhost:8080", http.Header{"Origin": {"null"}}, true},
		{"link from elsewhere", loopback, "localhost:8080", http.Header{
			"Referer": {"http://wiki.example/"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Site": {"cross-site"},
		}, true},
		{"page of a site that was named", loopback, "localhost:8080", http.Header{"Origin": {"http://shop.example:3000"}, "Referer": {"http://shop.example:3000/"}}, true},

		{"page of another port of it", loopback, "localhost:8080", http.Header{"Origin": {"http://shop.example:3001"}}, false},
		{"Via alone", loopback, "localhost", http.Header{"Via": {"1.1 caddy"}}, false},
		{"what is no browser", loopback, "127.0.0.1:8080", http.Header{
			"User-Agent": {"curl/8.14"}, "Referer": {"https://metrics.example.com/metrics"}, "Origin": {"https://metrics.example.com"},
		}, true},
		{"page behind a proxy, asking", loopback, "127.0.0.1:8080", http.Header{"Referer": {"https://metrics.example.com/metrics"}}, false},
		{"page behind a proxy, posting", loopback, "127.0.0.1:8080", http.Header{"Origin": {"https://metrics.example.com"}}, false},
		{"page behind a proxy, followed within", loopback, "127.0.0.1:8080", http.Header{
			"Referer": {"https://metrics.example.com/"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Site": {"same-origin"},
		}, false},
		{"form of another page", loopback, "localhost:8080", http.Header{
			"Origin": {"http://evil.example"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Site": {"cross-site"},
		}, false},
		{"page that looks local", loopback, "localhost:8080", http.Header{"Referer": {"http://localhost@evil.example/"}}, false},
		{"page of another kind", loopback, "localhost:8080", http.Header{"Origin": {"chrome-extension://abcdef"}}, false},
		{"two pages", loopback, "localhost:8080", http.Header{"Origin": {"http://localhost:8080", "https://metrics.example.com"}}, false},

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
			header := http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}
			maps.Copy(header, test.header)
			local := admin.Local{Origins: []string{"http://shop.example:3000"}}
			got, err := local.Check(t.Context(), admin.Credentials{RemoteAddr: peer, Host: test.host, Header: header})
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
// a header; what shows it is the version, before 1.29.7, and what the browser
// says of its page.
func TestLocalBehindAnUnconfiguredProxy(t *testing.T) {
	t.Parallel()
	const page = "User-Agent: Mozilla/5.0\r\nReferer: https://metrics.example.com/metrics\r\n"
	for said, want := range map[string]error{
		"HTTP/1.0\r\nConnection: close\r\n": admin.ErrForbidden, "HTTP/1.1\r\n": nil, "HTTP/1.1\r\n" + page: admin.ErrForbidden,
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET /api/v1/metrics/status " + strings.Replace(said, "\r\n", "\r\nHost: 127.0.0.1:8080\r\n", 1) + "\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr = "127.0.0.1:5000"
		if _, err := admin.RequireAdmin(t.Context(), admin.Local{}, admin.FromRequest(r)); !errors.Is(err, want) {
			t.Errorf("%q: got error %v, want %v", said, err, want)
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

package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

func TestTrustedProxiesContains(t *testing.T) {
	t.Parallel()
	proxies, err := admin.ParseTrustedProxies([]string{
		"10.1.2.3/8", " 192.0.2.7 ", "::1", "fd00::/8", "::ffff:198.51.100.0/120",
	})
	if err != nil {
		t.Fatal(err)
	}
	for peer, want := range map[string]bool{
		"10.255.0.1:80": true, "11.0.0.1:80": false,
		"192.0.2.7:80": true, "192.0.2.8:80": false,
		"[::1]:80": true, "[::2]:80": false, "[fd12::1%eth0]:80": true,
		"[::ffff:10.0.0.1]:80": true,
		"198.51.100.9:80":      true, "198.51.101.9:80": false,
		"": false, "10.0.0.1": false, "pipe": false,
	} {
		if got := proxies.Contains(peer); got != want {
			t.Errorf("%q: got %v, want %v", peer, got, want)
		}
	}
	if admin.TrustedProxies(nil).Contains("127.0.0.1:80") {
		t.Error("nobody is trusted, and yet loopback is")
	}
}

func TestParseTrustedProxiesRefuses(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"", "localhost", "10.0.0.0/33", "10.0.0", "10.0.0.1:80", "*", "::ffff:0:0/64"} {
		if _, err := admin.ParseTrustedProxies([]string{entry}); err == nil || !strings.Contains(err.Error(), "trusted_proxies") {
			t.Errorf("%q: got %v, want an error that names the key", entry, err)
		}
	}
}

func TestObservedUser(t *testing.T) {
	t.Parallel()
	proxies, err := admin.ParseTrustedProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		peer   string
		header http.Header
		want   string
	}{
		{"e-mail", "10.0.0.1:1", http.Header{"X-Forwarded-Email": {"ada@example.com"}}, "ada@example.com"},
		{"user", "10.0.0.1:1", http.Header{"X-Forwarded-User": {"ada"}}, "ada"},
		{"e-mail first", "10.0.0.1:1", http.Header{"X-Forwarded-User": {"ada"}, "X-Forwarded-Email": {"ada@example.com"}}, "ada@example.com"},
		{"blank e-mail", "10.0.0.1:1", http.Header{"X-Forwarded-User": {"ada"}, "X-Forwarded-Email": {" "}}, "ada"},
		{"nobody", "10.0.0.1:1", nil, ""},
		{"not trusted", "192.0.2.1:1", http.Header{"X-Forwarded-Email": {"ada@example.com"}}, ""},
		{"two names are none", "10.0.0.1:1", http.Header{"X-Forwarded-Email": {"ada@example.com", "eve@example.com"}, "X-Forwarded-User": {"eve"}}, ""},
		{"two names in one line are none", "10.0.0.1:1", http.Header{"X-Forwarded-Email": {"ada@example.com,eve@example.com"}, "X-Forwarded-User": {"eve"}}, ""},
		{"longest", "10.0.0.1:1", http.Header{"X-Forwarded-User": {strings.Repeat("ü", 255)}}, strings.Repeat("ü", 255)},
		{"too long", "10.0.0.1:1", http.Header{"X-Forwarded-User": {strings.Repeat("a", 256)}}, ""},
		{"control characters", "10.0.0.1:1", http.Header{"X-Forwarded-User": {"a\x1b[2J"}}, ""},
		{"not UTF-8", "10.0.0.1:1", http.Header{"X-Forwarded-User": {"a\xff"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.RemoteAddr, r.Header = test.peer, test.header
			if got := proxies.ObservedUser(r); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestUserOfOtherHeaders(t *testing.T) {
	t.Parallel()
	proxies, err := admin.ParseTrustedProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	headers := admin.Headers{User: []string{"cf-access-authenticated-user-email"}}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Cf-Access-Authenticated-User-Email", "ada@example.com")
	r.Header.Set("X-Forwarded-Email", "eve@example.com")
	for peer, want := range map[string]string{"10.0.0.1:1": "ada@example.com", "192.0.2.1:1": ""} {
		r.RemoteAddr = peer
		if got := proxies.UserOf(r, headers); got != want {
			t.Errorf("from %s: got %q, want %q", peer, got, want)
		}
	}
}

func TestEveryoneIsTrusted(t *testing.T) {
	t.Parallel()
	// The default on Databricks Apps.
	everyone, err := admin.ParseTrustedProxies([]string{"0.0.0.0/0", "::/0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, peer := range []string{"192.0.2.1:1", "127.0.0.1:1", "[2001:db8::1]:1", "[fe80::1%eth0]:1", "[::ffff:192.0.2.1]:1"} {
		if !everyone.Contains(peer) {
			t.Errorf("%s is not", peer)
		}
	}
	if everyone.Contains("@") {
		t.Error("and who has no address")
	}
}

func BenchmarkObservedUser(b *testing.B) {
	proxies, err := admin.ParseTrustedProxies([]string{"10.0.0.0/8", "fd00::/8"})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.RemoteAddr = "10.0.0.1:1234"
	r.Header.Set("X-Forwarded-Email", "ada@example.com")
	b.ReportAllocs()
	for b.Loop() {
		proxies.ObservedUser(r)
	}
}

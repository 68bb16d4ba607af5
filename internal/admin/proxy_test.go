package admin_test

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

const oauth2Proxy = "10.0.0.7:4180"

func newProxy(t testing.TB, headers admin.Headers) *admin.Proxy {
	t.Helper()
	trusted, err := admin.ParseTrustedProxies([]string{"10.0.0.7", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := admin.NewProxy(admin.ProxyOptions{
		Trusted: trusted, Headers: headers,
		Groups: []string{"admins", "Workspace_Admins", " "}, Admins: []string{"Grace@Example.com", ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProxy(t *testing.T) {
	t.Parallel()
	email := func(address string, groups ...string) http.Header {
		return http.Header{"X-Forwarded-Email": {address}, "X-Forwarded-Groups": groups}
	}
	for _, test := range []struct {
		name   string
		header http.Header
		want   admin.Identity
	}{
		{"no groups", email("ada@example.com"), admin.Identity{UserID: "ada@example.com"}},
		{"another group", email("ada@example.com", "users"), admin.Identity{UserID: "ada@example.com"}},
		{"blank groups", email("ada@example.com", " ,, "), admin.Identity{UserID: "ada@example.com"}},
		{"a group whose name begins alike", email("ada@example.com", "admins2"), admin.Identity{UserID: "ada@example.com"}},
		{"group", email("ada@example.com", "admins"), admin.Identity{UserID: "ada@example.com", Admin: true}},
		{"group in any case", email("ada@example.com", "ADMINS"), admin.Identity{UserID: "ada@example.com", Admin: true}},
		{"one of several", email("ada@example.com", "users, workspace_admins ,ops"), admin.Identity{UserID: "ada@example.com", Admin: true}},
		{"repeated header", email("ada@example.com", "users", "admins"), admin.Identity{UserID: "ada@example.com"}},
		{"repeated header of an administrator", email("ada@example.com", "admins", "users"), admin.Identity{UserID: "ada@example.com"}},
		{"e-mail", email("grace@example.com"), admin.Identity{UserID: "grace@example.com", Admin: true}},
		{"e-mail in any case", email("GRACE@example.COM"), admin.Identity{UserID: "GRACE@example.COM", Admin: true}},
		{"user", http.Header{"X-Forwarded-User": {"ada"}}, admin.Identity{UserID: "ada"}},
		{"a user's name that ends alike", email("notgrace@example.com"), admin.Identity{UserID: "notgrace@example.com"}},
		{"a group that only looks alike", email("ada@example.com", "wor\u212aspace_admins", "admin\u017f", "adm\u0130ns"), admin.Identity{UserID: "ada@example.com"}},
		{"a token beside it", http.Header{"X-Forwarded-Email": {"ada@example.com"}, "Authorization": {"Bearer x"}}, admin.Identity{UserID: "ada@example.com"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := admin.Credentials{RemoteAddr: netip.MustParseAddrPort(oauth2Proxy), Header: test.header}
			got, err := newProxy(t, admin.Headers{}).Check(t.Context(), c)
			if err != nil || got != test.want {
				t.Errorf("got %+v and error %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestProxyNamesNobody(t *testing.T) {
	t.Parallel()
	ada := http.Header{"X-Forwarded-Email": {"ada@example.com"}, "X-Forwarded-Groups": {"admins"}}
	named := func(values ...string) http.Header {
		return http.Header{"X-Forwarded-Email": values, "X-Forwarded-Groups": {"admins"}}
	}
	for _, test := range []struct {
		name, peer string
		header     http.Header
		hint       string
	}{
		{"another peer", "10.0.0.8:4180", ada, "trusted_proxies"},
		{"loopback that is not listed", "127.0.0.1:4180", ada, "trusted_proxies"},
		{"unknown peer", "", ada, "trusted_proxies"},
		{"no headers", oauth2Proxy, nil, "auth.user_headers"},
		{"groups alone", oauth2Proxy, named(), "auth.user_headers"},
		{"blank", oauth2Proxy, named(" "), "auth.user_headers"},
		{"twice", oauth2Proxy, named("ada@example.com", "ada@example.com"), "auth.user_headers"},
		{"too long", oauth2Proxy, named(strings.Repeat("a", 256)), "auth.user_headers"},
		{"control characters", oauth2Proxy, named("ada\x1b[2J"), "auth.user_headers"},
		{"not UTF-8", oauth2Proxy, named("ada\xff"), "auth.user_headers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			peer, _ := netip.ParseAddrPort(test.peer)
			got, err := newProxy(t, admin.Headers{}).Check(t.Context(), admin.Credentials{RemoteAddr: peer, Header: test.header})
			if !errors.Is(err, admin.ErrUnauthenticated) || got != (admin.Identity{}) {
				t.Errorf("got %+v and error %v, want ErrUnauthenticated", got, err)
			}
			if hint := admin.Hint(err); !strings.Contains(hint, test.hint) {
				t.Errorf("got hint %q, want it to name %s", hint, test.hint)
			}
		})
	}
}

func TestProxyReadsOtherHeaders(t *testing.T) {
	t.Parallel()
	p := newProxy(t, admin.Headers{User: []string{"remote-user"}, Groups: "Remote-Groups"})
	got, err := p.Check(t.Context(), admin.Credentials{
		RemoteAddr: netip.MustParseAddrPort("[::1]:9091"),
		Header: http.Header{
			"Remote-User": {"ada"}, "Remote-Groups": {"admins"},
			"X-Forwarded-Email": {"grace@example.com"}, "X-Forwarded-Groups": {"users"},
		},
	})
	if want := (admin.Identity{UserID: "ada", Admin: true}); err != nil || got != want {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
}

func TestProxyNeedsTrustedProxies(t *testing.T) {
	t.Parallel()
	p, err := admin.NewProxy(admin.ProxyOptions{Groups: []string{"admins"}})
	if p != nil || err == nil || !strings.Contains(err.Error(), "set it to") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v and error %v, want one line that says what to set", p, err)
	}
}

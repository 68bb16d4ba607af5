package threats

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

const (
	adaToken, bobToken = "token-of-ada", "token-of-bob"
	performance        = api + "/performance"
)

// workspace is one in which ada is an administrator and bob is not.
func workspace(t *testing.T) (*workspacetest.Workspace, string) {
	t.Helper()
	w := workspacetest.New()
	w.SetUser(adaToken, databricks.User{Name: "ada@example.com", Groups: []string{"admins"}, Active: true})
	w.SetUser(bobToken, databricks.User{Name: "bob@example.com", Groups: []string{"users"}, Active: true})
	return w, w.Serve(t)
}

// application shows which headers reach it.
func application(t *testing.T) string {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(r.Header)
	}))
	t.Cleanup(app.Close)
	return app.URL
}

// Whatever headers say, the workspace's answer about the token decides who sees
// the metrics, and nobody on a direct connection names the user of a request.
func TestForgedHeadersInWorkspaceMode(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		_, address := workspace(t)
		s := install(t, engine, "DATABRICKS_HOST="+address, "APPMETRICS_UPSTREAM="+application(t)).serve()
		for _, forged := range [][]string{
			{"X-Forwarded-Email", "ada@example.com"},
			{"X-Forwarded-User", "ada@example.com", "X-Forwarded-Groups", "admins"},
			{"X-Forwarded-Preferred-Username", "ada@example.com"},
			{"X_Forwarded_Access_Token", adaToken},
			{"X-Forwarded_Access-Token", adaToken},
			{"X-Forwarded-Access-Token ", adaToken},
			{"X-Forwarded-For", "127.0.0.1", "X-Real-Ip", "127.0.0.1", "Forwarded", "for=127.0.0.1"},
			{"Host", "localhost"},
			{"Cookie", "X-Forwarded-Access-Token=" + adaToken},
			{"Authorization", "Basic " + adaToken},
			{"Proxy-Authorization", "Bearer " + adaToken},
		} {
			for who, want := range map[string]int{"": http.StatusUnauthorized, bobToken: http.StatusForbidden} {
				header := slices.Clone(forged)
				if who != "" {
					header = append(header, "X-Forwarded-Access-Token", who, "Connection", "X-Forwarded-Access-Token")
				}
				got, err := s.try(http.MethodGet, performance, nil, header...)
				if err != nil {
					continue // no header at all: the client does not send it
				}
				if got.status != want {
					t.Errorf("%q: got %d %s, want %d", header, got.status, got.body, want)
				}
			}
			if _, err := s.try(http.MethodGet, "/forged", nil, forged...); err != nil {
				continue
			}
		}
		// Two tokens are none: which of them counts would depend on who reads.
		for _, two := range [][]string{{bobToken, adaToken}, {adaToken, bobToken}} {
			got := s.ask(http.MethodGet, performance, nil, "X-Forwarded-Access-Token", two[0], "X-Forwarded-Access-Token", two[1])
			got.must(t, http.StatusUnauthorized)
		}
		s.ask(http.MethodGet, performance, nil, "X-Forwarded-Access-Token", adaToken).must(t, http.StatusOK)
		s.stop()
		users := s.column("SELECT user_id FROM performance_metrics WHERE endpoint = '/forged' AND user_id IS NOT NULL")
		if len(users) > 0 {
			t.Errorf("forged headers named users: %q", users)
		}
	})
}

// In proxy mode the peers of trusted_proxies are believed, and nobody else; and
// of what they say only what can be read in one way.
func TestForgedHeadersInProxyMode(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		const proxy = "127.0.0.9"
		s := install(t, engine, "APPMETRICS_AUTH_MODE=proxy", "APPMETRICS_TRUSTED_PROXIES="+proxy,
			"APPMETRICS_AUTH_ADMINS=ada@example.com", "APPMETRICS_UPSTREAM="+application(t)).serve()
		email := func(user string) []string { return []string{"X-Forwarded-Email", user} }
		for _, c := range []struct {
			name   string
			header []string
			want   int // from the trusted peer; 401 from any other
			user   string
		}{
			{"ada", email("ada@example.com"), http.StatusOK, "ada@example.com"},
			{"bob", email("bob@example.com"), http.StatusForbidden, "bob@example.com"},
			{"ada-hidden", append(email("ada@example.com"), "Connection", "X-Forwarded-Email"), http.StatusOK, "ada@example.com"},
			{"twice", append(email("bob@example.com"), email("ada@example.com")...), http.StatusUnauthorized, ""},
			{"joined", email("bob@example.com, ada@example.com"), http.StatusUnauthorized, ""},
			{"underscores", append(email("bob@example.com"), "X_forwarded_email", "ada@example.com"), http.StatusForbidden, "bob@example.com"},
			{"underscores-alone", []string{"X_forwarded_email", "ada@example.com"}, http.StatusUnauthorized, ""},
			{"token", []string{"X-Forwarded-Access-Token", adaToken}, http.StatusUnauthorized, ""},
		} {
			for peer, want := range map[string]int{proxy: c.want, "127.0.0.1": http.StatusUnauthorized} {
				got, err := s.via(from(peer), http.MethodGet, performance, nil, c.header...)
				if err != nil {
					t.Fatal(err)
				}
				if got.status != want {
					t.Errorf("%s from %s: got %d, want %d", c.name, peer, got.status, want)
				}
				path := "/" + c.name + "/direct"
				if peer == proxy {
					path = "/" + c.name + "/proxied"
				}
				passed, err := s.via(from(peer), http.MethodGet, path, nil, c.header...)
				if err != nil {
					t.Fatal(err)
				}
				var header http.Header
				passed.must(t, http.StatusOK).read(t, &header)
				for name := range header {
					if strings.Contains(name, "_") {
						t.Errorf("%s: %s reaches the application, which may read it as %s", c.name, name, strings.ReplaceAll(name, "_", "-"))
					}
				}
				if peer == proxy && c.user != "" && header.Get("X-Forwarded-Email") != c.user {
					t.Errorf("%s: the application hears of user %q, want %q", c.name, header.Get("X-Forwarded-Email"), c.user)
				}
			}
		}
		s.stop()
		named := s.column("SELECT endpoint || ' ' || user_id FROM performance_metrics WHERE app = 'default' AND user_id IS NOT NULL ORDER BY 1")
		want := []string{
			"/ada-hidden/proxied ada@example.com", "/ada/proxied ada@example.com",
			"/bob/proxied bob@example.com", "/underscores/proxied bob@example.com",
		}
		slices.Sort(named)
		if !slices.Equal(named, want) {
			t.Errorf("users of requests:\n got %q\nwant %q", named, want)
		}
	})
}

// In local mode nobody behind a proxy, and no page from elsewhere, is the user
// of this machine.
func TestForgedHeadersInLocalMode(t *testing.T) {
	t.Parallel()
	s := install(t, "sqlite").serve()
	for _, header := range [][]string{
		{"Host", "evil.example"},
		{"X-Forwarded-For", "192.0.2.7"},
		{"X-Forwarded-For", "127.0.0.1, 192.0.2.7"},
		{"X-Forwarded-For", "127.0.0.1", "X-Forwarded-For", "192.0.2.7"},
		{"X-Real-Ip", "192.0.2.7"},
		{"X-Forwarded-Host", "evil.example"},
		{"Forwarded", "for=192.0.2.7"},
		{"Via", "1.1 proxy"},
		{"Referer", "https://metrics.example.com/metrics", "User-Agent", "Mozilla/5.0"},
		{"Origin", "https://metrics.example.com", "User-Agent", "Mozilla/5.0"},
		{"X-Forwarded-Access-Token", adaToken},
	} {
		for _, path := range []string{performance, api + "/status", api + "/requests"} {
			if got := s.ask(http.MethodGet, path, nil, header...); got.status != http.StatusForbidden {
				t.Errorf("%q %s: got %d", header, path, got.status)
			}
		}
		if got := s.ask(http.MethodGet, "/internal/appmetrics/prometheus", nil, header...); got.status == http.StatusOK {
			t.Errorf("%q: the figures are shown", header)
		}
	}
	s.ask(http.MethodGet, performance, nil).must(t, http.StatusOK)
}

// The same holds for headers of any other name by which the configuration says
// that the proxy names users and groups.
func TestForgedHeadersOfOtherNames(t *testing.T) {
	t.Parallel()
	const proxy, user, groups = "127.0.0.9", "Remote-User", "Remote-Groups"
	s := install(t, "sqlite", "APPMETRICS_AUTH_MODE=proxy", "APPMETRICS_TRUSTED_PROXIES="+proxy, "APPMETRICS_AUTH_USER_HEADERS="+user,
		"APPMETRICS_AUTH_GROUPS_HEADER="+groups, "ADMIN_GROUPS=admins", "APPMETRICS_UPSTREAM="+application(t)).serve()
	for _, c := range []struct {
		name   string
		header []string
		want   int
	}{
		{"administrator", []string{user, "bob", groups, "staff,admins"}, http.StatusOK},
		{"groups twice", []string{user, "bob", groups, "admins", groups, "staff"}, http.StatusForbidden},
		{"groups twice, the other way round", []string{user, "bob", groups, "staff", groups, "admins"}, http.StatusForbidden},
		{"underscores", []string{user, "bob", "Remote_User", "ada", groups, "staff", "Remote_Groups", "admins", "REMOTE_GROUPS", "admins"}, http.StatusForbidden},
		{"hidden", []string{user, "bob", groups, "staff", "Connection", user + ", " + groups}, http.StatusForbidden},
	} {
		got, err := s.via(from(proxy), http.MethodGet, performance, nil, c.header...)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got.status, c.want)
		}
		passed, err := s.via(from(proxy), http.MethodGet, "/", nil, c.header...)
		if err != nil {
			t.Fatal(err)
		}
		var header http.Header
		passed.must(t, http.StatusOK).read(t, &header)
		if header.Get(user) != "bob" || header.Get(groups) == "" {
			t.Errorf("%s: the application does not hear of bob: %v", c.name, header)
		}
		for name := range header {
			if strings.Contains(name, "_") {
				t.Errorf("%s: %s reaches the application", c.name, name)
			}
		}
	}
}

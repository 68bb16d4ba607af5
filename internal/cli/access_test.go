package cli

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

const workspaceAddress = "https://adb-123.4.azuredatabricks.net"

func settingsOf(mode string) *config.Settings {
	return &config.Settings{
		Auth: config.Auth{
			Mode: mode, AdminGroups: []string{"admins", "ops"}, Admins: []string{"carol@example.com"},
			UserHeaders: []string{"X-Forwarded-Email"}, GroupsHeader: "X-Forwarded-Groups",
		},
		TrustedProxies: []string{"10.0.0.0/8"},
		Databricks:     config.Databricks{Host: workspaceAddress + "/?o=123"},
	}
}

func TestServeSaysWhoMaySeeTheMetrics(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		config.ModeLocal:      "local: whoever is on this machine",
		config.ModeDatabricks: "databricks: members of admins, ops in " + workspaceAddress,
		config.ModeProxy:      "proxy: members of admins, ops, and those of auth.admins (1), as trusted_proxies say",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			var screen bytes.Buffer
			r := &run{Streams: Streams{Err: &screen, ErrTerminal: true}, settings: settingsOf(mode), log: slog.New(slog.DiscardHandler)}
			a, err := r.access(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r.announce(storetest.Open(t, store.SQLite), waiting{}, serving{access: a}, "http://127.0.0.1:8080")
			if !strings.Contains(screen.String(), "\n  auth      "+want+"\n") {
				t.Errorf("got:\n%s\nwant %s", &screen, want)
			}
		})
	}
}

// A site that was named may ask in local mode, that of the demo too.
func TestLocalAccessKnowsTheNamedSites(t *testing.T) {
	t.Parallel()
	settings := settingsOf(config.ModeLocal)
	settings.CORSOrigins = []string{"https://portal.example.com"}
	r := &run{settings: settings}
	for name, made := range map[string]func() (*access, error){
		"serve": func() (*access, error) { return r.access(t.Context()) }, "demo": r.localAccess,
	} {
		a, err := made()
		if err != nil {
			t.Fatal(err)
		}
		for origin, want := range map[string]bool{"https://portal.example.com": true, "https://evil.example.com": false} {
			asked := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:8080/", http.NoBody)
			asked.RemoteAddr = "127.0.0.1:5000"
			asked.Header.Set("User-Agent", "Mozilla/5.0")
			asked.Header.Set("Origin", origin)
			identity, err := a.checker.Check(asked.Context(), admin.FromRequest(asked))
			if got := err == nil && identity.Admin; got != want {
				t.Errorf("%s, page of %s: let in %v (%v), want %v", name, origin, got, err, want)
			}
		}
	}
}

func TestObservedUserIsTheOneThatTheProxyNames(t *testing.T) {
	t.Parallel()
	settings := settingsOf(config.ModeProxy)
	plain, err := (&run{settings: settings}).access(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.Privacy = config.Privacy{Pseudonymize: true, Key: strings.Repeat("k", 32)}
	hashed, err := (&run{settings: settings}).access(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("X-Forwarded-Email", "dora@example.com")
	request.Header.Set("X-Forwarded-User", "somebody else")
	if got := plain.observedUser(request); got != "" {
		t.Errorf("got %q of a stranger", got)
	}
	request.RemoteAddr = "10.1.2.3:4"
	if got := plain.observedUser(request); got != "dora@example.com" {
		t.Errorf("got %q", got)
	}
	if got := hashed.observedUser(request); !strings.HasPrefix(got, "user-") || strings.Contains(got, "dora") {
		t.Errorf("got %q, want a pseudonym", got)
	}
}

// A proxy that names no groups lets only the listed users in, whatever a
// caller claims.
func TestProxyModeWithoutAGroupsHeader(t *testing.T) {
	t.Parallel()
	settings := settingsOf(config.ModeProxy)
	settings.Auth.GroupsHeader = ""
	a, err := (&run{settings: settings}).access(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]bool{"dora@example.com": false, "Carol@example.com": true} {
		request := httptest.NewRequest("GET", "/", nil)
		request.RemoteAddr = "10.1.2.3:4"
		request.Header.Set("X-Forwarded-Email", user)
		request.Header.Set("X-Forwarded-Groups", "admins")
		identity, err := a.checker.Check(t.Context(), admin.FromRequest(request))
		if err != nil || identity.Admin != want {
			t.Errorf("%s: got %+v, %v, want administrator %v", user, identity, err, want)
		}
	}
}

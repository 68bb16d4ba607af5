package admin_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
)

// answer is a Checker that always says the same.
type answer struct {
	identity admin.Identity
	err      error
}

func (a answer) Check(context.Context, admin.Credentials) (admin.Identity, error) {
	return a.identity, a.err
}

func TestRequireAdmin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		checker answer
		want    error
	}{
		{"admin", answer{identity: admin.Identity{UserID: "ada", Admin: true}}, nil},
		{"known user", answer{identity: admin.Identity{UserID: "bob"}}, admin.ErrForbidden},
		{"no token", answer{err: admin.ErrUnauthenticated}, admin.ErrUnauthenticated},
		{"workspace away", answer{identity: admin.Identity{Admin: true}, err: admin.ErrUnverifiable}, admin.ErrUnverifiable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := admin.RequireAdmin(t.Context(), test.checker, admin.Credentials{})
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if err != nil && got.Admin {
				t.Error("got an administrator beside an error")
			}
		})
	}
}

// R16 fixes these words.
func TestWords(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		admin.ErrForbidden:    "Administrator privileges required to access metrics",
		admin.ErrUnverifiable: "Unable to verify admin privileges",
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestFromRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, forwarded, authorization, want string
	}{
		{"none", "", "", ""},
		{"forwarded", "one", "", "one"},
		{"bearer", "", "Bearer two", "two"},
		{"bearer in any case", "", "bEaReR two", "two"},
		{"forwarded first", "one", "Bearer two", "one"},
		{"blank forwarded", "  ", "Bearer two", "two"},
		{"basic is no token", "", "Basic dXNlcjpwYXNz", ""},
		{"no scheme", "", "two", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "http://app.example/", http.NoBody)
			r.RemoteAddr = "192.0.2.7:1234"
			if test.forwarded != "" {
				r.Header.Set("X-Forwarded-Access-Token", test.forwarded)
			}
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			got := admin.FromRequest(r)
			if got.Token != test.want {
				t.Errorf("got token %q, want %q", got.Token, test.want)
			}
			if got.Host != "app.example" || got.RemoteAddr != netip.MustParseAddrPort("192.0.2.7:1234") {
				t.Errorf("got host %q and peer %v", got.Host, got.RemoteAddr)
			}
		})
	}
}

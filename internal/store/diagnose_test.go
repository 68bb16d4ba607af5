package store_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func diagnose(t *testing.T, s *store.Store) store.Diagnosis {
	t.Helper()
	d, err := s.Diagnose(t.Context())
	if err != nil {
		t.Fatalf("diagnose: %v", err)
	}
	return d
}

// with returns a PostgreSQL URL with other parameters.
func with(t *testing.T, address string, parameters ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // which pgx does not read as a space
	return u.String()
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := diagnose(t, s)
		if d.Engine != s.Engine() || len(strings.Split(d.Version, ".")) < 2 || strings.Contains(d.Version, " ") {
			t.Errorf("got %s %q, want %s and its version", d.Engine, d.Version, s.Engine())
		}
		if !strings.HasPrefix(d.Place, map[string]string{store.SQLite: "sqlite:///", store.PostgreSQL: "postgres://"}[d.Engine]) {
			t.Errorf("got the place %q", d.Place)
		}
		if d.SizeBytes < 1<<15 {
			t.Errorf("got %d bytes", d.SizeBytes)
		}
		if d.TLS != (store.TLS{}) || !d.Local || d.ReadOnly || len(d.Missing) > 0 {
			t.Errorf("got %+v, want no TLS, on this machine, writable and nothing missing", d)
		}
		if s.Engine() == store.SQLite && d.ClockSkew != 0 {
			t.Errorf("got a clock skew of %s, want none of our own clock", d.ClockSkew)
		}
	})
}

func TestDiagnoseClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		s := storetest.Open(t, store.PostgreSQL, func(o *store.Options) {
			o.Now = func() time.Time { return time.Now().Add(ahead) }
		})
		// The server of the tests has our clock, and the limit is a busy machine's.
		if got := diagnose(t, s).ClockSkew; (got + ahead).Abs() > 2*time.Second {
			t.Errorf("we are ahead by %s: got a skew of %s", ahead, got)
		}
	}
}

func TestDiagnoseTLS(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t, store.PostgreSQL)
	for mode, verified := range map[string]bool{"require": false, "verify-full": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			parameters := []string{"sslmode", mode}
			if verified {
				parameters = append(parameters, "sslrootcert", storetest.Certificate(t))
			}
			s := storetest.OpenAt(t, store.Options{URL: with(t, address, parameters...)})
			if got := diagnose(t, s).TLS; !got.On || got.Verified != verified || !strings.HasPrefix(got.Version, "TLS 1.") {
				t.Errorf("got %+v, want TLS, verified: %v", got, verified)
			}
		})
	}
}

func TestDiagnoseReadOnly(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t, store.PostgreSQL)
	s := storetest.OpenAt(t, store.Options{URL: with(t, address, "default_transaction_read_only", "on")})
	if !diagnose(t, s).ReadOnly {
		t.Error("got writable, want read-only")
	}
}

func TestDiagnoseRights(t *testing.T) {
	t.Parallel()
	_, migrated := storetest.OpenURL(t, store.PostgreSQL)
	every := []string{
		"SELECT on performance_metrics", "INSERT on performance_metrics", "DELETE on performance_metrics",
		"SELECT on usage_events", "INSERT on usage_events", "DELETE on usage_events",
		"SELECT on aggregated_metrics", "INSERT on aggregated_metrics", "DELETE on aggregated_metrics",
		"SELECT on coarse_metrics", "INSERT on coarse_metrics", "DELETE on coarse_metrics",
		"SELECT on coarse_days", "INSERT on coarse_days", "UPDATE on coarse_days", "DELETE on coarse_days",
		"SELECT on received_ids", "INSERT on received_ids", "DELETE on received_ids",
		"SELECT on replay_positions", "INSERT on replay_positions", "UPDATE on replay_positions", "DELETE on replay_positions",
		"SELECT on aggregation_runs", "INSERT on aggregation_runs", "DELETE on aggregation_runs",
		"SELECT on appmetrics_schema_versions",
	}
	for name, c := range map[string]struct {
		url    string
		before string // as the owner
		grants []string
		want   []string
	}{
		"none":    {url: migrated, want: every},
		"reading": {url: migrated, grants: []string{"SELECT, INSERT ON ALL TABLES IN SCHEMA public"}, want: slices.DeleteFunc(slices.Clone(every), func(r string) bool { return !strings.HasPrefix(r, "DELETE") && !strings.HasPrefix(r, "UPDATE") })},
		"all":     {url: migrated, grants: []string{"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"}},
		"an empty database": {
			url: storetest.URL(t, store.PostgreSQL), before: "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
			want: []string{"CREATE on schema public"},
		},
		"an empty database to create in": {
			url: storetest.URL(t, store.PostgreSQL), grants: []string{"CREATE ON SCHEMA public"},
		},
		"no schema": {
			url: storetest.URL(t, store.PostgreSQL), before: "REVOKE ALL ON SCHEMA public FROM PUBLIC",
			want: []string{"USAGE and CREATE on a schema of the search path"},
		},
		"a hidden schema": {
			url: hidden(t), want: []string{"USAGE on schema public"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			role := storetest.NewRole(t, c.url)
			if c.before != "" {
				if _, err := storetest.DB(t, c.url).ExecContext(t.Context(), c.before); err != nil {
					t.Fatal(err)
				}
			}
			for _, right := range c.grants {
				role.Grant(t, right)
			}
			if err := role.SetPassword(t.Context(), "it's"); err != nil {
				t.Fatal(err)
			}
			s := storetest.OpenAt(t, store.Options{URL: role.URL(t, "it's")})
			if got := diagnose(t, s).Missing; !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// hidden returns a migrated database in whose schema only its owner is let.
func hidden(t *testing.T) string {
	t.Helper()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	if _, err := storetest.DB(t, address).ExecContext(t.Context(), "REVOKE ALL ON SCHEMA public FROM PUBLIC"); err != nil {
		t.Fatal(err)
	}
	return address
}

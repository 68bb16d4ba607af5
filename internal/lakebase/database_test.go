package lakebase_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
	"github.com/appmetrics/appmetrics/internal/lakebase"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// lake is a PostgreSQL database that stands in for Lakebase: a service
// principal logs in with passwords that the workspace hands out and that
// change.
type lake struct {
	workspace *workspacetest.Workspace
	role      *storetest.Role
	url       string // of the database, with neither host nor user

	mu       sync.Mutex
	now      func() time.Time
	password string
	lifetime time.Duration
	broken   bool // hands out what the database does not take
}

// newLake logs a service principal in to a workspace behind a real listener.
// with changes the options of the credentials.
func newLake(t *testing.T, database string, with ...func(*lakebase.Options)) (*lake, *lakebase.Credentials) {
	t.Helper()
	clearEnvironment(t)
	l := &lake{workspace: workspacetest.New(), role: storetest.NewRole(t, database), now: time.Now, lifetime: time.Hour}
	l.role.GrantAll(t)
	l.rotate(t)
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	l.url = fmt.Sprintf("postgres://:%s%s?sslrootcert=%s", address.Port(), address.Path, url.QueryEscape(storetest.Certificate(t)))

	l.workspace.SetServicePrincipal(l.role.Name, "client-secret", databricks.User{Name: l.role.Name, Active: true})
	l.workspace.SetEndpoint(endpoint, address.Hostname(), l.issue)
	t.Setenv("DATABRICKS_TOKEN", "")
	t.Setenv("DATABRICKS_CLIENT_ID", l.role.Name)
	t.Setenv("DATABRICKS_CLIENT_SECRET", "client-secret")
	login, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{Host: l.workspace.Serve(t)})
	if err != nil {
		t.Fatal(err)
	}
	o := lakebase.Options{Login: login, Endpoint: endpoint}
	for _, change := range with {
		change(&o)
	}
	c, err := lakebase.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l, c
}

// issue hands out the password of now, never in the middle of a change.
func (l *lake) issue() databricks.Credential {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := databricks.Credential{Password: l.password, ExpiresAt: l.now().Add(l.lifetime)}
	if l.broken {
		c.Password = secret + rand.Text()
	}
	return c
}

// rotate changes the password: the one before it is refused from now on.
func (l *lake) rotate(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.password = secret + rand.Text()
	if err := l.role.SetPassword(t.Context(), l.password); err != nil {
		t.Fatalf("rotate: %v", err)
	}
}

func (l *lake) set(change func(*lake)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// credentialCalls returns how many passwords the workspace was asked for.
func (l *lake) credentialCalls() int { return l.workspace.Calls(workspacetest.EndpointCredentialPath) }

// counting counts what the database makes of the passwords.
type counting struct {
	store.Credentials
	mu                sync.Mutex
	accepted, refused int
	last              string // password that was accepted
}

func (c *counting) Apply(ctx context.Context, config *pgx.ConnConfig) (func(bool), error) {
	verdict, err := c.Credentials.Apply(ctx, config)
	used := config.Password
	return func(accepted bool) {
		verdict(accepted)
		c.mu.Lock()
		defer c.mu.Unlock()
		if accepted {
			c.accepted++
			c.last = used
		} else {
			c.refused++
		}
	}, err
}

func (c *counting) counts() (accepted, refused int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accepted, c.refused
}

// met reports whether somebody has logged in since the last rotation.
func (c *counting) met(l *lake) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last == l.password
}

func migrated(t *testing.T) string {
	t.Helper()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	return address
}

func batch() metric.Batch {
	return metric.Batch{Requests: []metric.Request{{
		Timestamp: time.Now(), App: "shop", Endpoint: "/orders", Method: "GET", StatusCode: 200, ResponseTimeMS: 1,
	}}}
}

// mustAppend writes through a connection that is new when the last one has
// grown old.
func mustAppend(ctx context.Context, t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.Append(ctx, batch()); err != nil {
		t.Fatalf("append: %v", err)
	}
}

// patience bounds loops that end when connections have grown old.
func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// oneClearLine fails unless err is of that kind, in one line without password.
func oneClearLine(t *testing.T, err, kind error, says string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, secret) || !strings.Contains(text, says) {
		t.Errorf("got %q, want one line that says %q and no password", text, says)
	}
}

func TestTheWorkspaceSaysItAll(t *testing.T) {
	l, c := newLake(t, migrated(t))
	ctx := patience(t)
	s := storetest.OpenAt(t, store.Options{URL: l.url, Credentials: c})
	mustAppend(ctx, t, s)
	d, err := s.Diagnose(t.Context())
	if err != nil || !d.TLS.On || !d.TLS.Verified || len(d.Missing) > 0 {
		t.Errorf("got %+v, %v; want TLS that is verified, and every right", d, err)
	}
}

// TestTheHostIsVerified reaches the same server by names that its certificate
// has, and by one that it has not.
func TestTheHostIsVerified(t *testing.T) {
	database := migrated(t)
	for name, c := range map[string]struct {
		host, sslmode string
		verified      bool
		says          string
	}{
		"another of its names": {host: "localhost", verified: true},
		"a name it has not":    {host: "0.0.0.0", says: "certificate is valid for 127.0.0.1, not 0.0.0.0"},
		"and only its issuer":  {host: "0.0.0.0", sslmode: "verify-ca"},
	} {
		t.Run(name, func(t *testing.T) {
			l, credentials := newLake(t, database)
			l.workspace.SetEndpoint(endpoint, c.host, l.issue)
			s, err := store.Open(t.Context(), store.Options{URL: l.url + "&sslmode=" + c.sslmode, Credentials: credentials, PoolMin: 1})
			if c.says != "" {
				oneClearLine(t, err, store.ErrUnavailable, c.says)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d, err := s.Diagnose(t.Context())
			if err != nil || !d.TLS.On || d.TLS.Verified != c.verified {
				t.Errorf("got %+v, %v; want TLS, verified: %v", d.TLS, err, c.verified)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPasswordRefusedOnce(t *testing.T) {
	ctx := patience(t)
	l, c := newLake(t, migrated(t))
	counts := &counting{Credentials: c}
	s := storetest.OpenAt(t, store.Options{URL: l.url, Credentials: counts, PoolMax: 1, ConnLifetime: 20 * time.Millisecond})
	calls := l.credentialCalls()
	l.rotate(t)
	for {
		mustAppend(ctx, t, s)
		if _, refused := counts.counts(); refused > 0 {
			break
		}
	}
	mustAppend(ctx, t, s)
	if got := l.credentialCalls() - calls; got != 1 {
		t.Errorf("got %d new passwords, want 1", got)
	}
}

func TestPasswordRefusedTwice(t *testing.T) {
	l, c := newLake(t, migrated(t))
	l.set(func(l *lake) { l.broken = true })
	_, err := store.Open(t.Context(), store.Options{URL: l.url, Credentials: c, PoolMin: 1, PoolMax: 1})
	oneClearLine(t, err, store.ErrPermission, "the database refused")
	if got := l.credentialCalls(); got != 2 {
		t.Errorf("got %d passwords, want 2", got)
	}
}

// TestManyRefusedAtOnce has writers that need a connection each, because none
// commits before all have begun, and as many logins refused at once.
func TestManyRefusedAtOnce(t *testing.T) {
	const connections = 20
	l, c := newLake(t, migrated(t))
	counts := &counting{Credentials: c}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var begun atomic.Int64
	all := make(chan struct{})
	s := storetest.OpenAt(t, store.Options{
		URL: l.url, Credentials: counts, PoolMax: connections,
		Failpoint: func(_ context.Context, point string) error {
			if point == "append.commit" {
				if begun.Add(1) == connections {
					close(all)
				}
				select {
				case <-all:
				case <-ctx.Done():
				}
			}
			return nil
		},
	})
	calls := l.credentialCalls()
	l.rotate(t)
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			if _, err := s.Append(ctx, batch()); err != nil {
				t.Errorf("append: %v", err)
				cancel()
			}
		})
	}
	group.Wait()
	if _, refused := counts.counts(); l.credentialCalls()-calls != 1 || refused < 2 {
		t.Errorf("got %d new passwords for %d refused logins, want 1 for many", l.credentialCalls()-calls, refused)
	}
}

func TestExpiryDuringAnOutage(t *testing.T) {
	ctx := patience(t)
	var clock struct {
		sync.Mutex
		ahead time.Duration
	}
	now := func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		return time.Now().Add(clock.ahead)
	}
	pass := func(d time.Duration) {
		clock.Lock()
		defer clock.Unlock()
		clock.ahead += d
	}
	l, c := newLake(t, migrated(t), func(o *lakebase.Options) { o.Now = now })
	l.set(func(l *lake) { l.now = now })
	counts := &counting{Credentials: c}
	s := storetest.OpenAt(t, store.Options{URL: l.url, Credentials: counts, PoolMax: 1, ConnLifetime: 20 * time.Millisecond})
	mustAppend(ctx, t, s)

	fail := func() {
		l.workspace.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Status: 503} })
	}
	fail()
	pass(58 * time.Minute)
	before, _ := counts.counts()
	for { // the old password goes on being good
		mustAppend(ctx, t, s)
		if accepted, _ := counts.counts(); accepted > before+2 {
			break
		}
	}
	pass(3 * time.Minute)
	for { // until the last connection has grown old
		if _, err := s.Append(ctx, batch()); err != nil {
			oneClearLine(t, err, store.ErrUnavailable, "the password expired at")
			break
		}
	}
	l.workspace.Respond(nil)
	pass(time.Minute)
	mustAppend(ctx, t, s)
}

func TestMigrationsWithARotatingPassword(t *testing.T) {
	l, c := newLake(t, storetest.URL(t, store.PostgreSQL))
	counts := &counting{Credentials: c}
	s := storetest.OpenAt(t, store.Options{URL: l.url, Credentials: counts, PoolMax: 1})
	for range 3 {
		l.rotate(t)
		if _, err := s.MigrateUp(t.Context(), nil); err != nil {
			t.Fatalf("up: %v", err)
		}
		l.rotate(t)
		if _, err := s.MigrateDown(t.Context()); err != nil {
			t.Fatalf("down: %v", err)
		}
	}
	if _, refused := counts.counts(); refused < 6 {
		t.Errorf("got %d logins refused, want one for each of the 6 locks", refused)
	}
}

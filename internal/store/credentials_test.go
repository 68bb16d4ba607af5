package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// keyring is the least that [store.Credentials] can be: a list of passwords,
// of which a refusal uses up one.
type keyring struct {
	user    string
	forbids error // Check's answer

	mu                         sync.Mutex
	passwords                  []string
	away                       error // Apply's answer
	applied, accepted, refused int
}

func (k *keyring) Check(*pgx.ConnConfig) error { return k.forbids }

func (k *keyring) Apply(_ context.Context, c *pgx.ConnConfig) (func(bool), error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.applied++
	used := k.passwords[0]
	c.User, c.Password = k.user, used
	return func(accepted bool) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if accepted {
			k.accepted++
			return
		}
		k.refused++
		if used == k.passwords[0] && len(k.passwords) > 1 {
			k.passwords = k.passwords[1:]
		}
	}, k.away
}

func (k *keyring) counts() (applied, accepted, refused int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.applied, k.accepted, k.refused
}

func (k *keyring) set(away error, passwords ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.away, k.passwords = away, passwords
}

// newKeyring returns the credentials of a user who may do everything, with the
// user's only right password.
func newKeyring(t *testing.T, url string) (k *keyring, right string) {
	t.Helper()
	role, right := storetest.NewRole(t, url), rand.Text()
	role.GrantAll(t)
	if err := role.SetPassword(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	return &keyring{user: role.Name, passwords: []string{right}}, right
}

// patience bounds loops that end when connections have grown old.
func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestRefusedLoginIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	_, url := storetest.OpenURL(t, store.PostgreSQL)
	k, right := newKeyring(t, url)
	k.set(nil, "expired", right)
	s := storetest.OpenAt(t, store.Options{URL: url, Credentials: k})
	if _, err := s.Append(t.Context(), history()); err != nil {
		t.Errorf("append: %v", err)
	}
	if _, accepted, refused := k.counts(); accepted == 0 || refused == 0 {
		t.Errorf("got %d logins accepted and %d refused, want some of both", accepted, refused)
	}
}

func TestSecondRefusalIsAnError(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, store.PostgreSQL)
	k, _ := newKeyring(t, url)
	k.set(nil, "first-secret", "second-secret", "third-secret", "fourth-secret", "fifth-secret")
	s, err := store.Open(t.Context(), store.Options{URL: url, Credentials: k, PoolMin: 1, PoolMax: 1})
	if err == nil {
		_ = s.Close()
		t.Fatal("got no error")
	}
	if !errors.Is(err, store.ErrPermission) {
		t.Errorf("got %v, want ErrPermission", err)
	}
	text := err.Error()
	if strings.Contains(text, "secret") || strings.Contains(text, "\n") ||
		!strings.Contains(text, "and the one that followed: FATAL: password authentication failed") {
		t.Errorf("got %q, want one line that says so, without a password", text)
	}
	// Those are the check of what Open was given, its two attempts, and the
	// connection that the pool makes by itself.
	if applied, _, _ := k.counts(); applied > 4 {
		t.Errorf("got %d credentials used, want no loop", applied)
	}
}

func TestForbiddenSettingsAreNoOutage(t *testing.T) {
	t.Parallel()
	forbids := errors.New("not like this")
	k := &keyring{forbids: forbids}
	_, err := store.Open(t.Context(), store.Options{URL: "postgres://127.0.0.1:1/x", Credentials: k})
	if !errors.Is(err, forbids) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want the error of Check and no kind", err)
	}
	if applied, _, _ := k.counts(); applied != 0 {
		t.Errorf("got %d calls of Apply, want none", applied)
	}
}

func TestNoCredentialIsAnOutage(t *testing.T) {
	t.Parallel()
	_, url := storetest.OpenURL(t, store.PostgreSQL)
	k, right := newKeyring(t, url)
	away := errors.New("workspace away")
	k.set(away, right)
	if _, err := store.Open(t.Context(), store.Options{URL: url, Credentials: k}); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, away) {
		t.Errorf("open: got %v, want ErrUnavailable and what happened", err)
	}
	k.set(nil, right)
	s := storetest.OpenAt(t, store.Options{URL: url, Credentials: k, PoolMax: 1, ConnLifetime: 50 * time.Millisecond})
	k.set(away, right)
	for ctx := patience(t); ; { // until the connections that there are have grown old
		_, err := s.Append(ctx, metric.Batch{Events: history().Events})
		if err == nil {
			continue
		}
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, away) {
			t.Errorf("append: got %v, want ErrUnavailable and what happened", err)
		}
		break
	}
	k.set(nil, right)
	if _, err := s.Append(t.Context(), history()); err != nil {
		t.Errorf("append after the outage: %v", err)
	}
}

func TestMigrationLockLogsInAgain(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, store.PostgreSQL)
	k, right := newKeyring(t, url)
	s := storetest.OpenAt(t, store.Options{URL: url, Credentials: k})
	k.set(nil, "expired", right)
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	if _, _, refused := k.counts(); refused == 0 {
		t.Error("got no login refused, so this proves nothing")
	}
	k.set(nil, "wrong", "wrong as well", "and this")
	if _, err := s.MigrateUp(t.Context(), nil); !errors.Is(err, store.ErrPermission) {
		t.Errorf("got %v, want ErrPermission", err)
	}
}

func TestConnectionsGrowOld(t *testing.T) {
	t.Parallel()
	_, url := storetest.OpenURL(t, store.PostgreSQL)
	k, _ := newKeyring(t, url)
	s := storetest.OpenAt(t, store.Options{URL: url, Credentials: k, PoolMax: 1, ConnLifetime: 20 * time.Millisecond})
	for ctx := patience(t); ; {
		if _, accepted, _ := k.counts(); accepted > 4 {
			break
		}
		if _, _, err := s.SchemaVersion(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

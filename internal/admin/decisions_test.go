package admin_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// ttl is how long a decision holds (R16a).
const ttl = 300 * time.Second

// Traffic that never stops must not keep anybody in, nor out.
func TestRevokedAndNewAdminsUnderConstantTraffic(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"revoked": true, "appointed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, fake := newWorkspace(t)
				fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: time.Second} })
				set := func(isAdmin bool) {
					groups := []string{"users"}
					if isAdmin {
						groups = append(groups, "admins")
					}
					fake.SetUser("eve-token", databricks.User{ID: "3", Name: "eve@example.com", Groups: groups, Active: true})
				}
				const change = 90 * time.Second // while the first decision holds
				set(before)
				start, changed, longest := time.Now(), false, time.Duration(0)
				for elapsed := time.Duration(0); elapsed < 20*time.Minute; elapsed = time.Since(start) {
					if !changed && elapsed >= change {
						set(!before)
						changed = true
					}
					got, err := w.Check(t.Context(), holding("eve-token"))
					switch {
					case err != nil:
						t.Fatal(err)
					case !changed && got.Admin != before:
						t.Fatalf("after %v: got admin %v before the change", elapsed, got.Admin)
					case changed && got.Admin == before:
						longest = time.Since(start) - change
					}
					time.Sleep(250 * time.Millisecond)
				}
				if longest >= ttl || longest < ttl-2*change {
					t.Errorf("was what they had been %v after the change", longest)
				}
				if calls := fake.Calls(workspacetest.MePath); calls != 4 { // one for every 5 minutes of 20
					t.Errorf("got %d calls, want 4", calls)
				}
			})
		})
	}
}

// A token that the workspace no longer accepts is out as soon.
func TestRevokedToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		if _, err := admin.RequireAdmin(t.Context(), w, holding("ada-token")); err != nil {
			t.Fatal(err)
		}
		fake.RemoveUser("ada-token")
		time.Sleep(ttl)
		for range 2 {
			if got, err := w.Check(t.Context(), holding("ada-token")); !errors.Is(err, admin.ErrUnauthenticated) {
				t.Errorf("got %+v and error %v", got, err)
			}
		}
	})
}

// A decision is as old as the question: an answer on its way for 4 s has 4 s
// less to hold.
func TestDecisionsHoldFromTheStartOfTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: 4 * time.Second} })
		check := func() {
			t.Helper()
			if _, err := w.Check(t.Context(), holding("ada-token")); err != nil {
				t.Fatal(err)
			}
		}
		check()
		time.Sleep(ttl - 4*time.Second - 1)
		check()
		if calls := fake.Calls(workspacetest.MePath); calls != 1 {
			t.Errorf("before 300 s: got %d calls, want 1", calls)
		}
		time.Sleep(time.Nanosecond)
		check()
		if calls := fake.Calls(workspacetest.MePath); calls != 2 {
			t.Errorf("after 300 s: got %d calls, want 2", calls)
		}
		if got, want := w.Stats(), (admin.WorkspaceStats{Entries: 1, Hits: 1, Calls: 2}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestExpiredDecisionsAreNotServedWhileTheWorkspaceIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		for _, token := range []string{"ada-token", "bob-token"} {
			if _, err := w.Check(t.Context(), holding(token)); err != nil {
				t.Fatal(err)
			}
		}
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Refuse: true} })
		time.Sleep(ttl - 1)
		if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin {
			t.Errorf("a decision that holds: got %+v and error %v", got, err)
		}
		time.Sleep(time.Nanosecond)
		for _, token := range []string{"ada-token", "bob-token"} {
			if got, err := w.Check(t.Context(), holding(token)); !errors.Is(err, admin.ErrUnverifiable) || got != (admin.Identity{}) {
				t.Errorf("one that has expired: got %+v and error %v", got, err)
			}
		}
	})
}

func TestDecisionsDoNotOutliveTheToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lives, holds time.Duration
	}{
		"expires before 5 minutes": {2 * time.Minute, 2 * time.Minute},
		"expires after 5 minutes":  {time.Hour, ttl},
		"expired by our clock":     {-time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, fake := newWorkspace(t)
				token := jwt(fmt.Sprintf(`{"sub":"ada","exp":%d}`, time.Now().Add(test.lives).Unix()))
				fake.SetUser(token, databricks.User{ID: "1", Name: "ada@example.com", Groups: []string{"admins"}, Active: true})
				check := func(calls int) {
					t.Helper()
					if got, err := w.Check(t.Context(), holding(token)); err != nil || !got.Admin {
						t.Errorf("got %+v and error %v", got, err)
					}
					if got := fake.Calls(workspacetest.MePath); got != calls {
						t.Errorf("got %d calls, want %d", got, calls)
					}
				}
				check(1)
				if test.holds > 0 {
					time.Sleep(test.holds - 1)
					check(1)
					time.Sleep(time.Nanosecond)
				}
				check(2)
			})
		})
	}
}

// Whatever stands beside the token decides nothing, now or later.
func TestHeadersDecideNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := newWorkspace(t)
		header := http.Header{
			"X-Forwarded-Email": {"ada@example.com"}, "X-Forwarded-User": {"ada"}, "X-Forwarded-Groups": {"admins"},
		}
		for range 2 { // cold, then from the cache
			for token, want := range map[string]admin.Identity{
				"bob-token": {UserID: "bob@example.com"},
				"ada-token": {UserID: "ada@example.com", Admin: true},
			} {
				got, err := w.Check(t.Context(), admin.Credentials{Token: token, Host: "ada", Header: header})
				if err != nil || got != want {
					t.Errorf("%s: got %+v and error %v, want %+v", token, got, err, want)
				}
			}
			if got, err := w.Check(t.Context(), admin.Credentials{Header: header}); !errors.Is(err, admin.ErrUnauthenticated) {
				t.Errorf("without a token: got %+v and error %v", got, err)
			}
		}
		if got := w.Stats(); got.Entries != 2 || got.Calls != 2 {
			t.Errorf("got %+v, want 2 entries of 2 calls", got)
		}
	})
}

func TestTokensAreNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const token = "dapi0123456789abcdef"
		var held [2]string
		for i := range held {
			w, fake := newWorkspace(t)
			fake.SetUser(token, databricks.User{ID: "1", Name: "ada@example.com", Active: true})
			if _, err := w.Check(t.Context(), holding(token)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // for the flight to be over
			held[i] = w.Held()
			if !strings.Contains(held[i], "ada@example.com") {
				t.Errorf("the decision is not held: %q", held[i])
			}
			plain := sha256.Sum256([]byte(token))
			for _, kept := range []string{token, string(plain[:]), hex.EncodeToString([]byte(token)), hex.EncodeToString(plain[:])} {
				if strings.Contains(held[i], kept) {
					t.Errorf("%q is kept in %q", kept, held[i])
				}
			}
		}
		if held[0] == held[1] {
			t.Error("two processes keep a token under the same key")
		}
	})
}

// hundredThousand is how many tokens somebody may try.
const hundredThousand = 100_000

func TestMemoryOfManyTokens(t *testing.T) { // not parallel: it measures the heap
	const most = 16 << 20
	groups := []string{"users"}
	for name, directory := range map[string]answers{
		"refused": func(string) (databricks.User, error) {
			return databricks.User{}, databricks.ErrUnauthenticated
		},
		"accepted": func(token string) (databricks.User, error) {
			return databricks.User{Name: "somebody-with-a-long-name-" + token[:8] + "@example.com", Groups: groups, Active: true}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := admin.NewWorkspace(admin.WorkspaceOptions{Directory: directory, Groups: []string{"admins"}})
			before := heap()
			for i := range hundredThousand {
				_, _ = w.Check(t.Context(), holding(fmt.Sprintf("%08d%s", i, strings.Repeat("x", 1000))))
			}
			grown := heap() - before
			t.Logf("%s grew the heap by %d KiB, %+v", name, grown>>10, w.Stats())
			if grown > most {
				t.Errorf("the heap grew by %d bytes, more than %d", grown, most)
			}
			if got := w.Stats(); got.Entries > 10_000 || got.Calls != hundredThousand {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// heap returns the bytes in use once the garbage is gone.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one finalised
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkCachedCheck(b *testing.B) {
	w := admin.NewWorkspace(admin.WorkspaceOptions{
		Directory: answers(func(string) (databricks.User, error) {
			return databricks.User{Name: "ada@example.com", Groups: []string{"admins"}, Active: true}, nil
		}),
		Groups: []string{"admins"},
	})
	c := holding(jwt(`{"sub":"ada@example.com","exp":4102444800,"pad":"` + strings.Repeat("x", 600) + `"}`))
	b.ReportAllocs()
	for b.Loop() {
		if got, err := w.Check(b.Context(), c); err != nil || !got.Admin {
			b.Fatal(got, err)
		}
	}
}

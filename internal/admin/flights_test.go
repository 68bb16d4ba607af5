package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

func TestThousandColdChecksMakeOneCall(t *testing.T) {
	t.Parallel()
	for name, delay := range map[string]time.Duration{"slow": time.Second, "fast": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, fake := newWorkspace(t)
				fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: delay} })
				var all sync.WaitGroup
				start := make(chan struct{})
				for range 1000 {
					all.Go(func() {
						<-start
						if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin {
							t.Errorf("got %+v and error %v", got, err)
						}
					})
				}
				synctest.Wait()
				close(start)
				all.Wait()
				if calls := fake.Calls(workspacetest.MePath); calls != 1 {
					t.Errorf("got %d calls, want 1", calls)
				}
			})
		})
	}
}

// A caller who looked before the answer came, and asks after it, makes no call.
func TestLateComersFindTheDecision(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	w := admin.NewWorkspace(admin.WorkspaceOptions{Directory: answers(func(string) (databricks.User, error) {
		calls.Add(1)
		return databricks.User{Name: "ada@example.com", Active: true}, nil
	})})
	const rounds = 2000
	for round := range rounds {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _, _ = w.Check(t.Context(), holding(fmt.Sprint(round))) })
		}
		all.Wait()
	}
	if got := calls.Load(); got != rounds {
		t.Errorf("got %d calls, want %d", got, rounds)
	}
}

// The call belongs to nobody: whoever goes away goes alone.
func TestFirstCallerGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: 2 * time.Second} })
		start := time.Now()
		var all sync.WaitGroup
		first, leave := context.WithCancel(t.Context())
		all.Go(func() {
			if _, err := w.Check(first, holding("ada-token")); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
				t.Errorf("the first got error %v after %v, want it cancelled after 1 s", err, time.Since(start))
			}
		})
		synctest.Wait()
		for range 10 {
			all.Go(func() {
				if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin || time.Since(start) != 2*time.Second {
					t.Errorf("another got %+v and error %v after %v", got, err, time.Since(start))
				}
			})
		}
		time.Sleep(time.Second)
		leave()
		all.Wait()
		if calls := fake.Calls(workspacetest.MePath); calls != 1 {
			t.Errorf("got %d calls, want 1", calls)
		}
	})
}

// A caller's own deadline holds for that caller, and the answer is kept for the next.
func TestCallersDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: 2 * time.Second} })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.Check(ctx, holding("ada-token")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want that of the context", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin || w.Stats().Hits != 1 {
			t.Errorf("got %+v and error %v with %+v, want a hit", got, err, w.Stats())
		}
	})
}

// Tokens take turns, and no wait is longer than the limit of a call.
func TestCallsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const atOnce, tokens, takes = 4, 30, time.Second
		w, fake := newWorkspace(t, func(o *admin.WorkspaceOptions) { o.Calls = atOnce })
		for i := range tokens {
			fake.SetUser(fmt.Sprint("token", i), databricks.User{ID: fmt.Sprint(i), Name: fmt.Sprint("user", i), Active: true})
		}
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Delay: takes} })
		start := time.Now()
		var all sync.WaitGroup
		var known, away atomic.Int32
		for i := range tokens {
			all.Go(func() {
				got, err := w.Check(t.Context(), holding(fmt.Sprint("token", i)))
				took := time.Since(start)
				switch {
				case err == nil && got.UserID == fmt.Sprint("user", i) && took <= callLimit:
					known.Add(1)
				case errors.Is(err, admin.ErrUnverifiable) && took == callLimit:
					away.Add(1)
				default:
					t.Errorf("got %+v and error %v after %v", got, err, took)
				}
			})
		}
		for second := range 5 {
			synctest.Wait()
			if got, want := fake.Calls(workspacetest.MePath), (second+1)*atOnce; got != want {
				t.Errorf("after %d s: got %d calls, want %d", second, got, want)
			}
			time.Sleep(takes)
		}
		all.Wait()
		// The fifth four are cut at 5 s, when they would have had their answer,
		// or get it: both end at that moment.
		if got := known.Load(); got < 4*atOnce || got > 5*atOnce || got+away.Load() != tokens {
			t.Errorf("got %d known and %d away of %d", got, away.Load(), tokens)
		}
		if got := w.Stats(); got.Failures != int64(away.Load()) {
			t.Errorf("got %+v, want %d failures", got, away.Load())
		}
	})
}

// Calls outlive those who asked, so a crowd that comes and goes must not pile
// them up: whoever finds the line full is told at once, and it empties again.
func TestWaitingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls, waiting, crowd = 2, 8, 100
		w, fake := newWorkspace(t, func(o *admin.WorkspaceOptions) { o.Calls, o.Waiting = calls, waiting })
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Hang: true} })
		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var left, refused atomic.Int32
		for i := range crowd {
			all.Go(func() {
				switch _, err := w.Check(gone, holding(fmt.Sprint("token", i))); {
				case errors.Is(err, context.Canceled):
					left.Add(1)
				case errors.Is(err, admin.ErrUnverifiable):
					refused.Add(1)
				default:
					t.Errorf("got error %v", err)
				}
			})
		}
		synctest.Wait()
		if got := refused.Load(); got != crowd-calls-waiting {
			t.Errorf("got %d refused at once, want %d", got, crowd-calls-waiting)
		}
		leave()
		all.Wait()
		if got := left.Load(); got != calls+waiting {
			t.Errorf("got %d who left, want %d", got, calls+waiting)
		}
		if _, err := w.Check(t.Context(), holding("ada-token")); !errors.Is(err, admin.ErrUnverifiable) {
			t.Errorf("the line is full: got error %v", err)
		}
		time.Sleep(callLimit)
		synctest.Wait()
		fake.Respond(nil)
		if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin {
			t.Errorf("the line is empty: got %+v and error %v", got, err)
		}
	})
}

// A workspace that hangs holds nobody up whose decision is held.
func TestHeldDecisionsNeedNoTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t, func(o *admin.WorkspaceOptions) { o.Calls = 1 })
		if _, err := w.Check(t.Context(), holding("ada-token")); err != nil {
			t.Fatal(err)
		}
		fake.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Hang: true} })
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := w.Check(t.Context(), holding("bob-token")); !errors.Is(err, admin.ErrUnverifiable) {
					t.Errorf("got error %v", err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin || time.Since(start) != 0 {
			t.Errorf("got %+v and error %v after %v", got, err, time.Since(start))
		}
		all.Wait()
	})
}

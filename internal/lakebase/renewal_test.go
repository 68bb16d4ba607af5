package lakebase_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
	"github.com/appmetrics/appmetrics/internal/lakebase"
)

// bubble runs a test in which time passes only when everybody waits.
func bubble(t *testing.T, test func(*testing.T, *desk)) {
	clearEnvironment(t)
	synctest.Test(t, func(t *testing.T) { test(t, newDesk(t)) })
}

func TestRenewalFiveMinutesBeforeExpiry(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.expect(t, "at first", 1, 1)
		time.Sleep(55*time.Minute - time.Second)
		d.expect(t, "a second early", 1, 1)
		time.Sleep(time.Second)
		d.expect(t, "when due", 2, 2)
		time.Sleep(time.Minute)
		d.expect(t, "after that", 2, 2)
		time.Sleep(24 * time.Hour)
		d.expect(t, "long expired", 3, 3)
		if w := d.warnings(); w != 0 {
			t.Errorf("got %d warnings, want none", w)
		}
	})
}

func TestOneQuestionForAllWhoWait(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.fail(workspacetest.Fault{Delay: time.Second})
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() { d.apply(t) })
		}
		group.Wait()
		if d.calls() != 1 || d.workspace.Calls(workspacetest.MePath) != 1 || d.workspace.Calls(workspacetest.EndpointPath) != 1 {
			t.Errorf("got %d questions in all, want one each for host, user and password", d.asked())
		}
	})
}

// TestNobodyWaitsForARenewal but the one who has it.
func TestNobodyWaitsForARenewal(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.apply(t)
		time.Sleep(57 * time.Minute)
		d.fail(workspacetest.Fault{Delay: 2 * time.Second})
		began := time.Now()
		var group sync.WaitGroup
		group.Go(func() {
			if c, _ := d.apply(t); c.Password != d.password(2) || time.Since(began) != 2*time.Second {
				t.Errorf("the first: got %s after %s, want the new password after 2s", c.Password, time.Since(began))
			}
		})
		synctest.Wait()
		for range 50 {
			if c, _ := d.apply(t); c.Password != d.password(1) || time.Since(began) != 0 {
				t.Errorf("another: got %s after %s, want the old password at once", c.Password, time.Since(began))
			}
		}
		group.Wait()
		d.expect(t, "renewed", 2, 2)
	})
}

func TestTheFirstMayLeave(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.fail(workspacetest.Fault{Delay: 2 * time.Second})
		leaves, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			_, err := d.Apply(leaves, parse(t, "postgres://me@h/db"))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first: got %v, want its own deadline", err)
			}
		})
		synctest.Wait()
		group.Go(func() {
			if _, err := d.Apply(t.Context(), parse(t, "postgres://me@h/db")); err != nil {
				t.Errorf("the second: %v", err)
			}
		})
		group.Wait()
		if d.calls() != 1 {
			t.Errorf("got %d calls, want 1", d.calls())
		}
	})
}

func TestAHangingWorkspaceHoldsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.fail(workspacetest.Fault{Hang: true})
		began := time.Now()
		err := d.expectError(t, "hanging")
		if !errors.Is(err, databricks.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 20*time.Second {
			t.Errorf("got %v after %s, want ErrUnavailable within the limit", err, time.Since(began))
		}
	})
}

// TestFailingRenewal: the old password is used until it expires, each failure
// is logged once, and the workspace is asked less and less often.
func TestFailingRenewal(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.apply(t)
		time.Sleep(55 * time.Minute)
		d.fail(workspacetest.Fault{Status: 503})
		for range 5 * 60 {
			if c, _ := d.apply(t); c.Password != d.password(1) {
				t.Fatalf("got %s, want the old password", c.Password)
			}
			time.Sleep(time.Second)
		}
		// After 0, 1, 3, 7, 15, 31 seconds, then every 30.
		const asked = 6 + 8
		if got := d.calls() - 1; got != asked || d.warnings() != asked {
			t.Errorf("got %d calls and %d warnings in 5 minutes, want %d of each", got, d.warnings(), asked)
		}
		err := d.expectError(t, "expired")
		if !errors.Is(err, databricks.ErrUnavailable) || !strings.Contains(err.Error(), "expired at 2000-01-01T01:00:00Z") {
			t.Errorf("got %v, want ErrUnavailable that says when it expired", err)
		}
		d.recover()
		if err := d.expectError(t, "before the next attempt"); !strings.Contains(err.Error(), "expired at") {
			t.Errorf("got %v, want that it expired", err)
		}
		time.Sleep(30 * time.Second)
		c, _ := d.apply(t)
		if c.Password != d.password(2) {
			t.Errorf("got %s, want the new password", c.Password)
		}
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log contains a password:\n%s", d.log)
		}
	})
}

func TestNoFirstCredential(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.apply(t) // host and user are known
		d = newDesk(t)
		d.fail(workspacetest.Fault{Status: 403})
		c := parse(t, "postgres://me@h/db")
		_, err := d.Apply(t.Context(), c)
		if !errors.Is(err, databricks.ErrForbidden) || !strings.Contains(err.Error(), endpoint) {
			t.Errorf("got %v, want ErrForbidden that names the endpoint", err)
		}
		if _, again := d.Apply(t.Context(), c); again == nil || d.calls() != 1 {
			t.Errorf("again: got %v after %d calls, want the same error without a call", again, d.calls())
		}
	})
}

func TestRefusedIsReplacedOnce(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		var verdicts []func(bool)
		for range 20 {
			verdicts = append(verdicts, d.expect(t, "at first", 1, 1))
		}
		d.fail(workspacetest.Fault{Delay: 100 * time.Millisecond})
		var group sync.WaitGroup
		for _, verdict := range verdicts[:19] {
			group.Go(func() {
				verdict(false)
				if c, _ := d.apply(t); c.Password != d.password(2) {
					t.Errorf("got %s, want the new password", c.Password)
				}
			})
		}
		group.Wait()
		accepted := d.expect(t, "replaced", 2, 2)
		verdicts[19](false)
		d.expect(t, "a refusal that comes late", 2, 2)
		accepted(true)
		d.expect(t, "accepted", 2, 2)(false)
		d.expect(t, "accepted and refused later", 3, 3)
	})
}

// TestRefusedAgain: when the new password is no good either, the workspace is
// not asked at every connection.
func TestRefusedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.expect(t, "at first", 1, 1)(false)
		d.expect(t, "refused", 2, 2)(false)
		for range 10 {
			d.expect(t, "refused twice", 2, 2)(false)
		}
		time.Sleep(time.Second)
		d.expect(t, "a second later", 3, 3)(false)
		time.Sleep(time.Second)
		d.expect(t, "too early", 3, 3)(false)
		time.Sleep(time.Second)
		d.expect(t, "two seconds later", 4, 4)(true)
		d.expect(t, "accepted", 4, 4)(false)
		d.expect(t, "at once again", 5, 5)
	})
}

func TestRefusedDuringAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		verdict := d.expect(t, "at first", 1, 1)
		time.Sleep(56 * time.Minute)
		d.fail(workspacetest.Fault{Refuse: true})
		d.expect(t, "not renewed", 1, 2)
		verdict(false)
		err := d.expectError(t, "refused") // asked at once, although a call has failed just now
		if d.calls() != 3 || !errors.Is(err, databricks.ErrUnavailable) || !strings.Contains(err.Error(), "the database refused") {
			t.Errorf("got %v after %d calls, want ErrUnavailable that says so after 3", err, d.calls())
		}
		d.expectError(t, "too early")
		d.recover()
		time.Sleep(2 * time.Second)
		d.expect(t, "back", 2, 4)
	})
}

// TestAClockThatIsAhead: what the workspace says is good now is used, whatever
// our clock makes of it.
func TestAClockThatIsAhead(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.lifetime = -time.Hour
		d.expect(t, "at first", 1, 1)(true)
		d.expect(t, "the next", 2, 2)(true)
	})
}

func TestRenew(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.expect(t, "at first", 1, 1)
		expiresAt, err := d.Renew(t.Context())
		if err != nil || time.Until(expiresAt) != time.Hour {
			t.Errorf("got %s, %v; want an hour from now", expiresAt, err)
		}
		d.expect(t, "renewed", 2, 2)
		d.fail(workspacetest.Fault{Status: 403})
		if _, err := d.Renew(t.Context()); !errors.Is(err, databricks.ErrForbidden) {
			t.Errorf("got %v, want ErrForbidden", err)
		}
		d.expect(t, "not renewed", 2, 3)
	})
}

func TestHostAndUserAreFoundOnce(t *testing.T) {
	clearEnvironment(t)
	for what, change := range map[string]func(*lakebase.Options){
		"endpoint": func(*lakebase.Options) {},
		"instance": func(o *lakebase.Options) { o.Endpoint, o.Instance = "", instance },
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, change)
			for range 3 {
				c, _ := d.apply(t)
				if c.Host != host || c.User != name || c.TLSConfig == nil || c.TLSConfig.ServerName != host {
					t.Errorf("got %s@%s, want %s@%s, verified", c.User, c.Host, name, host)
				}
			}
			if got := d.asked(); got != 3 {
				t.Errorf("got %d calls, want 3: host, user, password", got)
			}
		})
	}
}

func TestNamedHostAndUserAreKept(t *testing.T) {
	clearEnvironment(t)
	for what, c := range map[string]struct{ url, host, user string }{
		"by the URL":    {"postgres://grace@named.test/db", "", ""},
		"by variables":  {"postgres:///db", "named.test", "grace"},
		"by the query":  {"postgres:///db?host=named.test&user=grace", "", ""},
		"by some each":  {"postgres://named.test/db", "", "grace"},
		"without a URL": {"postgres://", "named.test", "grace"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Setenv("PGHOST", c.host)
			t.Setenv("PGUSER", c.user)
			d := newDesk(t)
			config := parse(t, c.url)
			if _, err := d.Apply(t.Context(), config); err != nil {
				t.Fatal(err)
			}
			if config.Host != "named.test" || config.User != "grace" || config.TLSConfig.ServerName != "named.test" {
				t.Errorf("got %s@%s, want what was named", config.User, config.Host)
			}
			if got := d.asked(); got != 1 {
				t.Errorf("got %d calls, want 1 for the password", got)
			}
		})
	}
}

func TestCheckAsksNobody(t *testing.T) {
	clearEnvironment(t)
	d := newDesk(t)
	if err := d.Check(parse(t, "postgres:///db")); err != nil {
		t.Error(err)
	}
	if err := d.Check(parse(t, "postgres:///db?sslmode=prefer")); err == nil {
		t.Error("without TLS: got no error")
	}
	if _, err := d.Apply(t.Context(), parse(t, "postgres://me@h/db?sslmode=prefer")); err == nil {
		t.Error("apply without TLS: got no error")
	}
	if got := d.asked(); got != 0 {
		t.Errorf("got %d calls, want none", got)
	}
}

func TestNewRefuses(t *testing.T) {
	for what, o := range map[string]lakebase.Options{
		"no login": {Endpoint: endpoint},
		"neither":  {Login: (*databricks.Login)(nil)},
		"both":     {Login: (*databricks.Login)(nil), Endpoint: endpoint, Instance: instance},
	} {
		if _, err := lakebase.New(o); err == nil {
			t.Errorf("%s: got no error", what)
		}
	}
}

package lakebase

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// questions is a login that counts, or takes for ever.
type questions struct {
	Login
	calls   int
	forever bool
}

func (q *questions) EndpointCredential(ctx context.Context, _ string) (databricks.Credential, error) {
	q.calls++
	if q.forever {
		<-ctx.Done()
		return databricks.Credential{}, ctx.Err()
	}
	return databricks.Credential{Password: "password", ExpiresAt: time.Now().Add(time.Hour)}, nil
}

// TestLateComersAskNothing: who has seen an old credential, and asks when
// another's question has just been answered, has that answer.
func TestLateComersAskNothing(t *testing.T) {
	t.Parallel()
	q := &questions{}
	c, err := New(Options{Login: q, Endpoint: "e"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.replace(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	if q.calls != 1 || c.state.current.generation != 1 {
		t.Errorf("got %d calls and generation %d, want 1 of each", q.calls, c.state.current.generation)
	}
}

// TestQuestionsEnd also where the login has no limit of its own.
func TestQuestionsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{Login: &questions{forever: true}, Endpoint: "e"})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = c.Renew(t.Context())
		if !errors.Is(err, databricks.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || time.Since(began) != timeLimit {
			t.Errorf("got %v after %s, want ErrUnavailable after %s", err, time.Since(began), timeLimit)
		}
		if _, again := c.credential(t.Context()); again == nil || again.Error() != err.Error() || errors.Is(again, context.DeadlineExceeded) {
			t.Errorf("again: got %v, want %v", again, err)
		}
	})
}

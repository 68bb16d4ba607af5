package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestQuestionsLeaveConnectionsToWrites lets more questions than the pool has
// connections wait for a lock: a batch is stored all the same.
func TestQuestionsLeaveConnectionsToWrites(t *testing.T) {
	t.Parallel()
	const poolMax, questions = 5, 10
	s, url := storetest.OpenURL(t, store.PostgreSQL, atNow, func(o *store.Options) {
		o.PoolMax, o.PoolTimeout = poolMax, 10*time.Second
	})
	db := storetest.DB(t, url)
	lock, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.ExecContext(t.Context(), `LOCK TABLE aggregated_metrics IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}

	ctx, giveUp := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for range questions {
		asking.Go(func() { _, _ = s.Summarize(ctx, store.Question{Kinds: allKinds, Range: everything}) })
	}
	defer asking.Wait()
	defer giveUp()
	for waiting := 0; waiting < poolMax-2; {
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}

	// Without connections of its own the batch would wait for the lock, too.
	bounded, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Append(bounded, history()); err != nil {
		t.Errorf("append beside %d questions that wait: %v", questions, err)
	}
}

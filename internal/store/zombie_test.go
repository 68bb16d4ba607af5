package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// hanging is a write whose first attempt hangs in a transaction that its
// process gave up, and that may still be committed.
type hanging struct {
	wire   *wire
	db     *sql.DB      // of somebody who only looks
	second *store.Store // by a connection that works
	at     metric.Position
	batch  metric.Batch
}

// hang lets an attempt get as far as the point, breaks the wire there, and has
// the process give up.
func hang(t *testing.T, isolation, point string, silence time.Duration, breakIt func(*wire)) *hanging {
	t.Helper()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	address = with(t, address, "default_transaction_isolation", isolation)
	wire, wired := newWire(t, address)
	armed := false
	first := storetest.OpenAt(t, store.Options{
		URL: wired, PoolMin: 1, PoolMax: 1, PoolTimeout: silence,
		Failpoint: func(_ context.Context, reached string) error {
			if armed && reached == point {
				breakIt(wire)
			}
			return nil
		},
	})
	t.Cleanup(wire.close)
	h := &hanging{
		wire: wire, db: storetest.DB(t, address), second: storetest.OpenAt(t, store.Options{URL: address}),
		at: metric.Position{Source: uuid.New(), To: 3, ReceivedAt: now}, batch: requestsOf(3),
	}
	// So that every statement has been described, and is one message.
	if _, err := first.AppendAt(t.Context(), requestsOf(1), metric.Position{Source: uuid.New(), To: 1}); err != nil {
		t.Fatal(err)
	}
	armed = true
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	given := make(chan error, 1)
	go func() {
		_, err := first.AppendAt(ctx, h.batch, h.at)
		given <- err
	}()
	<-wire.broken
	giveUp()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Fatalf("the first attempt: got %v, want that it was given up", err)
	}
	return h
}

// again is the second attempt, from where the database says that the source
// stands. It returns nil when the batch is stored.
func (h *hanging) again(ctx context.Context) error {
	position, err := h.second.Position(ctx, h.at.Source)
	if err != nil || position == h.at.To {
		return err
	}
	_, err = h.second.AppendAt(ctx, h.batch, h.at)
	if refused := (*metric.PositionError)(nil); errors.As(err, &refused) && refused.Actual == h.at.To {
		return nil
	}
	return err
}

// nobodyInside is so when every transaction has ended, for which its session
// need not live any more.
const nobodyInside = `NOT EXISTS (SELECT 1 FROM pg_stat_activity
	WHERE datname = current_database() AND state LIKE 'idle in transaction%')`

// until returns when this is so of some session of the database.
func (h *hanging) until(t *testing.T, condition string) {
	t.Helper()
	for is := false; !is; {
		err := h.db.QueryRowContext(t.Context(), `SELECT coalesce(bool_or(`+condition+`), false)
			FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&is)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A transaction that is committed long after its process gave it up stores
// nothing a second time, whichever attempt is the first to get there.
func TestLateCommits(t *testing.T) {
	t.Parallel()
	const (
		long  = time.Minute     // nobody counts as dead before the test is over
		short = 2 * time.Second // for which a server waits for a word
	)
	for name, test := range map[string]func(t *testing.T, isolation string){
		"before the second attempt": func(t *testing.T, isolation string) {
			h := hang(t, isolation, "append.commit", long, (*wire).stop)
			h.wire.mend()
			h.until(t, nobodyInside)
			stored(t, h, h.again(t.Context()))
		},
		"while the second attempt waits": func(t *testing.T, isolation string) {
			h := hang(t, isolation, "append.commit", long, (*wire).stop)
			second := make(chan error, 1)
			go func() { second <- h.again(t.Context()) }()
			h.until(t, `wait_event_type = 'Lock'`)
			h.wire.mend()
			stored(t, h, <-second)
		},
		"begun after the second attempt": func(t *testing.T, isolation string) {
			h := hang(t, isolation, "append.position", long, (*wire).stop)
			stored(t, h, h.again(t.Context()))
			h.wire.mend()
			h.until(t, nobodyInside)
			stored(t, h, nil)
		},
		"never": func(t *testing.T, isolation string) {
			h := hang(t, isolation, "append.commit", short, (*wire).stop)
			stored(t, h, h.again(t.Context()))
			h.wire.mend() // too late: the server has ended the session
			stored(t, h, nil)
		},
		"never, in the middle": func(t *testing.T, isolation string) {
			h := hang(t, isolation, "append.requests", short, (*wire).stop)
			stored(t, h, h.again(t.Context()))
		},
		"and the answer is lost": func(t *testing.T, isolation string) {
			h := hang(t, isolation, "append.commit", long, (*wire).deafen)
			stored(t, h, h.again(t.Context()))
		},
	} {
		for _, isolation := range []string{"read committed", "serializable"} {
			t.Run(name+"/"+isolation, func(t *testing.T) {
				t.Parallel()
				test(t, isolation)
			})
		}
	}
}

// stored fails the test unless the batch is in the database, once.
func stored(t *testing.T, h *hanging, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("the second attempt: %v", err)
	}
	const before = 1
	standsAt(t, h.second, h.at.Source, h.at.To, before+int64(h.batch.Len()))
}

package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestConcurrentWriters lets two processes' worth of writers send batches that
// share ids in different orders, while rows are retired: every id is stored
// once.
func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			first, url := storetest.OpenURL(t, engine, atNow)
			stores := []*store.Store{first, storetest.OpenAt(t, store.Options{URL: url})}
			requests := traffic(300, ago(10*day), 4*day, 3)
			renew(requests)
			const writers = 6
			var group sync.WaitGroup
			counts := make([]int, writers)
			for w := range writers {
				group.Go(func() {
					s := stores[w%2]
					for i := range 5 {
						var b metric.Batch
						b.CheckIDs = true
						for j := range 150 { // each writer begins elsewhere and steps differently
							b.Requests = append(b.Requests, requests[(w*50+i*60+j*(1+w%3))%len(requests)])
						}
						stored, err := s.Append(t.Context(), b)
						if err != nil {
							t.Errorf("writer %d: %v", w, err)
						}
						counts[w] += stored.Requests
					}
				})
			}
			group.Go(func() {
				for range 5 {
					if _, err := first.Retire(t.Context(), store.RetireRequest{RawBefore: ago(7 * day), MaxRows: 10}); err != nil {
						t.Errorf("retire: %v", err)
					}
				}
			})
			group.Wait()
			total := 0
			for _, n := range counts {
				total += n
			}
			answer := ask(t, first, store.Question{Kinds: []metric.Kind{metric.KindPerformance}})
			if len(answer) != 1 || answer[0].Count != int64(total) || total > len(requests) {
				t.Errorf("stored %d of %d ids, counted %+v", total, len(requests), figuresOf(answer))
			}
		})
	}
}

// TestRetirementYieldsToConflict makes a retirement lose a serialization
// conflict: it starts again and succeeds.
func TestRetirementYieldsToConflict(t *testing.T) {
	t.Parallel()
	var interfere func()
	s, url := storetest.OpenURL(t, store.PostgreSQL, atNow, func(o *store.Options) {
		o.Failpoint = func(_ context.Context, point string) error {
			if point == "retire.take-performance_metrics" && interfere != nil {
				interfere()
			}
			return nil
		}
	})
	b := history()
	appendAll(t, s, b)
	db := storetest.DB(t, url)
	tries := 0
	interfere = func() {
		if tries++; tries > 1 {
			return
		}
		// Another program changes a row that the snapshot still shows.
		_, err := db.ExecContext(t.Context(), `UPDATE performance_metrics SET user_id = user_id WHERE timestamp < $1`, ago(7*day))
		if err != nil {
			t.Errorf("interfere: %v", err)
		}
	}
	report := retire(t, s, store.RetireRequest{})
	if tries < 4 || report.RequestsRolled != 30 || report.Transactions != 1 {
		t.Errorf("got %d tries and %+v, want a second attempt and 30 requests in one transaction", tries, report)
	}
	same(t, "after the conflict", ask(t, s, finest), expect(b, finest))
}

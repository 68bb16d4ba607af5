package transfer_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

// However large a database is, a transaction brings only so many rows, and only
// so many rows and bytes are on their way at once.
func TestPartsAreBounded(t *testing.T) {
	t.Parallel()
	many := func(n int, metadata string) metric.Batch {
		b := metric.Batch{Events: make([]metric.Event, n)}
		for i := range b.Events {
			b.Events[i] = metric.Event{ID: uuid.New(), Timestamp: ago(day), EventType: "page_view", Success: true, Metadata: []byte(metadata)}
		}
		return b
	}
	for name, c := range map[string]struct {
		batch    metric.Batch
		partRows int64
		most     int64 // rows at once
	}{
		"rows of a transaction": {samples(400, ago(day)), 100, 100},
		"rows on their way":     {many(12_000, ""), 0, 5000},
		"bytes on their way":    {many(20, `"`+strings.Repeat("x", 1<<20)+`"`), 0, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, target := open(t, store.SQLite), open(t, store.SQLite)
			c.batch.CheckIDs = false // ids that came at once are one hour
			source.append(t, c.batch)
			var before, largest, all int64
			_, err := transfer.Run(t.Context(), transfer.Options{
				Source: source.Store, Target: target.Store, PartRows: c.partRows,
				Progress: func(done, total int64) {
					largest, before, all = max(largest, done-before), done, total
				},
			})
			if err != nil || before != all || all < int64(c.batch.Len()) {
				t.Fatalf("%d of %d rows, %v", before, all, err)
			}
			if largest > c.most {
				t.Errorf("%d rows at once, want %d at most", largest, c.most)
			}
		})
	}
}

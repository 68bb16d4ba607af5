package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestQuestionsDuringRetirement asks before every statement of a retirement,
// and while rows arrive: the count never has a gap or a row twice.
func TestQuestionsDuringRetirement(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"serializable", "read committed"} {
		t.Run(isolation, func(t *testing.T) {
			t.Parallel()
			for _, engine := range storetest.Engines() {
				t.Run(engine, func(t *testing.T) {
					t.Parallel()
					questionsDuringRetirement(t, engine, isolation)
				})
			}
		})
	}
}

func questionsDuringRetirement(t *testing.T, engine, isolation string) {
	b := history()
	var want int64
	var late *store.Store
	var check func(point string)
	s, url := storetest.OpenURL(t, engine, atNow, func(o *store.Options) {
		o.Isolation = isolation
		o.Failpoint = func(_ context.Context, point string) error {
			if check != nil {
				check(point)
			}
			return nil
		}
	})
	appendAll(t, s, b)
	for _, r := range b.Requests {
		if r.App != metric.SelfApp {
			want++
		}
	}
	late = storetest.OpenAt(t, store.Options{URL: url})
	points := 0
	check = func(point string) {
		points++
		if engine == store.PostgreSQL && point != "retire.lock" { // SQLite has one writer at a time
			at := ago(8 * day).Add(time.Duration(points) * time.Second)
			appendAll(t, late, metric.Batch{Requests: []metric.Request{request(at, "/late", 200, 1, "")}})
			want++
		}
		total := ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindPerformance}})
		if len(total) != 1 || total[0].Count != want {
			t.Errorf("before %s: got %+v, want a count of %d", point, figuresOf(total), want)
		}
	}
	report := retire(t, s, store.RetireRequest{})
	check("the end")
	if points < 10 || report.RequestsRolled < 30 {
		t.Errorf("got %d points and %+v", points, report)
	}
}

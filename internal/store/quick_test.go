package store_test

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func TestQuick(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		st, err := s.Append(t.Context(), metric.Batch{Requests: make1(120)})
		if err != nil || st.Requests != 120 {
			t.Fatal(st, err)
		}
		if err := s.CheckSchema(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Log(s.MigrationStatus(t.Context()))
	})
}

func make1(n int) (rs []metric.Request) {
	for range n {
		rs = append(rs, metric.Request{Timestamp: time.Now(), Endpoint: "/a", Method: "GET", StatusCode: 200})
	}
	return
}

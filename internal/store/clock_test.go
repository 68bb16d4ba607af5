package store_test

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestClockSkew: it is that of this machine, not of the time that a store is
// told.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if skew, err := s.ClockSkew(t.Context()); err != nil || skew.Abs() > time.Minute {
			t.Errorf("got %s, %v; want next to nothing", skew, err)
		}
	})
	s := storetest.Open(t, store.PostgreSQL, atNow)
	if skew, err := s.ClockSkew(t.Context()); err != nil || skew.Abs() > time.Minute {
		t.Errorf("of a store with a clock of its own: got %s, %v; want next to nothing", skew, err)
	}
}

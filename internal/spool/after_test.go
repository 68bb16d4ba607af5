package spool_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/spool"
)

func TestPeekAfterASource(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.must("a", "b")
	sim.kill()
	sim.must("c")
	sim.kill()
	sim.must("d")
	sources := sim.Sources()
	if len(sources) != 3 {
		t.Fatalf("sources %v, want 3", sources)
	}
	for i, want := range []string{"c", "d", ""} {
		entries, err := sim.PeekAfter(sources[i], 10, 100)
		got := ""
		for _, e := range entries {
			got += string(e.Payload)
		}
		if err != nil || got != want {
			t.Errorf("after source %d: %q, %v, want %q", i, got, err, want)
		}
	}
	if entries, err := sim.PeekAfter(uuid.New(), 10, 100); err != nil || len(entries) != 0 {
		t.Errorf("after an unknown source: %d entries, %v", len(entries), err)
	}
	if _, err := sim.Release(sources[1], 1); err != nil {
		t.Fatal(err)
	}
	if entries, err := sim.PeekAfter(sources[0], 10, 100); err != nil || len(entries) != 1 || entries[0].Source != sources[2] {
		t.Errorf("after the first, with the second released: %+v, %v", entries, err)
	}
	sim.holds("a", "b", "d")
}

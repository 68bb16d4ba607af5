package spool_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/spool"
)

func TestPeekStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	for range 10 {
		if err := sim.Append(t.Context(), spool.Record{Payload: make([]byte, 100), Samples: 10}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sim.Release(sim.Source(), 5); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		samples int
		bytes   int64
		want    int
	}{
		{0, 0, 1}, {1000, 1, 1}, {1000, 250, 2}, {1000, 300, 3}, {24, 1 << 20, 2}, {25, 1 << 20, 3}, {1000, 1 << 20, 10},
	} {
		entries, err := sim.Peek(test.samples, test.bytes)
		if err != nil || len(entries) != test.want {
			t.Errorf("peek of %d samples and %d bytes: %d entries, %v, want %d", test.samples, test.bytes, len(entries), err, test.want)
		}
	}
}

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

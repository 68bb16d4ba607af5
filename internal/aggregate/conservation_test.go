package aggregate_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// Conservation: whatever is inserted, posted or replayed when, however wrong
// the clocks are, and however often aggregation runs, runs eight times at once,
// has to begin again or is killed, the database answers as if every row ever
// accepted were still there, once. Run more histories with -rapid.checks, and
// all of them with make proof-conservation.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	t.Parallel()
	for name, on := range grounds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			saw := &tally{}
			conserve(t, on, saw)
			saw.log(t)
		})
	}
}

// conserve lets as many histories happen in a world as rapid is told to check.
func conserve(t *testing.T, on ground, saw *tally) {
	t.Helper()
	w := newWorld(t, on, saw)
	rapid.Check(t, func(t *rapid.T) {
		h, err := newPast(w)
		if err != nil {
			t.Fatal(err)
		}
		t.Repeat(h.steps())
		if err := h.oracle.check(context.Background(), h.store, h.kept()); err != nil {
			t.Fatal(err)
		}
		saw.add("histories")
	})
}

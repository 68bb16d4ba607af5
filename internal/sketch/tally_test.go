package sketch_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

func TestTallyIsExact(t *testing.T) {
	t.Parallel()
	var tally sketch.Tally
	want := map[string]uint64{}
	var total uint64
	for i := range 100_000 {
		user := strconv.Itoa(i * i % 20_011)
		n := uint64(i % 3)
		tally.Add(user, n)
		want[user] += n
		total += n
	}
	for user, n := range want {
		if got := tally.Get(user); got != n {
			t.Errorf("Get(%q) = %d, want %d", user, got, n)
		}
	}
	if tally.Total() != total {
		t.Errorf("Total() = %d, want %d", tally.Total(), total)
	}
	if got := tally.Get("nobody"); got != 0 {
		t.Errorf("Get of an unknown user = %d", got)
	}
}

func TestTallySaturates(t *testing.T) {
	t.Parallel()
	var tally sketch.Tally
	tally.Add("a", math.MaxUint64)
	tally.Add("a", 1)
	tally.Add("b", 1)
	if tally.Get("a") != math.MaxInt64 || tally.Total() != math.MaxInt64 {
		t.Errorf("got %d of %d, want both to stay at %d", tally.Get("a"), tally.Total(), math.MaxInt64)
	}
}

package sketch_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

func TestDistinctIsExactUpToMaxExact(t *testing.T) {
	t.Parallel()
	var d sketch.Distinct
	if d.Count() != 0 {
		t.Errorf("Count() of nobody = %d", d.Count())
	}
	for n := range sketch.MaxExact {
		user := "user-" + strconv.Itoa(n)
		d.Add(user)
		d.Add(user)
		if got := d.Count(); got != uint64(n+1) {
			t.Fatalf("Count() = %d after %d users", got, n+1)
		}
	}
	for n := range sketch.MaxExact {
		d.AddHash(sketch.Hash("user-" + strconv.Itoa(n)))
	}
	if got := d.Count(); got != sketch.MaxExact {
		t.Errorf("Count() = %d after all users came again, want %d", got, sketch.MaxExact)
	}
}

func TestDistinctEstimatesWithinStatedError(t *testing.T) {
	t.Parallel()
	const populations = 16
	stated := 1 / math.Sqrt(sketch.MaxExact)
	for _, users := range []int{sketch.MaxExact + 1, 10_000, 100_000} {
		var squares, worst float64
		for population := range populations {
			var d sketch.Distinct
			for user := range users {
				d.Add(strconv.Itoa(population*users + user))
			}
			off := float64(d.Count())/float64(users) - 1
			squares += off * off
			worst = max(worst, math.Abs(off))
		}
		deviation := math.Sqrt(squares / populations)
		t.Logf("%d users: standard error %.2f %%, worst of %d populations %.2f %%", users, 100*deviation, populations, 100*worst)
		if deviation > 1.3*stated || worst > 4*stated {
			t.Errorf("%d users: standard error %.4f, worst %.4f; stated %.4f", users, deviation, worst, stated)
		}
	}
}

func TestDistinctMergedFromHoursIsTheWhole(t *testing.T) {
	t.Parallel()
	var whole, merged sketch.Distinct
	for hour := range 48 {
		var h sketch.Distinct
		for i := range 1000 {
			user := strconv.Itoa(hour*300 + i)
			h.Add(user)
			whole.Add(user)
		}
		if err := merged.MergeBinary([]byte(encoded(t, &h))); err != nil {
			t.Fatal(err)
		}
	}
	if encoded(t, &merged) != encoded(t, &whole) {
		t.Error("users merged by the hour differ from users counted at once")
	}
}

func TestDistinctCountsTheZeroHash(t *testing.T) {
	t.Parallel()
	var d sketch.Distinct
	d.AddHash(0)
	d.AddHash(0)
	if got := d.Count(); got != 1 {
		t.Errorf("Count() = %d, want 1", got)
	}
}

func TestHashNeverChanges(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]uint64{
		"":                  0xef46db3751d8e999, // of the xxHash specification
		"alice@example.com": 0xc21eb846cc96c11e,
	} {
		if got := sketch.Hash(user); got != want {
			t.Errorf("Hash(%q) = %#x, want %#x: stored sketches would be worthless", user, got, want)
		}
	}
}

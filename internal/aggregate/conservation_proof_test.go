//go:build proof

package aggregate_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
)

// TestConservation is TestNothingIsLostOrCountedTwice with 10,000 histories on
// SQLite (PROOF_HISTORIES) and a fifth of them on PostgreSQL, at each of both
// isolations. It also makes sure that all that could happen did.
func TestConservation(t *testing.T) {
	histories := 10_000
	if asked := os.Getenv("PROOF_HISTORIES"); asked != "" {
		var err error
		if histories, err = strconv.Atoi(asked); err != nil {
			t.Fatalf("PROOF_HISTORIES: %v", err)
		}
	}
	for name, on := range grounds {
		number := histories
		if on.engine == store.PostgreSQL {
			number = (histories + 4) / 5
		}
		t.Run(name, func(t *testing.T) {
			saw := &tally{}
			worlds(t, on, saw, number)
			saw.log(t)
			saw.all(t, on)
		})
	}
}

// worlds shares histories out among worlds of a hundred, as many at once as
// there are processors.
func worlds(t *testing.T, on ground, saw *tally, histories int) {
	t.Helper()
	const most = 100
	number := (histories + most - 1) / most
	each := (histories + number - 1) / number
	if err := flag.Set("rapid.checks", strconv.Itoa(each)); err != nil {
		t.Fatal(err)
	}
	t.Run("worlds", func(t *testing.T) {
		for i := range number {
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				conserve(t, on, saw)
			})
		}
	})
}

// all fails the test when something never happened in any history.
func (c *tally) all(t *testing.T, on ground) {
	t.Helper()
	needed := []string{
		"answers lost", "copies refused by position", "posts refused by id", "replays refused by id",
		"replays that had been stored", "replays that were tried again", "days summed up", "rows rolled up",
		"rows and rollups expired", "runs that another one kept from it", "late samples",
		"killed before append.commit", "killed before retire.commit", "killed before coarsen.commit",
	}
	if on.engine == store.PostgreSQL {
		needed = append(needed, "forced serialization failures", "rows changed while they were taken")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, what := range needed {
		if c.times[what] == 0 {
			t.Errorf("%s: never", what)
		}
	}
}

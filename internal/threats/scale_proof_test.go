//go:build proof

package threats

import (
	"os"
	"strconv"

	"github.com/appmetrics/appmetrics/internal/store"
)

// randomPaths is how many paths the test of random paths asks for on each
// engine: PROOF_PATHS, or a million.
var randomPaths = func() map[string]int {
	n, err := strconv.Atoi(os.Getenv("PROOF_PATHS"))
	if err != nil {
		n = 1_000_000
	}
	return map[string]int{store.SQLite: n, store.PostgreSQL: n}
}()

// manyNames is how many names the test of hours posts of each kind: a quarter as
// many as paths, but enough for its hours to overflow.
var manyNames = func() map[string]int {
	n := max(randomPaths[store.SQLite]/4, 36_000)
	return map[string]int{store.SQLite: n, store.PostgreSQL: n}
}()

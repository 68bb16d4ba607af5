//go:build !proof

package threats

import "github.com/appmetrics/appmetrics/internal/store"

// randomPaths is how many paths the test of random paths asks for: 20,000 in
// all, most of them where they cost less.
var randomPaths = map[string]int{store.SQLite: 16_000, store.PostgreSQL: 4_000}

// manyNames is how many names the test of hours posts of each kind: 1,200 for each
// of its hours.
var manyNames = map[string]int{store.SQLite: 36_000, store.PostgreSQL: 36_000}

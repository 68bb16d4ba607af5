//go:build proof

package spool_test

// powerCuts is how many histories prove it.
const powerCuts = 20_000

// step: every byte.
func step() int { return 1 }

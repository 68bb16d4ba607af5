//go:build !proof

package spool_test

// powerCuts is how many histories there are in a short test.
const powerCuts = 300

// step is from one damaged byte to the next in a short test.
func step() int { return 61 }

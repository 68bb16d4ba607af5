//go:build !proof

package spool_test

import "testing"

// powerCuts is how many histories there are in a short test.
func powerCuts(testing.TB) int { return 200 }

// step is from one damaged byte to the next in a short test.
const step = 97

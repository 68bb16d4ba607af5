//go:build proof

package spool_test

import (
	"os"
	"strconv"
	"testing"
)

// powerCuts is how many histories prove it: PROOF_POWER_CUTS, or 20,000.
func powerCuts(t testing.TB) int {
	text := os.Getenv("PROOF_POWER_CUTS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("PROOF_POWER_CUTS: %v", err)
	}
	return n
}

// step: every byte.
const step = 1

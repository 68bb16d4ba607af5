package spool_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// powerCuts is how many histories there are: a few hundred, or what
// PROOF_POWER_CUTS says.
func powerCuts(t *testing.T) int {
	text := os.Getenv("PROOF_POWER_CUTS")
	if text == "" {
		return 300
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("PROOF_POWER_CUTS: %v", err)
	}
	return n
}

// Each history ends in a power cut or a kill at a random moment, with writers
// and a reader at work and a disk that refuses now and then.
func TestNothingAcknowledgedIsLostInAPowerCut(t *testing.T) {
	t.Parallel()
	for seed := range powerCuts(t) {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { newHistory(t, uint64(seed)).run() }) {
			return
		}
	}
}

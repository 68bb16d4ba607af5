package spool_test

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// Each history ends in power cuts and kills at random moments, with writers
// and a reader at work and a disk that refuses now and then.
func TestNothingAcknowledgedIsLostInAPowerCut(t *testing.T) {
	t.Parallel()
	for seed := range powerCuts(t) {
		isWell := t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newHistory(t, uint64(seed)).run() })
		})
		if !isWell {
			return
		}
	}
}

//go:build unix && !proof

package proof

// isLong says whether the proofs run with their real numbers.
const isLong = false

// size returns the number of the short version of a proof.
func size(_ string, short, _ int) int { return short }

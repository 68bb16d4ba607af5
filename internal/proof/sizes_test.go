//go:build unix && !proof

package proof

import "time"

// isLong says whether the proofs run with their real numbers.
const isLong = false

// mostHours is over how many hours of the retention samples are spread.
const mostHours = 30

// patience is how long something may take that must come, on a machine that is
// busy with other things.
const patience = 2 * time.Minute

// size returns the number of the short version of a proof.
func size(_ string, short, _ int) int { return short }

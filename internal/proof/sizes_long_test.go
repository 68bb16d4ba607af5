//go:build unix && proof

package proof

import (
	"os"
	"strconv"
	"time"
)

// isLong says whether the proofs run with their real numbers.
const isLong = true

// mostHours is over how many hours of the retention samples are spread: all.
const mostHours = 5000

// patience is how long something may take that must come, on a machine that is
// busy with other things.
const patience = 15 * time.Minute

// size returns the number that a proof is made with: that of the environment
// variable, if it is set.
func size(variable string, _, long int) int {
	value := os.Getenv(variable)
	if value == "" {
		return long
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		panic(variable + ": " + err.Error())
	}
	return n
}

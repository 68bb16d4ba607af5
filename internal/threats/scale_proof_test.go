//go:build proof

package threats

import (
	"os"
	"strconv"
)

// randomPaths is how many paths the test of random paths asks for: PROOF_PATHS,
// or a million.
var randomPaths = func() int {
	n, err := strconv.Atoi(os.Getenv("PROOF_PATHS"))
	if err != nil {
		return 1_000_000
	}
	return n
}()

//go:build !proof

package threats

// randomPaths is how many paths the test of random paths asks for.
const randomPaths = 20_000

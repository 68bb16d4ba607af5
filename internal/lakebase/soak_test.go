//go:build soak

package lakebase_test

import (
	"testing"
	"time"
)

// TestTenMinutesOfRotation also has passwords renewed because of their age:
// the next is due twenty seconds after one was handed out, and in between a
// login is refused.
func TestTenMinutesOfRotation(t *testing.T) {
	rotation{
		rotations: 20, every: 30 * time.Second, pace: 20 * time.Millisecond,
		connLifetime: 5 * time.Second, lifetime: 5*time.Minute + 20*time.Second,
	}.run(t)
}

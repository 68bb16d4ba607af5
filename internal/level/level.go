// Package level owns the warning before something is full: once at 80 %, and a
// word once there is room again. It measures nothing itself.
package level

import (
	"log/slog"
	"sync/atomic"
)

// Shares of what fits, in percent, at which something is nearly full, and at
// which it has room again.
const (
	Nearly    = 80
	roomAgain = 70
)

// Level watches how full something is. It is safe for concurrent use: of checks
// that come together one speaks.
type Level struct {
	what, then string
	isHigh     atomic.Bool
}

// New returns the level of what the log calls what. then says in words what
// happens once it is full.
func New(what, then string) *Level { return &Level{what: what, then: then} }

// Check logs a warning when the level has risen to 80 % of the capacity since it
// was checked last, and when it has fallen below 70 % again. Both numbers are in
// the unit of whoever calls. A check that finds nothing new costs a division and
// the read of a flag, and never waits.
func (l *Level) Check(log *slog.Logger, used, capacity int64) {
	percent, isHigh := used*100/max(capacity, 1), l.isHigh.Load()
	switch {
	case !isHigh && percent >= Nearly && l.isHigh.CompareAndSwap(false, true):
		log.Warn("nearly full", "what", l.what, "percent", percent, "used", used, "capacity", capacity, "when_full", l.then)
	case isHigh && percent < roomAgain && l.isHigh.CompareAndSwap(true, false):
		log.Info("there is room again", "what", l.what, "percent", percent, "used", used, "capacity", capacity)
	}
}

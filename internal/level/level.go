// Package level owns the warning before something is full: once at 80 %, and a
// word once there is room again. It measures nothing itself.
package level

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// Shares of what fits, in percent, at which something is nearly full, and at
// which it has room again.
const (
	Nearly    = 80
	roomAgain = 70
)

// pause is how long after a warning the next one comes at the earliest: what a
// few users fill and empty many times a second is one message.
const pause = time.Minute

// Level watches how full something is. It is safe for concurrent use: of checks
// that come together one speaks.
type Level struct {
	what, then string
	is         atomic.Int32
	warned     atomic.Int64 // in nanoseconds since the process began; 0: never
}

// What a Level is.
const (
	low int32 = iota
	highUnsaid
	high
)

var began = time.Now()

// New returns the level of what the log calls what. then says in words what
// happens once it is full.
func New(what, then string) *Level { return &Level{what: what, then: then} }

// Check logs a warning when the level has risen to 80 % of the capacity since it
// was checked last, and when it has fallen below 70 % again. Of what rises again
// within a minute it speaks when that is over, if it is checked and high then.
// Both numbers are in the unit of whoever calls. A check that finds nothing new
// costs a division and the read of a flag, and never waits.
func (l *Level) Check(log *slog.Logger, used, capacity int64) {
	percent, is := used*100/max(capacity, 1), l.is.Load()
	switch {
	case is != high && percent >= Nearly:
		now := int64(time.Since(began)) + 1
		if last := l.warned.Load(); last != 0 && now-last < int64(pause) {
			l.is.CompareAndSwap(low, highUnsaid)
		} else if l.is.CompareAndSwap(is, high) {
			l.warned.Store(now)
			log.Warn("nearly full", "what", l.what, "percent", percent, "used", used, "capacity", capacity, "when_full", l.then)
		}
	case is != low && percent < roomAgain && l.is.CompareAndSwap(is, low) && is == high:
		log.Info("there is room again", "what", l.what, "percent", percent, "used", used, "capacity", capacity)
	}
}

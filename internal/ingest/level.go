package ingest

import "log/slog"

// Shares of its capacity, in percent, at which a store of samples is nearly
// full, and at which it has room again.
const (
	nearlyFull = 80
	roomAgain  = 70
)

// level watches how full something is.
type level struct {
	name   string
	isHigh bool
}

// check says once that it is nearly full, and once that it has room again.
func (l *level) check(logger *slog.Logger, used, capacity int64) {
	switch percent := used * 100 / max(capacity, 1); {
	case !l.isHigh && percent >= nearlyFull:
		l.isHigh = true
		logger.Warn("nearly full: what is collected will soon be lost or refused",
			"what", l.name, "percent", percent, "used", used, "capacity", capacity)
	case l.isHigh && percent < roomAgain:
		l.isHigh = false
		logger.Info("there is room again", "what", l.name, "percent", percent, "used", used, "capacity", capacity)
	}
}

package tui

import (
	"fmt"
	"time"

	"github.com/appmetrics/appmetrics/internal/text"
)

// seen says when something was, as people would: how long ago when that was
// today in the reader's zone, else the day and the time.
func (s *shared) seen(t time.Time) string {
	if t.IsZero() {
		return text.None
	}
	at, now := t.In(s.scope.zone), s.now().In(s.scope.zone)
	switch {
	case at.Year() == now.Year() && at.YearDay() == now.YearDay():
		return s.ago(t)
	case now.Sub(at) < 300*24*time.Hour && at.Before(now):
		return at.Format("Jan _2 15:04")
	}
	return at.Format(time.DateOnly)
}

// ago says how long ago something was, in whole units; clocks that disagree by
// a little do not make it the future.
func (s *shared) ago(t time.Time) string {
	switch d := s.now().Sub(t); {
	case d < -time.Minute:
		return t.In(s.scope.zone).Format("15:04")
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

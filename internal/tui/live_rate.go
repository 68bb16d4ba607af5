package tui

import (
	"math"
	"strconv"
	"time"

	"github.com/appmetrics/appmetrics/internal/text"
)

const (
	rateSeconds = 60 // that are looked back at
	// What happened becomes visible a moment later: the newest seconds are not
	// complete, and the rate of now is that of the five before.
	rateDelay  = 2
	rateWindow = 5
)

// rates counts what happened in each second of the last minute. The zero value
// has counted nothing.
type rates struct {
	counts [rateSeconds]second
	from   int64 // the first second that is known
	now    int64 // by the source's clock
}

// second is a Unix second and what happened in it.
type second struct {
	at                       int64
	requests, events, errors int
}

// begin starts to count: before a time, not everything is known.
func (r *rates) begin(from time.Time) { *r = rates{from: from.Unix() + 1} }

func (r *rates) add(a *arrival) {
	at := a.at().Unix()
	if at <= r.now-rateSeconds || at > r.now {
		return
	}
	s := r.slot(at)
	if s.at != at {
		*s = second{at: at}
	}
	if a.request != nil {
		s.requests++
	} else {
		s.events++
	}
	if a.failed() {
		s.errors++
	}
}

func (r *rates) slot(at int64) *second {
	return &r.counts[((at%rateSeconds)+rateSeconds)%rateSeconds]
}

// perSecond returns what happens now, as an average of seconds.
func (r *rates) perSecond() (requests, events, errors float64) {
	n := 0.0
	for i := range int64(rateWindow) {
		at := r.now - rateDelay - i
		if at < r.from {
			break
		}
		n++
		if s := r.slot(at); s.at == at {
			requests, events, errors = requests+float64(s.requests), events+float64(s.events), errors+float64(s.errors)
		}
	}
	n = max(n, 1)
	return requests / n, events / n, errors / n
}

// minute returns how many requests and events came in each second of the last
// minute, oldest first; NaN where it is not known.
func (r *rates) minute() []float64 {
	values := make([]float64, rateSeconds-rateDelay)
	for i := range values {
		at := r.now - rateSeconds + 1 + int64(i)
		switch s := r.slot(at); {
		case at < r.from:
			values[i] = math.NaN()
		case s.at == at:
			values[i] = float64(s.requests + s.events)
		}
	}
	return values
}

// perSecondWords writes a rate: 0.4, 12.3, 1,204.
func perSecondWords(rate float64) string {
	if rate < 100 {
		return strconv.FormatFloat(rate, 'f', 1, 64)
	}
	return text.Count(int64(math.Round(rate)))
}

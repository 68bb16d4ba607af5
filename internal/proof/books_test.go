//go:build unix

package proof

import (
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// books is what the writers know: everything that was sent, and which of it was
// acknowledged. It is safe for concurrent use.
type books struct {
	events, requests ledger
}

// ledger is a book of one kind of samples, whose timestamps go round over some
// hours.
type ledger struct {
	isOld bool
	first time.Time // the first hour
	hours int64     // from the first to the last
	apart int64     // hours, of two samples that follow each other

	mu    sync.Mutex
	count int64
	acked int64
	sent  map[int64]entry // by key
}

type entry struct {
	writer  int16
	isAcked bool
}

// step is how far samples of one hour are apart, in microseconds.
const step = 997

// newBooks returns books of events as old as events may be, and requests as old
// as requests may be, with some hours to spare for the test.
func newBooks() *books {
	now := time.Now().UTC().Truncate(time.Hour)
	newLedger := func(isOld bool, retention time.Duration, spare time.Duration) ledger {
		hours := int64((retention - spare) / time.Hour)
		return ledger{
			isOld: isOld, hours: hours, apart: max(hours/mostHours, 1), sent: map[int64]entry{},
			first: now.Add(-time.Duration(hours) * time.Hour),
		}
	}
	return &books{
		events:   newLedger(false, metric.RawRetention, 8*time.Hour),
		requests: newLedger(true, metric.Retention, 48*time.Hour),
	}
}

// next returns n new samples of a writer.
func (l *ledger) next(writer, n int) []sample {
	l.mu.Lock()
	defer l.mu.Unlock()
	samples := make([]sample, n)
	for i := range samples {
		used := l.hours / l.apart
		key := l.first.Add(time.Duration(l.count%used*l.apart)*time.Hour).UnixMicro() + l.count/used*step
		l.count++
		l.sent[key] = entry{writer: int16(writer)}
		samples[i] = sample{key: key, writer: writer, isOld: l.isOld}
	}
	return samples
}

// ack notes that samples were acknowledged.
func (l *ledger) ack(samples []sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range samples {
		l.sent[s.key] = entry{writer: int16(s.writer), isAcked: true}
	}
	l.acked += int64(len(samples))
}

// acknowledged returns how many samples were.
func (b *books) acknowledged() int64 {
	var n int64
	for _, l := range []*ledger{&b.events, &b.requests} {
		l.mu.Lock()
		n += l.acked
		l.mu.Unlock()
	}
	return n
}

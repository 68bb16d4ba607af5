package ingest

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// part is some samples of a line with consecutive numbers: the requests, then
// the events of a batch.
type part struct {
	first      int64 // number of the first sample
	batch      metric.Batch
	isRecorded bool      // observed by this program, not posted
	at         time.Time // when it was put into the spool
}

func (p *part) end() int64 { return p.first + int64(p.batch.Len()) }

// stretch is consecutive samples of one line. Numbers may be missing between
// its parts: what had them is lost.
type stretch struct {
	parts []part
	gaps  []gap
	end   int64 // the number after the last
}

// samples returns how many there are.
func (s *stretch) samples() int {
	n := 0
	for i := range s.parts {
		n += s.parts[i].batch.Len()
	}
	return n
}

// trim leaves the first n samples.
func (s *stretch) trim(n int) {
	if n >= s.samples() {
		return
	}
	s.end = s.number(n)
	for k := range s.parts {
		p := &s.parts[k]
		if n <= p.batch.Len() {
			p.batch, s.parts = slice(p.batch, 0, n), s.parts[:k+1]
			return
		}
		n -= p.batch.Len()
	}
}

// index returns how many of the samples have numbers before at.
func (s *stretch) index(at int64) int {
	n := 0
	for i := range s.parts {
		p := &s.parts[i]
		if at < p.end() {
			return n + int(max(at-p.first, 0))
		}
		n += p.batch.Len()
	}
	return n
}

// number returns where the line stands when the first i samples are stored.
func (s *stretch) number(i int) int64 {
	for k := range s.parts {
		n := s.parts[k].batch.Len()
		if i < n || i == n && k < len(s.parts)-1 {
			return s.parts[k].first + int64(i)
		}
		i -= n
	}
	return s.end
}

// together returns how far samples from i on, and before j, may be written as one
// batch.
func (s *stretch) together(i, j int) int {
	var checks idChecks
	s.each(i, j, func(p *part, from, to int) {
		if checks.allow(p.batch) { // never again after it does not
			i += to - from
		}
	})
	return i
}

// cut returns the samples from i to j (half open) as one batch. Those of one
// part share its memory.
func (s *stretch) cut(i, j int) metric.Batch {
	var batches []metric.Batch
	s.each(i, j, func(p *part, i, j int) { batches = append(batches, slice(p.batch, i, j)) })
	return join(batches)
}

// join makes one batch of several, of which it leaves the samples as they are.
func join(batches []metric.Batch) metric.Batch {
	if len(batches) == 1 {
		return batches[0]
	}
	var all metric.Batch
	requests, events := 0, 0
	for i := range batches {
		requests += len(batches[i].Requests)
		events += len(batches[i].Events)
		all.CheckIDs = all.CheckIDs || batches[i].CheckIDs
	}
	all.Requests = make([]metric.Request, 0, requests)
	all.Events = make([]metric.Event, 0, events)
	for i := range batches {
		all.Requests = append(all.Requests, batches[i].Requests...)
		all.Events = append(all.Events, batches[i].Events...)
	}
	return all
}

// slice returns samples i to j of a batch.
func slice(b metric.Batch, i, j int) metric.Batch {
	n := len(b.Requests)
	return metric.Batch{
		Requests: b.Requests[min(i, n):min(j, n)],
		Events:   b.Events[max(i-n, 0):max(j-n, 0)],
		CheckIDs: b.CheckIDs,
	}
}

// each calls f with the parts of the samples from i to j, and which samples of
// the part they are.
func (s *stretch) each(i, j int, f func(p *part, i, j int)) {
	for k := range s.parts {
		p := &s.parts[k]
		n := p.batch.Len()
		if from, to := max(i, 0), min(j, n); from < to {
			f(p, from, to)
		}
		i, j = i-n, j-n
	}
}

// recorded returns how many of the samples from i to j were observed.
func (s *stretch) recorded(i, j int) int64 {
	var n int64
	s.each(i, j, func(p *part, i, j int) {
		if p.isRecorded {
			n += int64(j - i)
		}
	})
	return n
}

// receivedAt returns when the last of the samples before i came, which is not
// later than what comes after them.
func (s *stretch) receivedAt(i int) time.Time {
	var at time.Time
	s.each(0, max(i, 1), func(p *part, _, _ int) { at = p.at })
	return at
}

// correlation returns the correlation id of sample i.
func (s *stretch) correlation(i int) string {
	b := s.cut(i, i+1)
	switch {
	case len(b.Requests) > 0:
		return b.Requests[0].CorrelationID
	case len(b.Events) > 0:
		return b.Events[0].CorrelationID
	}
	return ""
}

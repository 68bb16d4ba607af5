package ingest

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// Reason is why samples were dropped or rejected.
type Reason string

// Reasons for which recorded requests, and samples that the spool held, are
// dropped.
const (
	QueueFull Reason = "queue_full" // no room in memory
	Refused   Reason = "refused"    // the store takes others, but not these
	Stopped   Reason = "stopped"    // recorded after Stop, or not written by it
)

// Reasons for which posted samples are rejected. Refused is one too.
const (
	Busy      Reason = "busy"       // too many wait or are being read already
	Away      Reason = "away"       // the store cannot take anything at present
	SpoolFull Reason = "spool_full" // the spool holds as much as it may
	Disk      Reason = "disk"       // the disk of the spool is full or fails
	Invalid   Reason = "invalid"    // refused before Accept
	Stopping  Reason = "stopping"   // posted after Stop
)

// DropReasons returns the reasons of Stats.DroppedBy.
func DropReasons() []Reason { return []Reason{QueueFull, Refused, Stopped} }

// RejectReasons returns the reasons of Stats.RejectedBy.
func RejectReasons() []Reason {
	return []Reason{Busy, Away, SpoolFull, Disk, Refused, Invalid, Stopping}
}

// Stats is what a queue has done and holds. Counts are of samples since New.
type Stats struct {
	Depth      int   // recorded requests that wait in memory or are being written
	DepthBytes int64 // their estimated size
	Capacity   int

	Written    int64 // recorded requests stored, by way of the spool or without
	Accepted   int64 // posted samples acknowledged: stored, or in the spool
	Spooled    int64 // samples put into the spool
	Replayed   int64 // samples stored from the spool, those of earlier runs included
	Duplicates int64 // samples that another attempt was found to have stored
	Dropped    int64 // samples lost
	Rejected   int64 // posted samples not taken; a post of unknown samples counts as one
	Late       int64 // posted events whose timestamp was replaced by the time of receipt
	Retries    int64 // writes repeated after a failure

	DroppedBy  map[Reason]int64 // Dropped by reason: every one of DropReasons
	RejectedBy map[Reason]int64 // Rejected by reason: every one of RejectReasons

	Away         bool      // the last write failed because the store is unavailable
	AwaySince    time.Time // when the first of such writes failed; zero unless Away
	OldestUnsent time.Time // of what is recorded or in the spool; zero when nothing is
	LastError    string    // of the last write; empty when it succeeded

	Spool spool.Stats // zero without a spool
}

// counts are those of Stats that only grow.
type counts struct {
	written, accepted, spooled, replayed, duplicates, late int64

	drops, rejections map[Reason]int64
}

func (c *counts) drop(reason Reason, n int) { add(&c.drops, reason, n) }

func (c *counts) reject(reason Reason, n int) { add(&c.rejections, reason, n) }

func add(to *map[Reason]int64, reason Reason, n int) {
	if *to == nil {
		*to = map[Reason]int64{}
	}
	(*to)[reason] += int64(n)
}

// overflow returns how many recorded requests found no room, or no time. What
// the store refuses is logged where it does.
func (c *counts) overflow() int64 { return c.drops[QueueFull] + c.drops[Stopped] }

func total(by map[Reason]int64) (n int64) {
	for _, some := range by {
		n += some
	}
	return n
}

// byReason returns a copy that has every one of the reasons.
func byReason(reasons []Reason, by map[Reason]int64) map[Reason]int64 {
	all := make(map[Reason]int64, len(reasons))
	for _, reason := range reasons {
		all[reason] = by[reason]
	}
	return all
}

// CountLate adds n posted events whose timestamps were replaced.
func (q *Queue) CountLate(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.late += int64(n)
}

// CountRejected adds n posted samples that were refused before Accept, for one of
// RejectReasons.
func (q *Queue) CountRejected(reason Reason, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.reject(reason, n)
}

// Stats returns what the queue holds and has done.
func (q *Queue) Stats() Stats {
	var s Stats
	if q.opts.Spool != nil {
		s.Spool = q.opts.Spool.Stats()
	}
	q.outage.describe(&s)

	q.mu.Lock()
	defer q.mu.Unlock()
	s.Depth, s.DepthBytes, s.Capacity = q.depth, q.bytes, q.opts.Capacity
	c := &q.counts
	s.Written, s.Accepted, s.Spooled, s.Replayed = c.written, c.accepted, c.spooled, c.replayed
	s.Duplicates, s.Late = c.duplicates, c.late
	s.Dropped, s.DroppedBy = total(c.drops), byReason(DropReasons(), c.drops)
	s.Rejected, s.RejectedBy = total(c.rejections), byReason(RejectReasons(), c.rejections)
	s.OldestUnsent = q.oldest()
	if at := s.Spool.OldestAt; !at.IsZero() && (s.OldestUnsent.IsZero() || at.Before(s.OldestUnsent)) {
		s.OldestUnsent = at
	}
	return s
}

// oldest returns the time of the oldest recorded request in memory. The caller
// holds q.mu.
func (q *Queue) oldest() time.Time {
	switch {
	case !q.stuckOldest.IsZero() && (q.heldOldest.IsZero() || q.stuckOldest.Before(q.heldOldest)):
		return q.stuckOldest
	case !q.heldOldest.IsZero():
		return q.heldOldest
	case len(q.full) > 0:
		return q.full[0][0].Timestamp
	case len(q.open) > 0:
		return q.open[0].Timestamp
	}
	return time.Time{}
}

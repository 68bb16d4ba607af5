package spool

import "time"

// Stats says how a spool is. Counts are since Open.
type Stats struct {
	Bytes    int64 // of all segments
	MaxBytes int64

	Samples  int64 // durable and not released
	Records  int64
	Segments int
	OldestAt time.Time // when the oldest of them was appended; zero without any. Before a segment is read, when it was begun.

	Quarantined      int64 // records that were damaged on the disk, as far as that is known
	QuarantinedBytes int64
	SetAsideBytes    int64 // kept by SetAside
	QuarantineBytes  int64 // now in the quarantine: damaged bytes and what SetAside keeps, of earlier runs too
	QuarantineMax    int64 // how many it takes
	Torn             int64 // bytes of unfinished tails, which were never acknowledged

	Syncs       int64 // groups of appends that were synced
	SyncErrors  int64
	WriteErrors int64

	IsFull    bool   // the last append met the limit or a full disk
	LastError string // what the disk said last; empty once an append has worked since
}

// Stats returns how the spool is. It waits for no disk.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.counts
	stats.Bytes, stats.MaxBytes = s.bytes(), s.opts.MaxBytes
	stats.QuarantineBytes, stats.QuarantineMax = s.quarantine.Load(), s.quarantineBound()
	stats.Segments = len(s.segments)
	for _, seg := range s.segments {
		stats.Samples += seg.samples
		stats.Records += seg.records
		if seg.records > 0 && stats.OldestAt.IsZero() {
			stats.OldestAt = seg.at
		}
	}
	return stats
}

// bytes returns what the segments take. The caller holds mu.
func (s *Spool) bytes() int64 {
	n := s.foreign
	for _, seg := range s.segments {
		n += seg.size
	}
	return n
}

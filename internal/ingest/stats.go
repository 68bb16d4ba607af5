package ingest

import "time"

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
	Busy      Reason = "busy"       // too many wait already
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
	Rejected   int64 // posted samples not taken
	Late       int64 // posted events whose timestamp was replaced by the time of receipt
	Retries    int64 // writes repeated after a failure

	DroppedBy  map[Reason]int64 // Dropped by reason: every one of DropReasons
	RejectedBy map[Reason]int64 // Rejected by reason: every one of RejectReasons

	Away         bool      // the last write failed because the store is unavailable
	AwaySince    time.Time // when the first of such writes failed; zero unless Away
	OldestUnsent time.Time // of what is recorded or in the spool; zero when nothing is
	LastError    string    // of the last write; empty when it succeeded
}

package cli

import (
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// collecting returns what the status says of samples on their way, and of who
// asked to see them.
func (p *pipeline) collecting(a *access) func() query.Collection {
	return func() query.Collection {
		c := collection(p.queue.Stats())
		if a.stats != nil {
			s := a.stats()
			c.AdminCache = &query.AdminCache{Entries: int64(s.Entries), Hits: s.Hits, Calls: s.Calls, Unanswered: s.Failures}
		}
		return c
	}
}

func collection(s ingest.Stats) query.Collection {
	c := query.Collection{
		DatabaseAwaySince: s.AwaySince,
		Queue: query.Queue{
			Depth: int64(s.Depth), Capacity: int64(s.Capacity), Bytes: s.DepthBytes, OldestUnsent: s.OldestUnsent,
			Written: s.Written, Retries: s.Retries, LastError: s.LastError,
		},
		Dropped: s.Dropped, DroppedBy: named(s.DroppedBy),
		Rejected: s.Rejected, RejectedBy: named(s.RejectedBy),
		Late: s.Late, Accepted: s.Accepted, Duplicates: s.Duplicates,
	}
	if hasSpool(s.Spool) {
		c.Spool = &query.Spool{
			Bytes: s.Spool.Bytes, CapacityBytes: s.Spool.MaxBytes, Full: s.Spool.IsFull,
			Samples: s.Spool.Samples, Records: s.Spool.Records, Segments: int64(s.Spool.Segments), Oldest: s.Spool.OldestAt,
			Spooled: s.Spooled, Replayed: s.Replayed,
			Quarantined: s.Spool.Quarantined, QuarantinedBytes: s.Spool.QuarantinedBytes, TornBytes: s.Spool.Torn,
			SyncErrors: s.Spool.SyncErrors, WriteErrors: s.Spool.WriteErrors, LastError: s.Spool.LastError,
		}
	}
	return c
}

// hasSpool says whether there is a spool: every one has a limit.
func hasSpool(s spool.Stats) bool { return s.MaxBytes > 0 }

func named(by map[ingest.Reason]int64) map[string]int64 {
	names := make(map[string]int64, len(by))
	for reason, n := range by {
		names[string(reason)] = n
	}
	return names
}

package cli

import (
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/query"
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
	return c
}

func named(by map[ingest.Reason]int64) map[string]int64 {
	names := make(map[string]int64, len(by))
	for reason, n := range by {
		names[string(reason)] = n
	}
	return names
}

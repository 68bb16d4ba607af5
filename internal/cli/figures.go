package cli

import (
	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/query"
)

// collection is what the status says of samples on their way.
func (p *pipeline) collection() query.Collection {
	s := p.queue.Stats()
	return query.Collection{
		Queue: query.Queue{
			Depth: int64(s.Depth), Capacity: int64(s.Capacity), Bytes: s.DepthBytes, OldestUnsent: s.OldestUnsent,
			Written: s.Written, Retries: s.Retries, LastError: s.LastError,
		},
		Dropped: s.Dropped, Rejected: s.Rejected, Late: s.Late, Accepted: s.Accepted,
	}
}

// gauges publishes the server's figures of samples on their way, and of who
// asked to see them.
func (p *pipeline) gauges(a *access) {
	queue := func(read func(ingest.Stats) int64) func() float64 {
		return func() float64 { return float64(read(p.queue.Stats())) }
	}
	m := p.metrics
	m.Gauge("appmetrics_queue_depth", "Samples that wait in memory.", queue(func(s ingest.Stats) int64 { return int64(s.Depth) }))
	m.Gauge("appmetrics_queue_capacity", "Samples that fit into memory.", queue(func(s ingest.Stats) int64 { return int64(s.Capacity) }))
	m.Counter("appmetrics_samples_written_total", "Observed requests that were stored.", queue(func(s ingest.Stats) int64 { return s.Written }))
	m.Counter("appmetrics_samples_accepted_total", "Posted samples that were taken for good.", queue(func(s ingest.Stats) int64 { return s.Accepted }))
	m.Counter("appmetrics_samples_dropped_total", "Observed requests that were lost.", queue(func(s ingest.Stats) int64 { return s.Dropped }))
	m.Counter("appmetrics_samples_rejected_total", "Posted samples that were not taken.", queue(func(s ingest.Stats) int64 { return s.Rejected }))
	m.Counter("appmetrics_samples_late_total", "Samples whose time was replaced by that of receipt.", queue(func(s ingest.Stats) int64 { return s.Late }))
	m.Counter("appmetrics_store_retries_total", "Writes that were tried again.", queue(func(s ingest.Stats) int64 { return s.Retries }))
	if a.stats == nil {
		return
	}
	workspace := func(read func(admin.WorkspaceStats) int64) func() float64 {
		return func() float64 { return float64(read(a.stats())) }
	}
	m.Gauge("appmetrics_admin_cache_entries", "Decisions on who is an administrator that are held.", workspace(func(s admin.WorkspaceStats) int64 { return int64(s.Entries) }))
	m.Counter("appmetrics_admin_cache_hits_total", "Checks that a decision answered.", workspace(func(s admin.WorkspaceStats) int64 { return s.Hits }))
	m.Counter("appmetrics_workspace_calls_total", "Calls to the workspace.", workspace(func(s admin.WorkspaceStats) int64 { return s.Calls }))
	m.Counter("appmetrics_workspace_calls_unanswered_total", "Checks that the workspace did not answer.", workspace(func(s admin.WorkspaceStats) int64 { return s.Failures }))
}

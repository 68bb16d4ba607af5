package cli

import (
	"fmt"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// figure is one of the server's own figures, read from s at every scrape.
type figure[S any] struct {
	name, help string
	read       func(s S) float64
}

// publish publishes figures that are read from the same source.
func publish[S any](add func(name, help string, read func() float64), source func() S, figures ...figure[S]) {
	for _, f := range figures {
		add(f.name, f.help, func() float64 { return f.read(source()) })
	}
}

// gauges publishes the server's figures of samples on their way, and of who
// asked to see them. docs/operations.md says what to do about each.
func (r *run) gauges(p *pipeline, a *access) {
	m, queue := p.metrics, p.queue.Stats
	for _, operation := range operations() {
		m.Operation(operation)
	}
	publish(m.Gauge, queue,
		figure[ingest.Stats]{"appmetrics_queue_depth", "Samples that wait in memory.", func(s ingest.Stats) float64 { return float64(s.Depth) }},
		figure[ingest.Stats]{"appmetrics_queue_capacity", "Samples that fit into memory.", func(s ingest.Stats) float64 { return float64(s.Capacity) }},
		figure[ingest.Stats]{"appmetrics_queue_bytes", "Memory that waiting samples take, about.", func(s ingest.Stats) float64 { return float64(s.DepthBytes) }},
		figure[ingest.Stats]{"appmetrics_oldest_unsent_age_seconds", "Age of the oldest sample that waits, in memory or on disk; 0 when none does.", r.age},
		figure[ingest.Stats]{"appmetrics_database_up", "1 while the database takes what is written, 0 while it is away.", func(s ingest.Stats) float64 { return one(!s.Away) }},
	)
	publish(m.Counter, queue,
		figure[ingest.Stats]{"appmetrics_samples_written_total", "Observed requests that were stored.", func(s ingest.Stats) float64 { return float64(s.Written) }},
		figure[ingest.Stats]{"appmetrics_samples_accepted_total", "Posted samples that were taken for good.", func(s ingest.Stats) float64 { return float64(s.Accepted) }},
		figure[ingest.Stats]{"appmetrics_samples_late_total", "Events whose time was replaced by that of receipt.", func(s ingest.Stats) float64 { return float64(s.Late) }},
		figure[ingest.Stats]{"appmetrics_samples_duplicate_total", "Samples that came to be stored again and were stored already.", func(s ingest.Stats) float64 { return float64(s.Duplicates) }},
		figure[ingest.Stats]{"appmetrics_store_retries_total", "Writes to the database that were tried again.", func(s ingest.Stats) float64 { return float64(s.Retries) }},
	)
	for _, reason := range ingest.DropReasons() {
		publish(m.Counter, queue, figure[ingest.Stats]{
			fmt.Sprintf("appmetrics_samples_dropped_total{reason=%q}", reason), "Samples that were lost.",
			func(s ingest.Stats) float64 { return float64(s.DroppedBy[reason]) },
		})
	}
	for _, reason := range ingest.RejectReasons() {
		publish(m.Counter, queue, figure[ingest.Stats]{
			fmt.Sprintf("appmetrics_samples_rejected_total{reason=%q}", reason), "Posted samples that were not taken, and whose sender was told so; a post whose samples are not known counts as one.",
			func(s ingest.Stats) float64 { return float64(s.RejectedBy[reason]) },
		})
	}
	m.Counter("appmetrics_questions_refused_total", "Questions that were told to come back, because there were too many at once.",
		func() float64 { return float64(p.busy.Load()) })
	if hasSpool(queue().Spool) {
		publishSpool(p)
	}
	if a.stats != nil {
		publishAccess(p, a)
	}
}

func (r *run) age(s ingest.Stats) float64 {
	if s.OldestUnsent.IsZero() {
		return 0
	}
	return max(r.now().Sub(s.OldestUnsent).Seconds(), 0)
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func publishSpool(p *pipeline) {
	stats := func() spool.Stats { return p.queue.Stats().Spool }
	publish(p.metrics.Gauge, stats,
		figure[spool.Stats]{"appmetrics_spool_bytes", "Disk that the spool takes.", func(s spool.Stats) float64 { return float64(s.Bytes) }},
		figure[spool.Stats]{"appmetrics_spool_capacity_bytes", "Disk that the spool may take.", func(s spool.Stats) float64 { return float64(s.MaxBytes) }},
		figure[spool.Stats]{"appmetrics_spool_samples", "Samples that wait on disk.", func(s spool.Stats) float64 { return float64(s.Samples) }},
		figure[spool.Stats]{"appmetrics_spool_records", "Records that hold the samples.", func(s spool.Stats) float64 { return float64(s.Records) }},
		figure[spool.Stats]{"appmetrics_spool_segments", "Files of the spool.", func(s spool.Stats) float64 { return float64(s.Segments) }},
		figure[spool.Stats]{"appmetrics_spool_full", "1 when the spool had no room for what came last.", func(s spool.Stats) float64 { return one(s.IsFull) }},
	)
	publish(p.metrics.Counter, stats,
		figure[spool.Stats]{"appmetrics_spool_syncs_total", "Groups of records that were made durable.", func(s spool.Stats) float64 { return float64(s.Syncs) }},
		figure[spool.Stats]{"appmetrics_spool_sync_errors_total", "Failures to make a file durable.", func(s spool.Stats) float64 { return float64(s.SyncErrors) }},
		figure[spool.Stats]{"appmetrics_spool_write_errors_total", "Failures to write a file.", func(s spool.Stats) float64 { return float64(s.WriteErrors) }},
		figure[spool.Stats]{"appmetrics_spool_quarantined_records_total", "Damaged records that were set aside.", func(s spool.Stats) float64 { return float64(s.Quarantined) }},
		figure[spool.Stats]{"appmetrics_spool_quarantined_bytes_total", "Size of the damaged records.", func(s spool.Stats) float64 { return float64(s.QuarantinedBytes) }},
		figure[spool.Stats]{"appmetrics_spool_torn_bytes_total", "Bytes of records that a crash left unfinished.", func(s spool.Stats) float64 { return float64(s.Torn) }},
	)
	publish(p.metrics.Counter, p.queue.Stats,
		figure[ingest.Stats]{"appmetrics_samples_spooled_total", "Samples written to disk.", func(s ingest.Stats) float64 { return float64(s.Spooled) }},
		figure[ingest.Stats]{"appmetrics_samples_replayed_total", "Samples that came from disk into the database.", func(s ingest.Stats) float64 { return float64(s.Replayed) }},
	)
}

func publishAccess(p *pipeline, a *access) {
	publish(p.metrics.Gauge, a.stats,
		figure[admin.WorkspaceStats]{"appmetrics_admin_cache_entries", "Decisions on who is an administrator that are held.", func(s admin.WorkspaceStats) float64 { return float64(s.Entries) }},
	)
	publish(p.metrics.Counter, a.stats,
		figure[admin.WorkspaceStats]{"appmetrics_admin_cache_hits_total", "Checks that a decision answered.", func(s admin.WorkspaceStats) float64 { return float64(s.Hits) }},
		figure[admin.WorkspaceStats]{"appmetrics_workspace_calls_total", "Calls to the workspace.", func(s admin.WorkspaceStats) float64 { return float64(s.Calls) }},
		figure[admin.WorkspaceStats]{"appmetrics_workspace_calls_unanswered_total", "Checks that the workspace did not answer.", func(s admin.WorkspaceStats) float64 { return float64(s.Failures) }},
	)
}

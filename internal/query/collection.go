package query

import "time"

// Collection says what becomes of samples on their way into the database.
// Counts are of samples since the process started. It has no queue with a
// capacity when the answer comes from a process that collects nothing.
type Collection struct {
	// DatabaseAwaySince is since when the database takes nothing, UTC; absent
	// while it does.
	DatabaseAwaySince time.Time `json:"database_away_since,omitzero"`
	// Queue describes the samples that wait in memory.
	Queue Queue `json:"queue"`
	// Spool describes the samples that wait on disk; nil without a spool.
	Spool *Spool `json:"spool,omitempty"`
	// Dropped counts samples that were lost: observed requests, and posted ones
	// that the database refused after they were accepted.
	Dropped int64 `json:"dropped"`
	// DroppedBy counts them by reason.
	DroppedBy map[string]int64 `json:"dropped_by,omitempty"`
	// Rejected counts posted samples that were not taken, and whose sender was
	// told so.
	Rejected int64 `json:"rejected"`
	// RejectedBy counts them by reason.
	RejectedBy map[string]int64 `json:"rejected_by,omitempty"`
	// Late counts samples whose timestamp was replaced by the time of receipt.
	Late int64 `json:"late"`
	// Accepted counts posted samples that were taken for good.
	Accepted int64 `json:"accepted"`
	// Duplicates counts samples that came to be stored again and were stored
	// already.
	Duplicates int64 `json:"duplicates"`
	// AdminCache describes what is remembered of who is an administrator; nil
	// where no workspace is asked.
	AdminCache *AdminCache `json:"admin_cache,omitempty"`
}

// Collects says whether the answer comes from a process that collects.
func (c *Collection) Collects() bool { return c.Queue.Capacity > 0 }

// Waiting returns how many samples wait to be stored, in memory and on disk.
func (c *Collection) Waiting() int64 {
	if c.Spool == nil {
		return c.Queue.Depth
	}
	return c.Queue.Depth + c.Spool.Samples
}

// inUTC returns c with its times as answers carry them.
func (c Collection) inUTC() Collection {
	c.DatabaseAwaySince, c.Queue.OldestUnsent = instant(c.DatabaseAwaySince), instant(c.Queue.OldestUnsent)
	if c.Spool != nil {
		held := *c.Spool
		held.Oldest = instant(held.Oldest)
		c.Spool = &held
	}
	return c
}

// Queue describes the samples that wait in memory.
type Queue struct {
	// Depth is the number of samples that wait to be written.
	Depth int64 `json:"depth"`
	// Capacity is the number of samples that fit.
	Capacity int64 `json:"capacity"`
	// Bytes is how much memory they take, about.
	Bytes int64 `json:"bytes"`
	// OldestUnsent is the time of the oldest sample that waits, in memory or on
	// disk, UTC; absent when none does.
	OldestUnsent time.Time `json:"oldest_unsent,omitzero"`
	// Written counts the observed requests that were stored.
	Written int64 `json:"written"`
	// Retries counts the writes that were tried again.
	Retries int64 `json:"retries"`
	// LastError says why the last write failed; absent when it succeeded.
	LastError string `json:"last_error,omitempty"`
}

// Spool describes the samples that wait on disk.
type Spool struct {
	// Bytes is how much disk the spool takes.
	Bytes int64 `json:"bytes"`
	// CapacityBytes is how much it may take.
	CapacityBytes int64 `json:"capacity_bytes"`
	// Full says that it had no room for what came last, within its capacity or
	// on its disk.
	Full bool `json:"full"`
	// Samples is the number of samples that wait to be written.
	Samples int64 `json:"samples"`
	// Records is the number of records that hold them.
	Records int64 `json:"records"`
	// Segments is the number of files.
	Segments int64 `json:"segments"`
	// Oldest is when the oldest sample that waits came to the spool, UTC;
	// absent when none waits.
	Oldest time.Time `json:"oldest,omitzero"`
	// Spooled counts the samples that were written to disk.
	Spooled int64 `json:"spooled"`
	// Replayed counts the samples that came from disk into the database.
	Replayed int64 `json:"replayed"`
	// Quarantined counts damaged records that were set aside.
	Quarantined int64 `json:"quarantined"`
	// QuarantinedBytes is their size.
	QuarantinedBytes int64 `json:"quarantined_bytes"`
	// TornBytes counts the bytes of records that a crash left unfinished, none
	// of them acknowledged.
	TornBytes int64 `json:"torn_bytes"`
	// SyncErrors counts failures to make a file durable.
	SyncErrors int64 `json:"sync_errors"`
	// WriteErrors counts failures to write a file.
	WriteErrors int64 `json:"write_errors"`
	// LastError says why the disk failed; absent when it works.
	LastError string `json:"last_error,omitempty"`
}

// AdminCache describes what is remembered of who is an administrator.
type AdminCache struct {
	// Entries is the number of decisions held, expired ones included.
	Entries int64 `json:"entries"`
	// Hits counts checks that a decision answered.
	Hits int64 `json:"hits"`
	// Calls counts calls to the workspace.
	Calls int64 `json:"calls"`
	// Unanswered counts checks that the workspace did not answer.
	Unanswered int64 `json:"unanswered"`
}

// Package spool owns a durable log of opaque records on the local disk: what
// was appended survives any crash until it is released. It knows nothing of
// what is in a record.
//
// A spool is a directory of segments, files of at most about
// Options.SegmentBytes that only grow. Records are frames with a checksum
// under a random key of their segment, and appends that come together share
// one sync. Every Open is a new source: its samples are numbered 0, 1, 2, ...,
// numbers of refused records are never given to others, and a record keeps its
// source and number for good. Which records were released is not on disk: who
// reads a spool keeps a position for each source and releases up to it after
// Open.
package spool

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// MaxRecordBytes is the longest payload of a record.
const MaxRecordBytes = 8 << 20

// Defaults of Options.
const (
	defaultMaxBytes     = 1 << 30
	defaultSegmentBytes = 16 << 20
)

// Options of Open. Everything but Dir has a zero value that works.
type Options struct {
	Dir          string // made with mode 0700 where it is missing
	MaxBytes     int64  // of all segments together; 0: 1 GiB
	SegmentBytes int64  // from when on a segment takes no more; 0: 16 MiB; an eighth of MaxBytes at most
	FS           FS     // nil: the operating system's
	Now          func() time.Time
	Logger       *slog.Logger

	// Failpoint is called at the points named in failpoints.go. An error it
	// returns takes the place of what the disk would have said there.
	Failpoint func(point string) error
}

// Record is what is appended.
type Record struct {
	Payload []byte // MaxRecordBytes at most
	Samples int    // how many samples it counts for, at least one
}

// Entry is a record as it is read back.
type Entry struct {
	Source  uuid.UUID
	First   int64     // number of its first sample
	Samples int       // how many samples it has
	Done    int       // how many of them are released already
	At      time.Time // when it was appended; never before an earlier record of its source
	Payload []byte
}

// Spool is an open spool. It is safe for concurrent use.
//
// Locks are taken in this order: turn, reading, mu. Nothing waits for the disk
// while it holds mu.
type Spool struct {
	opts   Options
	log    *slog.Logger
	lock   io.Closer
	owner  string // what the directory says of who has it
	source uuid.UUID
	ready  chan struct{}
	turn   chan struct{} // capacity 1: who has put its token in writes segments

	reading      sync.Mutex   // held while segments are read, closed or removed
	window       []byte       // what frames are read through
	quarantine   atomic.Int64 // bytes in the quarantine
	isAsideNamed bool         // this run has synced the name of the file of what is set aside

	mu       sync.Mutex
	segments []*segment // oldest first
	active   *segment   // the last one, while it can be appended to; else nil
	number   int64      // of the next segment
	next     int64      // number of the next sample
	lastAt   time.Time  // no record is dated before it
	groups   []*group   // waiting to be written, oldest first
	spare    []byte     // for the frames of a group
	waiting  int64      // bytes in groups and in the one being written
	foreign  int64      // bytes of files that are not ours to read
	closed   bool
	counts   Stats // the counts, IsFull and LastError
}

// Open opens the spool in o.Dir, after any crash, and begins a new source. It
// reads the last segment and the headers of the others; what the disk does not
// give back it tries to read for ten seconds. It returns a *LockedError when
// another spool has the directory open, or what the disk said; nothing is lost
// by that.
func Open(o Options) (*Spool, error) {
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.SegmentBytes = max(min(cmp.Or(o.SegmentBytes, defaultSegmentBytes), o.MaxBytes/8), headerBytes+1)
	if o.FS == nil {
		o.FS = osFS{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	source, err := uuid.NewRandom()
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	owner := ownerText()
	lock, err := lockDir(o.FS, o.Dir, owner)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	s := &Spool{
		opts: o, log: o.Logger, lock: lock, owner: owner, source: source,
		ready: make(chan struct{}, 1), turn: make(chan struct{}, 1),
	}
	if err := s.recover(); err != nil {
		s.closeFiles()
		_ = lock.Close() // what recovery met is what counts
		return nil, fmt.Errorf("open spool: %w", err)
	}
	return s, nil
}

// Close ends the spool and keeps what is in it; of one that holds nothing, no
// segment remains. It waits for the write under way; appends that still wait
// get ErrClosed. A second call does nothing.
func (s *Spool) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	wasClosed, waiting := s.closed, s.groups
	s.closed, s.groups, s.waiting = true, nil, 0
	s.mu.Unlock()
	if wasClosed {
		return nil
	}
	for _, g := range waiting {
		g.finish(ErrClosed)
	}
	s.seal()
	s.mu.Lock()
	s.active = nil
	s.mu.Unlock()
	if err := s.tidy(); err != nil {
		s.noteFailure(nil, err) // it stays for the next run
	}
	s.closeFiles()
	if err := s.lock.Close(); err != nil {
		return fmt.Errorf("close spool: %w", err)
	}
	return nil
}

// closeFiles closes every open segment. The caller holds reading, or is alone.
func (s *Spool) closeFiles() {
	s.mu.Lock()
	segments := s.segments
	s.mu.Unlock()
	for _, seg := range segments {
		seg.close()
	}
}

// Ready returns a channel of capacity one on which a value waits after
// something was appended. It is never closed.
func (s *Spool) Ready() <-chan struct{} { return s.ready }

// Source returns the source of what is appended to s.
func (s *Spool) Source() uuid.UUID { return s.source }

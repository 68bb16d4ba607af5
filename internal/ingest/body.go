package ingest

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/appmetrics/appmetrics/internal/level"
)

const (
	// firstBytes is what every body gets, before anything of it is there and
	// whatever others hold: as much as a tracker sends at a time. From then on
	// it needs room, each time for as much again as it has filled.
	firstBytes = 8 << 10

	// unzipBytes is about what gzip holds beside what it has inflated.
	unzipBytes = 64 << 10
)

// ErrNoRoom is the reason inside an UnavailableError for a body that is one too
// many.
var ErrNoRoom = errors.New("too many posted bodies are being read at once")

// ErrTooSlow is the error of a body that was not there when the time for it, which
// its reader knows, was up: [os.ErrDeadlineExceeded].
var ErrTooSlow = errors.New("the body did not arrive in time; send it again")

// Bodies bounds the memory of all the bodies that are being read and decoded at
// a time, but for the first 8 KiB of each: large ones and slow ones must not keep
// small ones out. Safe for concurrent use.
type Bodies struct {
	room  *semaphore.Weighted
	most  int64
	held  atomic.Int64 // of most
	level *level.Level
	log   *slog.Logger
}

// NewBodies returns room for so many bytes.
func NewBodies(most int64) *Bodies {
	return &Bodies{
		room: semaphore.NewWeighted(most), most: most, log: slog.New(slog.DiscardHandler),
		level: level.New("room for posted bodies", "posts of more than 8 KiB are refused with 503"),
	}
}

// WarnTo says in the log when the room is nearly full. Call it before the first
// body is read.
func (b *Bodies) WarnTo(log *slog.Logger) { b.log = log }

// changed notes that so many bytes more are held.
func (b *Bodies) changed(bytes int64) { b.level.Check(b.log, b.held.Add(bytes), b.most) }

// body is one that is being read, and its share of the room.
type body struct {
	all  *Bodies // nil: no bound
	held int64
	data []byte
}

// hold takes more of the room, if there is any.
func (b *body) hold(bytes int64) error {
	if b.all == nil {
		return nil
	}
	if !b.all.room.TryAcquire(bytes) {
		return &UnavailableError{RetryAfter: time.Second, Err: ErrNoRoom}
	}
	b.held += bytes
	b.all.changed(bytes)
	return nil
}

// release gives back what was held. The body must not be looked at any more.
func (b *body) release() {
	if b.all != nil {
		b.all.room.Release(b.held)
		b.all.changed(-b.held)
	}
}

// read reads and decompresses it.
func (b *body) read(r io.Reader, encoding string) error {
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip":
		if err := b.hold(unzipBytes); err != nil {
			return err
		}
		unzip, err := gzip.NewReader(io.LimitReader(r, MaxEncodedBytes+1))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return ErrTooSlow
		}
		if err != nil {
			return bodyError("body", "", "not a gzip stream")
		}
		r = unzip
	default:
		return ErrEncoding
	}
	err := b.fill(r)
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, &corrupt):
		return bodyError("body", "", "cut short or damaged")
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrNoRoom):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTooSlow
	case err != nil:
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

// fill reads to the end, in room that grows with what has come.
func (b *body) fill(r io.Reader) error {
	for {
		if len(b.data) == cap(b.data) {
			if err := b.grow(); err != nil {
				return err
			}
		}
		n, err := r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		switch {
		case len(b.data) > MaxBodyBytes:
			return ErrTooLarge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (b *body) grow() error {
	size := firstBytes
	if b.data != nil {
		size = min(2*cap(b.data), MaxBodyBytes+1)
		if err := b.hold(int64(size - cap(b.data))); err != nil {
			return err
		}
	}
	larger := make([]byte, len(b.data), size)
	copy(larger, b.data)
	b.data = larger
	return nil
}

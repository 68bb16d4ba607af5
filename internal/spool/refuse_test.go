package spool_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// besideTruncate is a file system on which others get their chance while a file
// is cut back.
type besideTruncate struct {
	spool.FS
	others func(isClosed *atomic.Bool)
}

type truncatedFile struct {
	spool.File
	isClosed *atomic.Bool
	others   func(isClosed *atomic.Bool)
}

func (b besideTruncate) OpenFile(name string, flag int, perm fs.FileMode) (spool.File, error) {
	f, err := b.FS.OpenFile(name, flag, perm)
	if err != nil || flag&os.O_EXCL == 0 {
		return f, err
	}
	return &truncatedFile{File: f, isClosed: new(atomic.Bool), others: b.others}, nil
}

func (f *truncatedFile) Truncate(size int64) error {
	f.others(f.isClosed)
	return f.File.Truncate(size)
}

func (f *truncatedFile) Close() error {
	f.isClosed.Store(true)
	return f.File.Close()
}

// Whoever empties a spool while the disk refuses an append must not take the
// file away from under the refusal.
func TestARefusalBesideWhoEmptiesTheSpool(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	var peeked sync.WaitGroup
	sim.opts.FS = besideTruncate{FS: sim.disk.FS(), others: func(isClosed *atomic.Bool) {
		peeked.Go(func() {
			if _, err := sim.Peek(10, 10); err != nil {
				t.Errorf("peek: %v", err)
			}
		})
		const turns = 10_000 // more than enough to get that far
		for range turns {
			if runtime.Gosched(); isClosed.Load() {
				t.Error("the file was closed while it was cut back")
				return
			}
		}
	}}
	s, err := spool.Open(sim.opts)
	if err != nil {
		t.Fatal(err)
	}
	sim.Spool = s
	sim.disk.Fail(failing(simfs.OpSync, syscall.EIO, 2)) // the first is that of the header
	sim.refuses("x")
	peeked.Wait()
	sim.must("next")
	sim.holds("next")
}

// A panic on the way to the disk is that of one append: those that waited with
// it hear that they are refused, and the next is written.
func TestAPanicHoldsUpNobody(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"spool.write", "spool.sync", "spool.synced"} {
		synctest.Test(t, func(t *testing.T) {
			first := newGate("spool.sync")
			passes := 0
			sim := simulate(t, spool.Options{Failpoint: func(at string) error {
				if at == point {
					if passes++; passes == 2 {
						panic("no luck")
					}
				}
				return first.failpoint(at)
			}})
			go sim.must("first")
			synctest.Wait() // it has the turn, the others form a group
			ends := make(chan error, 2)
			for range 2 {
				go func() {
					var err error
					defer func() {
						if recover() != nil {
							err = errPanic
						}
						ends <- err
					}()
					err = sim.append("refused")
				}()
			}
			synctest.Wait()
			close(first.pass)
			var refused *spool.DiskError
			if err := errors.Join(<-ends, <-ends); !errors.Is(err, errPanic) || !errors.As(err, &refused) {
				t.Errorf("%s: %v, want a panic and a refusal", point, err)
			}
			sim.must("next")
			if got := sim.Stats().Samples; got != 2 {
				t.Errorf("%s: %d samples, want 2", point, got)
			}
			sim.kill()
			sim.holds("first", "next")
		})
	}
}

// Nor does one while what is released is removed, to make room for what comes.
func TestAPanicWhileRoomIsMadeHoldsUpNobody(t *testing.T) {
	t.Parallel()
	isUnlucky := false
	sim := simulate(t, spool.Options{SegmentBytes: 10_000, Failpoint: func(at string) error {
		if isUnlucky && at == "spool.remove" {
			isUnlucky = false
			panic("no luck")
		}
		return nil
	}})
	long := strings.Repeat("x", 10_000)
	sim.must(long)
	sim.holds(long)
	isUnlucky = true
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_ = sim.append("refused")
	}()
	sim.must("next")
	sim.holds("next")
}

var errPanic = errors.New("panic")

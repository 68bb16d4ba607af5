package spool_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// BenchmarkAppend is about records of 1 KiB on the disk of the temporary
// directory.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 64, 128} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			s := open(b, spool.Options{Dir: b.TempDir(), MaxBytes: 64 << 30})
			record := spool.Record{Payload: bytes.Repeat([]byte("x"), 1<<10), Samples: 1}
			b.SetBytes(1 << 10)
			b.ReportAllocs()
			b.ResetTimer()
			var running sync.WaitGroup
			for w := range writers {
				running.Go(func() {
					for i := w; i < b.N; i += writers {
						if err := s.Append(context.Background(), record); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			running.Wait()
			b.ReportMetric(float64(b.N)/float64(max(s.Stats().Syncs, 1)), "appends/sync")
		})
	}
}

// fill makes a spool of this size, in records of 64 KiB.
func fill(b *testing.B, dir string, size int64) {
	b.Helper()
	s, err := spool.Open(spool.Options{Dir: dir, MaxBytes: 4 << 30})
	if err != nil {
		b.Fatal(err)
	}
	records := make([]spool.Record, 32)
	for i := range records {
		records[i] = spool.Record{Payload: bytes.Repeat([]byte{byte(i)}, 64<<10), Samples: 1000}
	}
	for n := int64(0); n < size; n += int64(len(records)) * (64 << 10) {
		if err := s.Append(context.Background(), records...); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range []int64{256 << 20, 1 << 30} {
		b.Run(fmt.Sprint("MiB=", size>>20), func(b *testing.B) {
			dir := b.TempDir()
			fill(b, dir, size)
			b.ReportAllocs()
			for b.Loop() {
				s, err := spool.Open(spool.Options{Dir: dir, MaxBytes: 4 << 30})
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDrain reads and releases batches of a megabyte.
func BenchmarkDrain(b *testing.B) {
	dir := b.TempDir()
	fill(b, dir, 256<<20)
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	var s *spool.Spool
	b.ResetTimer()
	for range b.N {
		var entries []spool.Entry
		for len(entries) == 0 {
			var err error
			if s == nil {
				b.StopTimer()
				if s, err = spool.Open(spool.Options{Dir: dir, MaxBytes: 4 << 30}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			if entries, err = s.Peek(1<<20, 1<<20); err != nil {
				b.Fatal(err)
			}
			if len(entries) == 0 { // emptied: fill it again
				b.StopTimer()
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				fill(b, dir, 256<<20)
				s = nil
				b.StartTimer()
			}
		}
		last := entries[len(entries)-1]
		if _, err := s.Release(last.Source, last.First+int64(last.Samples)); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

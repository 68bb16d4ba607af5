package spool_test

import (
	"fmt"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
)

func open(t testing.TB, o spool.Options) *spool.Spool {
	t.Helper()
	s, err := spool.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func payloads(entries []spool.Entry) (got []string) {
	for _, e := range entries {
		got = append(got, string(e.Payload))
	}
	return got
}

func TestWhatWasAppendedIsThereAfterOpeningAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, spool.Options{Dir: dir})
	for i := range 3 {
		if err := s.Append(t.Context(), spool.Record{Payload: fmt.Append(nil, "r", i), Samples: i + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, spool.Options{Dir: dir})
	entries, err := s.Peek(100, 1<<20)
	if got := fmt.Sprint(payloads(entries)); err != nil || got != "[r0 r1 r2]" {
		t.Fatalf("peek: %s, %v", got, err)
	}
	if e := entries[2]; e.First != 3 || e.Samples != 3 || e.Done != 0 || e.Source != s.Sources()[0] {
		t.Errorf("third entry: %+v", e)
	}
	if isGone, err := s.Release(entries[0].Source, 4); err != nil || isGone {
		t.Errorf("release of a part: gone %v, %v", isGone, err)
	}
	entries, err = s.Peek(100, 1<<20)
	if err != nil || len(entries) != 1 || entries[0].Done != 1 {
		t.Errorf("after release of a part: %+v, %v", entries, err)
	}
	if stats := s.Stats(); stats.Samples != 2 || stats.Records != 1 || stats.Quarantined != 0 {
		t.Errorf("stats: %+v", stats)
	}
	if isGone, err := s.Release(entries[0].Source, 6); err != nil || !isGone {
		t.Errorf("release of all: gone %v, %v", isGone, err)
	}
	if stats := s.Stats(); stats.Samples != 0 || stats.Records != 0 || stats.Bytes != 0 || stats.Segments != 0 {
		t.Errorf("stats of an empty spool: %+v", stats)
	}
}

// Who sets no bounds has some.
func TestDefaultsAreBounds(t *testing.T) {
	t.Parallel()
	s := open(t, spool.Options{Dir: t.TempDir()})
	if got := s.Stats().MaxBytes; got != 1<<30 {
		t.Errorf("%d bytes at most, want 1 GiB", got)
	}
	largest := spool.Record{Payload: make([]byte, spool.MaxRecordBytes), Samples: 1}
	for i, want := range []int{1, 1, 2} {
		if err := s.Append(t.Context(), largest); err != nil {
			t.Fatal(err)
		}
		if got := s.Stats().Segments; got != want {
			t.Errorf("%d segments of %d MiB, want %d", got, (i+1)*8, want)
		}
	}
}

package spool_test

import (
	"path/filepath"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
)

func TestWhetherSomebodyLeftRecords(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	if spool.HoldsRecords(dir) {
		t.Error("records in a directory that is not there")
	}
	s := open(t, spool.Options{Dir: dir})
	if err := s.Append(t.Context(), spool.Record{Payload: []byte("x"), Samples: 1}); err != nil {
		t.Fatal(err)
	}
	if spool.HoldsRecords(dir) {
		t.Error("records of an open spool are somebody's leftovers")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !spool.HoldsRecords(dir) {
		t.Error("no records in a closed spool with one")
	}
	s = open(t, spool.Options{Dir: dir})
	if _, err := s.Release(s.Sources()[0], 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), spool.Record{Payload: []byte("x"), Samples: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Release(s.Source(), 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if spool.HoldsRecords(dir) {
		t.Error("records in a spool that was emptied and closed")
	}
}
